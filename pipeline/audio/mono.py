"""Mix channels to mono; from the louder channel alone where they cancel each other out."""

import numpy as np
from numpy.typing import NDArray

CANCELLATION = 0.01
"""Power of the mean of the channels, as a fraction of what it would be if they were uncorrelated,
below which they cancel out: -20 dB."""


class Mixer:
    """Mixes blocks to mono and measures whether the channels cancel out.

    Args:
        channel: index of the only channel to use; None takes the mean of all.
    """

    def __init__(self, channel: int | None = None) -> None:
        self.channel = channel
        self._frames = 0
        self._sums = np.zeros(1)
        self._squares = np.zeros(1)
        self._mean_sum = self._mean_square = 0.0

    def mix(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mix a block of shape (frames, channels) to shape (frames,)."""
        if self.channel is not None:
            return block[:, self.channel]
        with np.errstate(invalid="ignore", over="ignore"):  # infinite samples are found later
            mean: NDArray[np.float32] = block.mean(axis=1)
            if block.shape[1] > 1:
                self._frames += len(block)
                self._sums = self._sums + block.sum(axis=0, dtype=np.float64)
                self._squares = self._squares + np.square(block, dtype=np.float64).sum(axis=0)
                self._mean_sum += float(mean.sum(dtype=np.float64))
                self._mean_square += float(np.square(mean, dtype=np.float64).sum())
        return mean

    def louder_channel(self) -> int | None:
        """Index of the loudest channel if the channels cancel out, else None."""
        channels = len(self._sums)
        if channels == 1 or not self._frames or not np.isfinite(self._squares).all():
            return None
        powers = self._squares / self._frames - np.square(self._sums / self._frames)
        power = self._mean_square / self._frames - (self._mean_sum / self._frames) ** 2
        if power >= CANCELLATION * powers.sum() / channels**2:
            return None
        return int(np.argmax(powers > 0.99 * powers.max()))  # the first of equal ones
