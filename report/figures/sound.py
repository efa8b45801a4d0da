"""The sound of a song's versions, as the figures need it."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from report import spanish
from report.results import ReportError, Results, Song
from report.words import Words

Waveform = NDArray[np.float32]


def versions(results: Results, song: Song, family: str, words: Words) -> dict[str, Waveform]:
    """Label → waveform (mono, full scale 1): the original, then a family from its largest size.

    Raises:
        ReportError: a file cannot be read.
    """
    named = {words("figures.original"): "original"}
    named |= {spanish.integer(model.size): model.version for model in results.families[family]}
    return {label: _read(results.folder / song.audio(name)) for label, name in named.items()}


def _read(path: Path) -> Waveform:
    try:
        sound, _ = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ReportError(f"{path}: cannot be read ({error}); build the study again") from None
    mono: Waveform = sound.mean(axis=1)
    return mono
