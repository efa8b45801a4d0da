"""Draws the waveforms of a song, whole and in detail: the original and the reconstructions."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from report.figures import style
from report.figures.song_audio import Sound, Sounds, Waveform, read
from report.prose.words import Words

DETAIL = 0.012
"""Seconds of the detail, taken where the original is loudest."""
COLUMNS = 500
"""Extremes drawn for the whole clip: about two a millimetre on paper."""
BLOCK = 2**20
"""Samples in memory at once."""


def draw_files(sounds: Sounds, rate: int, words: Words, path: Path) -> None:
    """As `draw`, from files.

    Raises:
        ReportError: a file cannot be read.
    """
    draw(read(sounds), rate, words, path)


def draw(sounds: Mapping[str, Sound], rate: int, words: Words, path: Path) -> None:
    """Write the figure: a row a version, the whole clip at left and a few milliseconds at right.

    `sounds` maps labels to waveforms of equal length at `rate` Hz; the first is the original
    and stands behind each detail. All axes are shared.
    """
    original = next(iter(sounds.values()))
    start = loudest(original, round(DETAIL * rate))
    detail = slice(start, start + round(DETAIL * rate))
    envelopes = {label: envelope(sound, rate) for label, sound in sounds.items()}
    peak = max(float(max(-low.min(), high.max())) for low, high, _ in envelopes.values())
    colours = [style.INK, *style.series(len(sounds) - 1)] if len(sounds) > 1 else [style.INK]
    row, top, bottom = 1.02, 0.65, 1.0
    height = len(sounds) * row + top + bottom
    made = style.figure(height)
    for index, ((label, sound), colour) in enumerate(zip(sounds.items(), colours, strict=True)):
        y = (bottom + (len(sounds) - 1 - index) * row + 0.08) / height
        whole = made.add_axes((0.085, y, 0.555, (row - 0.16) / height))
        close = made.add_axes((0.675, y, 0.31, (row - 0.16) / height))
        low, high, seconds = envelopes[label]
        whole.fill_between(seconds, low, high, color=colour, linewidth=0.2)
        whole.axvspan(start / rate, detail.stop / rate, color=style.ACCENT, alpha=0.35, linewidth=0)
        milliseconds = np.arange(detail.start, detail.stop) / rate * 1000 - start / rate * 1000
        if index:
            close.plot(milliseconds, original[detail], color=style.FAINT, linewidth=2.4)
        close.plot(milliseconds, sound[detail], color=colour, linewidth=1.0)
        whole.set_xlim(0, len(sound) / rate)
        close.set_xlim(0, DETAIL * 1000)
        last = index == len(sounds) - 1
        for axes in (whole, close):
            axes.set_ylim(-1.04 * peak, 1.04 * peak)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.spines["bottom"].set_visible(last)
            axes.tick_params(bottom=last, labelbottom=last)
            axes.axhline(0, color=style.FAINT, linewidth=0.4, zorder=0)
            axes.xaxis.set_major_locator(MaxNLocator(6, steps=(1, 2, 5, 10)))
            style.comma(axes.xaxis)
        whole.text(
            -0.02, 0.5, label, transform=whole.transAxes, ha="right", va="center_baseline",
            weight=600,
        )  # fmt: skip
        if index == 0:
            whole.set_title(words("figures.whole"), loc="left", pad=4, color=style.SOFT)
            close.set_title(words("figures.detail"), loc="left", pad=4, color=style.SOFT)
        if last:
            whole.set_xlabel(words("figures.seconds"), labelpad=2)
            close.set_xlabel(words("figures.milliseconds"), labelpad=2)
    style.save(made, path)


def loudest(sound: Sound, length: int) -> int:
    """First sample of the window of `length` samples that holds the most energy."""
    most, place = -1.0, 0
    for start in range(0, len(sound) - length + 1, BLOCK):
        block = sound[start : min(start + BLOCK + length - 1, len(sound))]
        energy = np.concatenate([[0.0], np.cumsum(block.astype(np.float64) ** 2)])
        windows = energy[length:] - energy[:-length]
        found = int(np.argmax(windows))
        if windows[found] > most:
            most, place = float(windows[found]), start + found
    return place


def envelope(sound: Sound, rate: int) -> tuple[Waveform, Waveform, Waveform]:
    """Least and greatest sample of each column, and the columns' time in seconds."""
    edges = np.linspace(0, len(sound), COLUMNS + 1).astype(int)
    low, high = np.empty((2, COLUMNS), np.float32)
    together = max(1, BLOCK * COLUMNS // len(sound))
    for first in range(0, COLUMNS, together):
        columns = slice(first, min(first + together, COLUMNS))
        block = sound[edges[columns.start] : edges[columns.stop]]
        places = edges[columns] - edges[columns.start]
        low[columns] = np.minimum.reduceat(block, places)
        high[columns] = np.maximum.reduceat(block, places)
    return low, high, (edges[:-1] / rate).astype(np.float32)
