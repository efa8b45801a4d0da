"""Audio of a song's versions, as its figures need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from report.errors import ReportError

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class AudioFile:
    """A mono audio file (full scale 1) that is read one slice at a time."""

    path: Path

    def __len__(self) -> int:
        return int(soundfile.info(self.path).frames)

    def __getitem__(self, samples: slice) -> Waveform:
        read, _ = soundfile.read(self.path, start=samples.start, stop=samples.stop, dtype="float32")
        waveform: Waveform = read
        return waveform


Audio = Waveform | AudioFile
"""Mono samples, in memory or on disk; supports `len` and slices."""
SongFiles = Sequence[tuple[str, Path]]
"""Label and file of each version, original first."""


def read_files(files: SongFiles) -> dict[str, Waveform]:
    """Return each label's waveform (mono, full scale 1).

    Raises:
        ReportError: a file cannot be read.
    """
    return {label: _read(path) for label, path in files}


def _read(path: Path) -> Waveform:
    try:
        sound, _ = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ReportError(f"{path}: cannot be read ({error}); build the study again") from None
    mono: Waveform = sound.mean(axis=1)
    return mono
