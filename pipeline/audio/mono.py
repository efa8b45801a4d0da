"""Mix channels to mono; from the louder channel alone where they cancel each other out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

CANCELLATION = 0.01
"""Power of the mean of the channels, as a fraction of what it would be if they were uncorrelated,
below which they cancel out: -20 dB."""


WINDOW, WINDOWS = 4096, 8
"""Frames of a window, and how many windows must cancel out: 0.7 s at 44.1 kHz."""

AUDIBLE = 1e-6
"""Least power of a channel (full scale 1) in a window that is judged: -60 dB."""


class Mixer:
    """Mixes blocks to mono and finds whether the channels cancel out, throughout or for a while.

    Args:
        channel: index of the only channel to use; None takes the mean of all.
    """

    def __init__(self, channel: int | None = None) -> None:
        self.channel = channel
        self._total: NDArray[np.float64] | None = None
        self._cancelled = 0

    @np.errstate(invalid="ignore", over="ignore")  # of NaN and infinity, which are found later
    def mix(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mix a block of shape (frames, channels) to shape (frames,)."""
        if self.channel is not None:
            return block[:, self.channel]
        mean: NDArray[np.float32] = block.mean(axis=1)
        if block.shape[1] > 1 and len(block):
            # Channels and mean, in windows: (sums or sums of squares, windows, channels + 1).
            signals = np.concatenate([block, mean[:, None]], axis=1, dtype=np.float64)
            starts = np.arange(0, len(block), WINDOW)
            moments = np.stack(
                [np.add.reduceat(signals, starts), np.add.reduceat(signals**2, starts)]
            )
            frames = np.diff([*starts, len(block)])
            self._cancelled += int((frames[_cancels(moments, frames)] == WINDOW).sum())
            total = np.append(moments.sum(axis=1).ravel(), len(block))
            self._total = total if self._total is None else self._total + total
        return mean

    @np.errstate(invalid="ignore", over="ignore")
    def louder_channel(self) -> int | None:
        """Index of the loudest channel if the channels cancel out, else None."""
        if self._total is None:
            return None
        moments, frames = self._total[:-1].reshape(2, 1, -1), self._total[-1:]
        if self._cancelled < WINDOWS and not _cancels(moments, frames)[0]:
            return None
        powers = _powers(moments, frames)[0, :-1]
        return int(np.argmax(powers > 0.99 * powers.max()))  # the first of equal ones


def _powers(moments: NDArray[np.float64], frames: NDArray[Any]) -> NDArray[np.float64]:
    """Power without offset of each channel and of the mean, shape (windows, channels + 1)."""
    sums, squares = moments / frames[:, None]
    powers: NDArray[np.float64] = squares - sums**2
    return powers


def _cancels(moments: NDArray[np.float64], frames: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether the channels cancel out in each window, shape (windows,); not if it has NaN."""
    powers = _powers(moments, frames)
    channels = powers.shape[1] - 1
    total = powers[:, :-1].sum(axis=1)
    loud: NDArray[np.bool_] = np.isfinite(total) & (total > AUDIBLE)
    return loud & (powers[:, -1] < CANCELLATION * total / channels**2)
