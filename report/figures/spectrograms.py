"""Draws the spectrograms of a song: the original and a family's reconstructions, one scale."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from report.figures import style
from report.figures.sound import Waveform
from report.words import Words

WINDOW = 1024
HOP = 256
STEPS = (1, 2, 5, 10)
RANGE = 80.0
"""Decibels shown below the original's loudest point."""


def draw(sounds: Mapping[str, Waveform], rate: int, words: Words, path: Path) -> None:
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
    levels = {label: decibels(sound) for label, sound in sounds.items()}
    reference = next(iter(levels.values())).max()
    seconds = len(next(iter(sounds.values()))) / rate
    image = None
    for index, (label, level) in enumerate(levels.items()):
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
            np.clip(level - reference, -RANGE, 0),
            origin="lower", aspect="auto", cmap="magma", vmin=-RANGE, vmax=0,
            extent=(0, seconds, 0, rate / 2000), interpolation="antialiased",
        )  # fmt: skip
        axes.set_title(label, loc="left", pad=3, weight=600)
        axes.spines[:].set_visible(False)
        below = index + columns >= len(levels)
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


def decibels(sound: Waveform) -> NDArray[np.float32]:
    """Magnitudes of the Hann spectrogram in dB, frequency × time."""
    padded = np.pad(sound, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32)
    decibels: NDArray[np.float32] = 20 * np.log10(np.maximum(magnitude, 1e-7)).T
    return decibels
