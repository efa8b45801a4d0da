"""A waveform too long for memory: written to a file part by part, read back a stretch at a time."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

PART = 2**20
"""Samples in memory at once where a waveform is read from its beginning to its end."""


class DiskWaveform:
    """One waveform of shape (1, samples), float32, in a nameless file that goes with the object.

    It is read as files are and not mapped, so that what was read does not stay in memory.

    Args:
        folder: where there is room for four bytes a sample.
    """

    full = 1.0
    """What counts as 1: values are divided by it as they are read."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._samples = 0

    @property
    def shape(self) -> tuple[int, int]:
        """(1, samples written so far)."""
        return 1, self._samples

    def append(self, part: Tensor) -> None:
        """Write what comes next, shape (samples,)."""
        self._file.seek(4 * self._samples)
        self._file.write(part.numpy().astype(np.float32).tobytes())
        self._samples += len(part)

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        """Samples from `start` on, shape (1, length), as `Tensor.narrow`; `dim` is the second."""
        if dim != 1 or start < 0 or start + length > self._samples:
            raise IndexError(f"{length} samples from {start} of {self._samples}, dimension {dim}")
        self._file.seek(4 * start)
        read = np.frombuffer(bytearray(self._file.read(4 * length)), np.float32)
        return torch.from_numpy(read)[None] / self.full

    def parts(self) -> Iterator[Tensor]:
        """The whole of it in order, each part of shape (samples,)."""
        for start in range(0, self._samples, PART):
            yield self.narrow(1, start, min(PART, self._samples - start))[0]


Waveforms = Tensor | DiskWaveform
"""Clips in memory, or one song on disk: a shape (clips, samples), and `narrow` along time."""
