"""The sound of a song's versions, and the two figures made of it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from report.errors import ReportError
from report.words import Words

Waveform = NDArray[np.float32]
Sounds = Sequence[tuple[str, Path]]
"""Label and file of each version, the original first."""


def spectrograms(sounds: Sounds, rate: int, words: Words, path: Path) -> None:
    """Write the spectrograms of a song's versions; see `report.figures.spectrograms`."""
    from report.figures import spectrograms

    spectrograms.draw(read(sounds), rate, words, path)


def waveforms(sounds: Sounds, rate: int, words: Words, path: Path) -> None:
    """Write the waveforms of a song's versions; see `report.figures.waveforms`."""
    from report.figures import waveforms

    waveforms.draw(read(sounds), rate, words, path)


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
