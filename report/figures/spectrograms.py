"""Figure: spectrograms of a song, the original and a family's reconstructions on one scale."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from report.figures import style
from report.figures.song_audio import Audio, SongFiles, Waveform, read_files
from report.language.words import Words

WINDOW = 1024
HOP = 256
TICK_STEPS = (1, 2, 5, 10)
DYNAMIC_RANGE = 80.0
"""Decibels shown below the original's maximum."""
MAX_COLUMNS = 2000
"""Maximum image width, several times what a panel can show; in longer songs each column is the
mean of several frames."""
MARKED_HERTZ = (250, 1000, 2000, 4000, 8000)
MEL_ROWS = 256
"""Image height: rows equally spaced on the mel scale."""
BLOCK_FRAMES = 4096
"""Frames in memory at a time."""


def draw_files(files: SongFiles, rate: int, words: Words, path: Path) -> None:
    """Write the figure of `draw` from audio files.

    Raises:
        ReportError: a file cannot be read.
    """
    draw(read_files(files), rate, words, path)


def draw(versions: Mapping[str, Audio], rate: int, words: Words, path: Path) -> None:
    """Write the figure: small multiples with shared axes, decibel scale and colour bar.

    Args:
        versions: label to samples, all of equal length; the first is the original, whose largest
            magnitude is 0 dB in every panel.
        rate: sampling rate in Hz.
    """
    columns = min(3, len(versions))
    rows = -(-len(versions) // columns)
    panel, top, bottom = 3.2, 0.5, 1.0
    height = rows * (panel + top) + bottom
    fig = style.figure(height)
    left, right, between = 0.082, 0.893, 0.02
    width = (right - left - between * (columns - 1)) / columns
    original = next(iter(versions.values()))
    reference = max(float(level.max()) for level in _blocks(original, BLOCK_FRAMES))
    seconds = len(original) / rate
    image = None
    for index, (label, audio) in enumerate(versions.items()):
        row, column = divmod(index, columns)
        axes = fig.add_axes(
            (
                left + column * (width + between),
                1 - ((row + 1) * (panel + top) - 0.08) / height,
                width,
                panel / height,
            )
        )
        image = axes.imshow(
            on_mel_scale(spectrogram_image(audio, reference), rate),
            origin="lower", aspect="auto", cmap="magma", vmin=-DYNAMIC_RANGE, vmax=0,
            extent=(0, seconds, 0, mel(rate / 2)), interpolation="antialiased",
        )  # fmt: skip
        axes.set_title(label, loc="left", pad=3, weight=600)
        axes.spines[:].set_visible(False)
        below = index + columns >= len(versions)
        axes.tick_params(labelbottom=below, labelleft=column == 0)
        if below:
            axes.set_xlabel(words("figures.seconds"), labelpad=2)
        if column == 0:
            axes.set_ylabel(words("figures.kilohertz"), labelpad=3)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=TICK_STEPS))
        marks = [hertz for hertz in MARKED_HERTZ if hertz < rate / 2]
        axes.set_yticks(
            [mel(hertz) for hertz in marks], [style.tick_label(f / 1000) for f in marks]
        )
        style.use_spanish_numbers(axes.xaxis)
    base = 1 - (rows * (panel + top) - 0.08) / height
    scale = fig.add_axes((right + 0.018, base, 0.014, 1 - (top - 0.08) / height - base))
    assert image is not None
    bar = fig.colorbar(image, cax=scale)
    bar.outline.set_visible(False)
    scale.yaxis.set_major_locator(MultipleLocator(20))
    style.use_spanish_numbers(scale.yaxis)
    scale.set_ylabel(words("figures.decibels"), labelpad=2)
    style.save(fig, path)


def spectrogram_image(audio: Audio, reference: float) -> NDArray[np.float32]:
    """Return levels relative to `reference` in dB, clipped to `DYNAMIC_RANGE`; frequency × time."""
    frames = 1 + len(audio) // HOP
    each = -(-frames // MAX_COLUMNS)
    columns = []
    for level in _blocks(audio, each * max(1, BLOCK_FRAMES // each)):
        shown = np.clip(level - reference, -DYNAMIC_RANGE, 0)
        ends = np.arange(0, shown.shape[1], each)
        counts = np.diff(ends, append=shown.shape[1])
        columns.append((np.add.reduceat(shown, ends, axis=1) / counts).astype(np.float32))
    return np.concatenate(columns, axis=1)


def mel(hertz: float) -> float:
    """Return a frequency on the mel scale (O'Shaughnessy, 1987)."""
    return float(2595 * np.log10(1 + hertz / 700))


def on_mel_scale(levels: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return levels, frequency × time, at `MEL_ROWS` frequencies equally spaced in mel.

    A row is interpolated between the two nearest frequencies or, where rows are sparser than
    frequencies, is the mean of those it covers.
    """
    edges = 700 * (10 ** (np.linspace(0, mel(rate / 2), MEL_ROWS + 1) / 2595) - 1)
    places = np.minimum(edges / (rate / 2) * (len(levels) - 1), len(levels) - 1)
    summed = np.concatenate(
        [np.zeros_like(levels[:1]), np.cumsum(levels, axis=0)], dtype=np.float64
    )
    whole = np.minimum(places.astype(int), len(levels) - 1)
    at = summed[whole] + (places - whole)[:, np.newaxis] * levels[whole]
    rows: NDArray[np.float32] = (np.diff(at, axis=0) / np.diff(places)[:, np.newaxis]).astype(
        np.float32
    )
    return rows


def _blocks(audio: Audio, frames: int) -> Iterator[NDArray[np.float32]]:
    """Yield the levels of `decibels`, `frames` frames at a time."""
    half = WINDOW // 2
    for first in range(0, 1 + len(audio) // HOP, frames):
        start, stop = first * HOP - half, (first + frames - 1) * HOP + half
        read = audio[max(0, start) : min(stop, len(audio))]
        ends = (max(0, -start), min(half, max(0, stop - len(audio))))
        yield _levels(np.pad(read, ends))


def decibels(audio: Waveform) -> NDArray[np.float32]:
    """Return the magnitude spectrogram (Hann window) in dB, frequency × time."""
    return _levels(np.pad(audio, WINDOW // 2))


def _levels(padded: Waveform) -> NDArray[np.float32]:
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32)
    decibels: NDArray[np.float32] = 20 * np.log10(np.maximum(magnitude, 1e-7)).T
    return decibels
