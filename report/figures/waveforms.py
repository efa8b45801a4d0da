"""Figure: waveforms of a song, the original and its reconstructions, whole and in detail."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from report.figures import style
from report.figures.song_audio import Audio, SongFiles, Waveform, read_files
from report.language.words import Words

DETAIL_SECONDS = 0.012
"""Length of the detail, taken where the original is loudest."""
ENVELOPE_COLUMNS = 500
"""Number of minima and maxima drawn for the whole clip, about two per millimetre on paper."""
BLOCK_SAMPLES = 2**20
"""Samples in memory at a time."""


def draw_files(files: SongFiles, rate: int, words: Words, path: Path) -> None:
    """Write the figure of `draw` from audio files.

    Raises:
        ReportError: a file cannot be read.
    """
    draw(read_files(files), rate, words, path)


def draw(versions: Mapping[str, Audio], rate: int, words: Words, path: Path) -> None:
    """Write the figure: one row per version, whole on the left, some milliseconds on the right.

    All axes are shared, and the original is drawn behind each detail.

    Args:
        versions: label to samples, all of equal length; the first is the original.
        rate: sampling rate in Hz.
    """
    original = next(iter(versions.values()))
    start = loudest_window(original, round(DETAIL_SECONDS * rate))
    detail = slice(start, start + round(DETAIL_SECONDS * rate))
    envelopes = {label: envelope(audio, rate) for label, audio in versions.items()}
    peak = max(float(max(-low.min(), high.max())) for low, high, _ in envelopes.values())
    colours = [style.INK]
    if len(versions) > 1:
        colours += style.size_colours(len(versions) - 1)
    row, top, bottom = 1.02, 0.65, 1.0
    height = len(versions) * row + top + bottom
    fig = style.figure(height)
    for index, ((label, audio), colour) in enumerate(zip(versions.items(), colours, strict=True)):
        y = (bottom + (len(versions) - 1 - index) * row + 0.08) / height
        whole = fig.add_axes((0.085, y, 0.555, (row - 0.16) / height))
        close = fig.add_axes((0.675, y, 0.31, (row - 0.16) / height))
        low, high, seconds = envelopes[label]
        whole.fill_between(seconds, low, high, color=colour, linewidth=0.2)
        whole.axvspan(start / rate, detail.stop / rate, color=style.ACCENT, alpha=0.35, linewidth=0)
        milliseconds = np.arange(detail.start, detail.stop) / rate * 1000 - start / rate * 1000
        if index:
            close.plot(milliseconds, original[detail], color=style.FAINT, linewidth=2.4)
        close.plot(milliseconds, audio[detail], color=colour, linewidth=1.0)
        whole.set_xlim(0, len(audio) / rate)
        close.set_xlim(0, DETAIL_SECONDS * 1000)
        last = index == len(versions) - 1
        for axes in (whole, close):
            axes.set_ylim(-1.04 * peak, 1.04 * peak)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.spines["bottom"].set_visible(last)
            axes.tick_params(bottom=last, labelbottom=last)
            axes.axhline(0, color=style.FAINT, linewidth=0.4, zorder=0)
            axes.xaxis.set_major_locator(MaxNLocator(6, steps=(1, 2, 5, 10)))
            style.use_spanish_numbers(axes.xaxis)
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
    style.save(fig, path)


def loudest_window(audio: Audio, length: int) -> int:
    """Return the first sample of the window of `length` samples with the most energy."""
    highest, best = -1.0, 0
    for start in range(0, len(audio) - length + 1, BLOCK_SAMPLES):
        block = audio[start : min(start + BLOCK_SAMPLES + length - 1, len(audio))]
        energy = np.concatenate([[0.0], np.cumsum(block.astype(np.float64) ** 2)])
        windows = energy[length:] - energy[:-length]
        offset = int(np.argmax(windows))
        if windows[offset] > highest:
            highest, best = float(windows[offset]), start + offset
    return best


def envelope(audio: Audio, rate: int) -> tuple[Waveform, Waveform, Waveform]:
    """Return minima, maxima and start times in seconds of `ENVELOPE_COLUMNS` columns."""
    edges = np.linspace(0, len(audio), ENVELOPE_COLUMNS + 1).astype(int)
    low, high = np.empty((2, ENVELOPE_COLUMNS), np.float32)
    step = max(1, BLOCK_SAMPLES * ENVELOPE_COLUMNS // len(audio))
    for first in range(0, ENVELOPE_COLUMNS, step):
        columns = slice(first, min(first + step, ENVELOPE_COLUMNS))
        block = audio[edges[columns.start] : edges[columns.stop]]
        places = edges[columns] - edges[columns.start]
        low[columns] = np.minimum.reduceat(block, places)
        high[columns] = np.maximum.reduceat(block, places)
    return low, high, (edges[:-1] / rate).astype(np.float32)
