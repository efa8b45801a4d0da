"""Small music files for tests: random plucked notes, different for each seed."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.engine.file_digests import digests


def pluck(seed: int, seconds: float, sampling_rate: int, channels: int = 1) -> NDArray[np.float32]:
    """Decaying harmonic notes with a little noise, shape (frames, channels), peak 0.5."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * sampling_rate)) / sampling_rate
    sound = 0.02 * random.standard_normal((len(time), channels))
    for onset in np.arange(0, seconds, 0.2):
        pitch = 110 * 2 ** (random.integers(0, 30) / 12)
        after = np.clip(time - onset, 0, None)
        for harmonic in range(1, 5):
            tone = np.sin(2 * np.pi * pitch * harmonic * after) * np.exp(-6 * harmonic * after)
            sound += (tone / harmonic * (time >= onset))[:, None] * random.uniform(0.5, 1, channels)
    scaled: NDArray[np.float32] = (0.5 * sound / np.abs(sound).max()).astype(np.float32)
    return scaled


def write(path: Path, sound: NDArray[np.float32], sampling_rate: int, **how: str) -> Path:
    """Write a file in the format of its extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, sampling_rate, **how)
    return path


def folder(root: Path, genres: dict[str, int], seconds: float = 1.0, rate: int = 8000) -> Path:
    """Create a music folder with the given number of short WAV files per genre."""
    seed = 0
    for genre, count in genres.items():
        for index in range(count):
            seed += 1
            write(root / genre / f"{genre}.{index:05d}.wav", pluck(seed, seconds, rate), rate)
    return root


def hashed(root: Path, files: Iterable[str]) -> dict[str, str]:
    """Digest of each file of a folder, as the steps that read them expect it."""
    with tempfile.TemporaryDirectory() as index:
        return digests(root, files, Path(index, "files.json"))


def digest(path: Path) -> str:
    """Digest of one file."""
    return hashed(path.parent, [path.name])[path.name]
