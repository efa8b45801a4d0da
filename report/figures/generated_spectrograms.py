"""Figure: mel spectrograms of generated sound beside a real clip, with shared axes."""

import math
from pathlib import Path

import numpy as np
from matplotlib.ticker import FixedLocator, MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from report.figures import style
from report.figures.song_audio import SongFiles, Waveform, read_files
from report.figures.spectrograms import TICK_STEPS
from report.language.words import Words

WINDOW, HOP = 2048, 512
BANDS = 96
DYNAMIC_RANGE = 70.0
"""Decibels shown below each sound's maximum."""
HERTZ = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
"""Frequencies that may have a tick."""
COLUMNS = 4


def mel(hertz: float) -> float:
    """Return a frequency in mel (O'Shaughnessy, "Speech Communication", 1987)."""
    return 2595 * math.log10(1 + hertz / 700)


def band_centres(rate: int) -> NDArray[np.float64]:
    """Return the frequency in Hz of the peak of each band of `mel_levels`."""
    peaks = np.linspace(0, mel(rate / 2), BANDS + 2)[1:-1]
    return np.asarray(700 * (10 ** (peaks / 2595) - 1))


def mel_levels(audio: Waveform, rate: int) -> NDArray[np.float32]:
    """Return levels in dB below the sound's maximum, bands × frames, lowest band first.

    Triangular bands equally spaced in mel from 0 Hz to half the sampling rate; a silent sound is
    at -`DYNAMIC_RANGE` throughout.
    """
    padded = np.pad(audio, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32), axis=1)) ** 2
    bins = np.array([mel(each) for each in np.linspace(0, rate / 2, power.shape[1])])
    edges = np.linspace(0, bins[-1], BANDS + 2)
    bands = np.stack([np.interp(bins, edges[i : i + 3], [0, 1, 0]) for i in range(BANDS)], axis=1)
    bands /= np.maximum(bands.sum(axis=0), 1e-9)
    heard = power @ bands
    levels = 10 * np.log10(np.maximum(heard, 1e-12) / max(float(heard.max()), 1e-3))
    return np.maximum(levels, -DYNAMIC_RANGE).T.astype(np.float32)


def draw_files(files: SongFiles, rate: int, words: Words, path: Path) -> None:
    """Write the figure: one panel per sound, each with its own 0 dB.

    Args:
        files: label and audio file of each panel.
        rate: sampling rate in Hz.

    Raises:
        ReportError: a file cannot be read.
    """
    sounds = read_files(files)
    rows = math.ceil(len(sounds) / COLUMNS)
    panel, top, bottom = 2.2, 0.6, 1.1
    height = rows * (panel + top) + bottom
    fig = style.figure(height)
    left, right, between = 0.085, 0.888, 0.014
    width = (right - left - between * (COLUMNS - 1)) / COLUMNS
    seconds = max(len(sound) for sound in sounds.values()) / rate
    ticks = [each for each in HERTZ if each < 0.48 * rate][-6::2]
    for index, (label, sound) in enumerate(sounds.items()):
        row, column = divmod(index, COLUMNS)
        place = left + column * (width + between), 1 - (row + 1) * (panel + top) / height
        axes = fig.add_axes((*place, width, panel / height))
        image = axes.imshow(
            mel_levels(sound, rate),
            origin="lower", aspect="auto", cmap="magma", vmin=-DYNAMIC_RANGE, vmax=0,
            extent=(0, len(sound) / rate, 0, mel(rate / 2)), interpolation="antialiased",
        )  # fmt: skip
        axes.set_xlim(0, seconds)
        axes.set_title(label, loc="left", pad=3, weight=600, fontsize=8)
        axes.spines[:].set_visible(False)
        below = index + COLUMNS >= len(sounds)
        axes.tick_params(labelbottom=below, labelleft=column == 0)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=TICK_STEPS, prune="upper"))
        axes.yaxis.set_major_locator(FixedLocator([mel(each) for each in ticks]))
        style.use_spanish_numbers(axes.xaxis)
        axes.yaxis.set_ticklabels([style.tick_label(each / 1000) for each in ticks])
        if below:
            axes.set_xlabel(words("figures.seconds"), labelpad=2)
        if column == 0:
            axes.set_ylabel(words("figures.kilohertz"), labelpad=3)
    base = 1 - rows * (panel + top) / height
    scale = fig.add_axes((right + 0.018, base, 0.014, 1 - top / height - base))
    bar = fig.colorbar(image, cax=scale)
    bar.outline.set_visible(False)
    scale.yaxis.set_major_locator(MultipleLocator(20))
    style.use_spanish_numbers(scale.yaxis)
    scale.set_ylabel(words("figures.decibels"), labelpad=2)
    style.save(fig, path)
