"""Fractions of a spectrogram's points that a reconstruction loses and gains."""

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.spectrum import HOP, WINDOW

DARK_DB = -60
"""A point is dark below this level, in dB relative to the original's loudest point."""


def lost_and_gained(original: NDArray[np.int16], version: NDArray[np.int16]) -> tuple[float, float]:
    """Fractions of spectrogram points that turn dark, and that light up, in a version.

    Args:
        original, version: waveforms of equal length (samples,).

    Returns:
        (lost, gained), fractions of all points, 0 to 1: above `DARK_DB` only in the original,
        and only in the version.
    """
    before, after = _magnitudes(original), _magnitudes(version)
    floor = float(before.max()) * 10 ** (DARK_DB / 20)
    lit, kept = before > floor, after > floor
    return float((lit & ~kept).mean()), float((kept & ~lit).mean())


def _magnitudes(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """|STFT| (frames, frequencies) with a Hann window, zero-padded by half a window."""
    padded = np.pad(sound.astype(np.float64), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    magnitudes: NDArray[np.float64] = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), axis=1))
    return magnitudes
