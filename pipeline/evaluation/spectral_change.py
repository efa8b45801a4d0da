"""What the picture of a sound loses and gains: points of a spectrogram that go dark or light up."""

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.fidelity import HOP, WINDOW

DARK = -60
"""Level in dB, below the original's loudest point, under which a point counts as dark."""


def changed(original: NDArray[np.int16], version: NDArray[np.int16]) -> tuple[float, float]:
    """The shares of a spectrogram's points that go dark in a version, and that light up in it.

    Args:
        original, version: waveforms of equal length (samples,).

    Returns:
        Two shares of all points, 0 to 1: those above `DARK` in the original and not in the
        version, and those above it in the version and not in the original.
    """
    before, after = _magnitudes(original), _magnitudes(version)
    floor = float(before.max()) * 10 ** (DARK / 20)
    lit, kept = before > floor, after > floor
    return float((lit & ~kept).mean()), float((kept & ~lit).mean())


def _magnitudes(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Hann magnitudes (frames, frequencies), the sound padded by half a window at each end."""
    padded = np.pad(sound.astype(np.float64), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    magnitudes: NDArray[np.float64] = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), axis=1))
    return magnitudes
