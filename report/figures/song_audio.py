"""The sound of a song's versions, read for the figures that show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from report.errors import ReportError

Waveform = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """A mono sound file, full scale 1, of which a stretch is read when it is asked for."""

    path: Path

    def __len__(self) -> int:
        return int(soundfile.info(self.path).frames)

    def __getitem__(self, stretch: slice) -> Waveform:
        read, _ = soundfile.read(self.path, start=stretch.start, stop=stretch.stop, dtype="float32")
        waveform: Waveform = read
        return waveform


Sound = Waveform | Recording
"""A waveform in memory, or one too long for that: both have a length and stretches."""
Sounds = Sequence[tuple[str, Path]]
"""Label and file of each version, the original first."""


def read(sounds: Sounds) -> dict[str, Waveform]:
    """Label → waveform (mono, full scale 1).

    Raises:
        ReportError: a file cannot be read.
    """
    return {label: _read(path) for label, path in sounds}


def _read(path: Path) -> Waveform:
    try:
        sound, _ = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ReportError(f"{path}: cannot be read ({error}); build the study again") from None
    mono: Waveform = sound.mean(axis=1)
    return mono
