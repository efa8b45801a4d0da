"""A waveform too long for memory: appended to a temporary file and read back in parts."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

PART_SAMPLES = 2**20
"""Length of the parts in which a whole waveform is read."""


class DiskWaveform:
    """A waveform of shape (1, samples), float32, in an unnamed file deleted with the object.

    The file is read, not memory-mapped, so that pages already read do not stay in memory.

    Args:
        folder: where the file is created; it needs four bytes per sample.
    """

    full_scale = 1.0
    """Values are divided by this when they are read."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._samples = 0

    @property
    def shape(self) -> tuple[int, int]:
        """(1, samples written so far)."""
        return 1, self._samples

    def append(self, part: Tensor) -> None:
        """Append samples, shape (samples,)."""
        self._file.seek(4 * self._samples)
        self._file.write(part.numpy().astype(np.float32).tobytes())
        self._samples += len(part)

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        """Samples from `start` on, shape (1, length), like `Tensor.narrow`; `dim` must be 1.

        Raises:
            IndexError: samples that were not written, or another dimension.
        """
        if dim != 1 or start < 0 or start + length > self._samples:
            raise IndexError(f"{length} samples from {start} of {self._samples}, dimension {dim}")
        self._file.seek(4 * start)
        read = np.frombuffer(bytearray(self._file.read(4 * length)), np.float32)
        return torch.from_numpy(read)[None] / self.full_scale

    def parts(self) -> Iterator[Tensor]:
        """Iterate over the whole waveform in parts of shape (samples,)."""
        for start in range(0, self._samples, PART_SAMPLES):
            yield self.narrow(1, start, min(PART_SAMPLES, self._samples - start))[0]


Waveforms = Tensor | DiskWaveform
"""Clips in memory or one song on disk: shape (clips, samples), with `narrow` along time."""
