"""Pictures of the songs' spectrograms, shown before the page draws its own.

As site/spectrogram.js: logarithmic frequency, from `FLOOR` to 0 dB relative to the loudest bin.
"""

import hashlib
import io
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from report.page_cache import Kept
from report.queries.results import Results

COLOURS = np.array(
    [(12, 16, 28), (24, 44, 84), (18, 96, 116), (48, 150, 116), (188, 186, 92), (252, 240, 200)]
)
"""Colours at even steps of the level, as in site/spectrogram.js."""

FFT_SIZE = 1024
FLOOR = -80.0
LOWEST = 50.0
"""Lowest frequency of the axis in Hz; the highest is half the sampling rate."""

SIZE = (720, 192)
"""Width and height of the songs' pictures in pixels."""
SHADES = 48
"""Colours of the songs' pictures, few to keep the files small."""


def spectrogram_image(
    samples: NDArray[np.float64], rate: int, width: int, height: int
) -> NDArray[np.uint8]:
    """Draw a spectrogram.

    Args:
        samples: mono sound, shape (samples,).
        rate: sampling rate in Hz.
        width, height: size of the picture in pixels.

    Returns:
        Red, green and blue from 0 to 255, shape (height, width, 3); the lowest frequency is last.
    """
    padded = np.pad(samples, FFT_SIZE // 2, mode="reflect" if len(samples) > 1 else "constant")
    padded = np.pad(padded, (0, max(0, FFT_SIZE - len(padded))))
    starts = np.linspace(0, len(padded) - FFT_SIZE, width).astype(int)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[starts]
    magnitudes = np.abs(np.fft.rfft(frames * window))
    rows = _row_filters(rate, height) @ magnitudes.T
    decibels = 20 * np.log10(np.maximum(rows / max(float(magnitudes.max()), 1e-6), 1e-9))
    levels = np.clip(1 - decibels / FLOOR, 0, 1) * (len(COLOURS) - 1)
    channels = [np.interp(levels, range(len(COLOURS)), channel) for channel in COLOURS.T]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _row_filters(rate: int, height: int) -> NDArray[np.float64]:
    """Return a triangular filter of the FFT bins per row, the highest frequency first."""
    ratio = max(rate / 2 / LOWEST, 2.0)
    centres = FFT_SIZE / 2 * ratio ** -((np.arange(height) + 0.5) / height)
    half = np.maximum(2, centres * np.log(ratio) / height)
    distance = np.abs(np.arange(FFT_SIZE // 2 + 1) - centres[:, None]) / half[:, None]
    weights = np.maximum(0, 1 - distance)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def write(results: Results, kept: Kept, site: Path) -> None:
    """Write `espectros/INDEX.png`, the spectrogram of each song's original."""
    folder = site / "espectros"
    folder.mkdir()
    code = Path(__file__).read_bytes()
    for index, song in enumerate(results.songs):
        content = (results.folder / song.audio("original")).read_bytes()
        name = hashlib.sha256(code + content).hexdigest()[:40]
        (folder / f"{index}.png").write_bytes(kept.get(name, partial(_png, content)))


def _png(sound: bytes) -> bytes:
    from PIL import Image  # slow, and not needed for a kept picture

    samples, rate = soundfile.read(io.BytesIO(sound))
    picture = Image.fromarray(spectrogram_image(samples, rate, *SIZE))
    buffer = io.BytesIO()
    few = picture.quantize(SHADES, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
