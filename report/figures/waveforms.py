"""Draws the waveforms of a song, whole and in detail: the original and the reconstructions."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from report.figures import style
from report.figures.sound import Waveform
from report.words import Words

DETAIL = 0.012
"""Seconds of the detail, taken where the original is loudest."""
COLUMNS = 500
"""Extremes drawn for the whole clip: about two a millimetre on paper."""


def draw(sounds: Mapping[str, Waveform], rate: int, words: Words, path: Path) -> None:
    """Write the figure: a row a version, the whole clip at left and a few milliseconds at right.

    `sounds` maps labels to waveforms of equal length at `rate` Hz; the first is the original
    and stands behind each detail. All axes are shared.
    """
    original = next(iter(sounds.values()))
    start = loudest(original, round(DETAIL * rate))
    detail = slice(start, start + round(DETAIL * rate))
    peak = max(float(np.abs(sound).max()) for sound in sounds.values())
    colours = [style.INK, *style.series(len(sounds) - 1)] if len(sounds) > 1 else [style.INK]
    row, top, bottom = 1.02, 0.65, 1.0
    height = len(sounds) * row + top + bottom
    made = style.figure(height)
    for index, ((label, sound), colour) in enumerate(zip(sounds.items(), colours, strict=True)):
        y = (bottom + (len(sounds) - 1 - index) * row + 0.08) / height
        whole = made.add_axes((0.085, y, 0.555, (row - 0.16) / height))
        close = made.add_axes((0.675, y, 0.31, (row - 0.16) / height))
        low, high, seconds = envelope(sound, rate)
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


def loudest(sound: Waveform, length: int) -> int:
    """First sample of the window of `length` samples that holds the most energy."""
    energy = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    return int(np.argmax(energy[length:] - energy[:-length]))


def envelope(sound: Waveform, rate: int) -> tuple[Waveform, Waveform, Waveform]:
    """Least and greatest sample of each column, and the columns' time in seconds."""
    edges = np.linspace(0, len(sound), COLUMNS + 1).astype(int)[:-1]
    low = np.minimum.reduceat(sound, edges)
    high = np.maximum.reduceat(sound, edges)
    return low, high, (edges / rate).astype(np.float32)
