"""Draws the spectrograms of a song: the original and a family's reconstructions, one scale."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from report.figures import style
from report.figures.song_audio import Sound, Sounds, Waveform, read
from report.prose.words import Words

WINDOW = 1024
HOP = 256
STEPS = (1, 2, 5, 10)
RANGE = 80.0
"""Decibels shown below the original's loudest point."""
COLUMNS = 2000
"""Moments drawn at most, several times what a panel can show: of a longer song, each is the mean
of as many frames as it takes."""
BLOCK = 4096
"""Frames in memory at once."""


def draw_files(sounds: Sounds, rate: int, words: Words, path: Path) -> None:
    """As `draw`, from files.

    Raises:
        ReportError: a file cannot be read.
    """
    draw(read(sounds), rate, words, path)


def draw(sounds: Mapping[str, Sound], rate: int, words: Words, path: Path) -> None:
    """Write the figure: small multiples with shared axes, one decibel scale and colour bar.

    `sounds` maps labels to waveforms of equal length at `rate` Hz; the first is the original,
    whose largest magnitude is 0 dB in every panel.
    """
    columns = min(3, len(sounds))
    rows = -(-len(sounds) // columns)
    panel, top, bottom = 2.45, 0.6, 1.1
    height = rows * (panel + top) + bottom
    made = style.figure(height)
    left, right, between = 0.07, 0.888, 0.022
    width = (right - left - between * (columns - 1)) / columns
    original = next(iter(sounds.values()))
    reference = max(float(level.max()) for level in _blocks(original, BLOCK))
    seconds = len(original) / rate
    image = None
    for index, (label, sound) in enumerate(sounds.items()):
        row, column = divmod(index, columns)
        axes = made.add_axes(
            (
                left + column * (width + between),
                1 - ((row + 1) * (panel + top) - 0.08) / height,
                width,
                panel / height,
            )
        )
        image = axes.imshow(
            columns_of(sound, reference),
            origin="lower", aspect="auto", cmap="magma", vmin=-RANGE, vmax=0,
            extent=(0, seconds, 0, rate / 2000), interpolation="antialiased",
        )  # fmt: skip
        axes.set_title(label, loc="left", pad=3, weight=600)
        axes.spines[:].set_visible(False)
        below = index + columns >= len(sounds)
        axes.tick_params(labelbottom=below, labelleft=column == 0)
        if below:
            axes.set_xlabel(words("figures.seconds"), labelpad=2)
        if column == 0:
            axes.set_ylabel(words("figures.kilohertz"), labelpad=3)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=STEPS))
        axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=STEPS))
        style.comma(axes.xaxis)
        style.comma(axes.yaxis)
    base = 1 - (rows * (panel + top) - 0.08) / height
    scale = made.add_axes((right + 0.018, base, 0.014, 1 - (top - 0.08) / height - base))
    assert image is not None
    bar = made.colorbar(image, cax=scale)
    bar.outline.set_visible(False)
    scale.yaxis.set_major_locator(MultipleLocator(20))
    style.comma(scale.yaxis)
    scale.set_ylabel(words("figures.decibels"), labelpad=2)
    style.save(made, path)


def columns_of(sound: Sound, reference: float) -> NDArray[np.float32]:
    """What is drawn of a sound: decibels below `reference`, down to `RANGE`, frequency × time."""
    frames = 1 + len(sound) // HOP
    each = -(-frames // COLUMNS)
    drawn = []
    for level in _blocks(sound, each * max(1, BLOCK // each)):
        shown = np.clip(level - reference, -RANGE, 0)
        ends = np.arange(0, shown.shape[1], each)
        counts = np.diff(ends, append=shown.shape[1])
        drawn.append((np.add.reduceat(shown, ends, axis=1) / counts).astype(np.float32))
    return np.concatenate(drawn, axis=1)


def _blocks(sound: Sound, frames: int) -> Iterator[NDArray[np.float32]]:
    """`decibels` of a whole sound, so many frames at a time."""
    half = WINDOW // 2
    for first in range(0, 1 + len(sound) // HOP, frames):
        start, stop = first * HOP - half, (first + frames - 1) * HOP + half
        read = sound[max(0, start) : min(stop, len(sound))]
        ends = (max(0, -start), min(half, max(0, stop - len(sound))))
        yield _levels(np.pad(read, ends))


def decibels(sound: Waveform) -> NDArray[np.float32]:
    """Magnitudes of the Hann spectrogram in dB, frequency × time."""
    return _levels(np.pad(sound, WINDOW // 2))


def _levels(padded: Waveform) -> NDArray[np.float32]:
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32)
    decibels: NDArray[np.float32] = 20 * np.log10(np.maximum(magnitude, 1e-7)).T
    return decibels
