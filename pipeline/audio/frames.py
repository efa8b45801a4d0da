"""Turn decoded frames into blocks of float32 with one sampling rate and number of channels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray


@dataclass
class BlockFormat:
    """Sampling rate (Hz) and number of channels of blocks: those of the first frame of a file."""

    rate: int = 0
    channels: int = 0


class FrameConverter:
    """Turns frames into blocks of float32 in one format, known by the first frame."""

    def __init__(self, target: BlockFormat) -> None:
        self._target = target
        self._resampler: AudioResampler | None = None
        self._kind: tuple[int, str, str] | None = None

    def convert(self, frame: AudioFrame) -> Iterator[NDArray[np.float32]]:
        """Blocks of shape (frames, channels)."""
        rate = self._target.rate
        kind = (frame.sample_rate, frame.layout.name, frame.format.name)
        if kind != self._kind:
            yield from self.flush()
            self._kind = kind
            # PyAV reads beyond the planes of a frame that has eight or more, and crashes.
            many = frame.format.is_planar and frame.layout.nb_channels >= 8
            self._resampler = None
            if many or frame.sample_rate != rate:
                self._resampler = AudioResampler(format=frame.format.packed, rate=rate)
        frames = self._resampler.resample(frame) if self._resampler else [frame]
        for each in frames:
            yield self._with_channels(_to_float(each))

    def flush(self) -> Iterator[NDArray[np.float32]]:
        """The end of what is being resampled."""
        if self._resampler is not None:
            for frame in self._resampler.resample(None):
                yield self._with_channels(_to_float(frame))
            self._resampler = None

    def _with_channels(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        channels = self._target.channels
        if block.shape[1] == channels:
            return block
        return np.repeat(block.mean(axis=1, keepdims=True), channels, axis=1)


def _to_float(frame: AudioFrame) -> NDArray[np.float32]:
    """Samples of a frame, shape (frames, channels), with full scale 1."""
    samples: NDArray[Any] = frame.to_ndarray()
    channels = frame.layout.nb_channels
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, channels)
    if samples.dtype == np.uint8:
        samples = samples.astype(np.int16) - 128
        return samples.astype(np.float32) / np.float32(128)
    if samples.dtype.kind == "i":
        full_scale = 2.0 ** (8 * samples.dtype.itemsize - 1)
        return (samples / full_scale).astype(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.add(samples, 0, dtype=np.float32)  # makes signalling NaN quiet: no warnings
