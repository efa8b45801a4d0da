"""Figures of a song encoded by `latentes encode`, from files read one block at a time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from report.figures import spectrograms, waveforms
from report.figures.encoded_song import draw_encoded_song
from report.figures.song_audio import AudioFile, Waveform

RATE = 8000


def make_audio(seconds: float) -> Waveform:
    """Return noise whose amplitude rises and falls every few seconds."""
    random = np.random.default_rng(int(seconds))
    time = np.arange(round(seconds * RATE)) / RATE
    return (random.uniform(-0.5, 0.5, len(time)) * np.sin(time / 3) ** 2).astype(np.float32)


def write_audio(path: Path, waveform: Waveform) -> AudioFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, waveform, RATE)
    return AudioFile(path)


@pytest.mark.parametrize("seconds", [0.2, 5, 131.1, 140])
def test_a_file_gives_the_same_figure_as_its_samples(tmp_path: Path, seconds: float) -> None:
    file = write_audio(tmp_path / "a.flac", make_audio(seconds))
    waveform = file[0 : len(file)]
    edges = np.linspace(0, len(waveform), waveforms.ENVELOPE_COLUMNS + 1).astype(int)[:-1]
    low, high, _ = waveforms.envelope(file, RATE)
    assert np.array_equal(low, np.minimum.reduceat(waveform, edges))
    assert np.array_equal(high, np.maximum.reduceat(waveform, edges))
    energy = np.convolve(waveform.astype(np.float64) ** 2, np.ones(96), "valid")
    assert energy[waveforms.loudest_window(file, 96)] == pytest.approx(energy.max(), rel=1e-9)
    levels = np.clip(spectrograms.decibels(waveform) + 20, -spectrograms.DYNAMIC_RANGE, 0)
    image = spectrograms.spectrogram_image(file, -20.0)
    each = -(-levels.shape[1] // spectrograms.MAX_COLUMNS)
    for column in (0, image.shape[1] // 2, image.shape[1] - 1):
        expected = levels[:, column * each : (column + 1) * each].mean(axis=1)
        np.testing.assert_allclose(image[:, column], expected, atol=1e-4)
    assert image.shape[1] == -(-levels.shape[1] // each) <= spectrograms.MAX_COLUMNS


# VmHWM counts this program only; ru_maxrss includes its parent's memory before exec.
DRAW = """
import sys
from pathlib import Path
from report.figures.encoded_song import draw_encoded_song
draw_encoded_song(Path(sys.argv[1]))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_song_length(tmp_path: Path) -> None:
    peaks = []
    for seconds in (250, 1000):  # both images have the same width
        folder = tmp_path / str(seconds)
        write_audio(folder / "original.flac", make_audio(seconds))
        shutil.copy(folder / "original.flac", folder / "own.1.flac")
        run = subprocess.run(
            [sys.executable, "-c", DRAW, folder],
            env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"},  # free returns memory
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(run.stdout) * 1024)
    # A whole spectrogram in memory would take 48 MB more.
    assert peaks[1] - peaks[0] < 25e6


def test_each_family_has_its_two_figures(tmp_path: Path) -> None:
    for name in ("original", "own.1", "own.2", "other.1"):
        write_audio(tmp_path / f"{name}.flac", make_audio(3))
    draw_encoded_song(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        f"{kind}-{family}.svg"
        for kind in ("spectrograms", "waveforms")
        for family in ("other", "own")
    ]
