"""The figures of a song encoded outside a study, from files read a stretch at a time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from report.figures import spectrograms, waveforms
from report.figures.encoded_song import draw
from report.figures.song_audio import Recording, Waveform

RATE = 8000


def a_sound(seconds: float) -> Waveform:
    """Noise that swells and dies away every few seconds."""
    random = np.random.default_rng(int(seconds))
    time = np.arange(round(seconds * RATE)) / RATE
    return (random.uniform(-0.5, 0.5, len(time)) * np.sin(time / 3) ** 2).astype(np.float32)


def a_recording(path: Path, sound: Waveform) -> Recording:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE)
    return Recording(path)


@pytest.mark.parametrize("seconds", [0.2, 5, 131.1, 140])
def test_a_figure_of_a_file_is_that_of_its_samples(tmp_path: Path, seconds: float) -> None:
    recording = a_recording(tmp_path / "a.flac", a_sound(seconds))
    sound = recording[0 : len(recording)]
    edges = np.linspace(0, len(sound), waveforms.COLUMNS + 1).astype(int)[:-1]
    low, high, _ = waveforms.envelope(recording, RATE)
    assert np.array_equal(low, np.minimum.reduceat(sound, edges))
    assert np.array_equal(high, np.maximum.reduceat(sound, edges))
    energy = np.convolve(sound.astype(np.float64) ** 2, np.ones(96), "valid")
    assert energy[waveforms.loudest(recording, 96)] == pytest.approx(energy.max(), rel=1e-9)
    levels = np.clip(spectrograms.decibels(sound) + 20, -spectrograms.RANGE, 0)
    drawable_code = spectrograms.columns_of(recording, -20.0)
    each = -(-levels.shape[1] // spectrograms.COLUMNS)
    for column in (0, drawable_code.shape[1] // 2, drawable_code.shape[1] - 1):
        expected = levels[:, column * each : (column + 1) * each].mean(axis=1)
        np.testing.assert_allclose(drawable_code[:, column], expected, atol=1e-4)
    assert drawable_code.shape[1] == -(-levels.shape[1] // each) <= spectrograms.COLUMNS


# VmHWM is of the program itself; ru_maxrss would count what its parent held before it.
DRAW = """
import sys
from pathlib import Path
from report.figures.encoded_song import draw
draw(Path(sys.argv[1]))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def test_a_longer_song_is_drawn_with_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for seconds in (250, 1000):  # both are drawn in as many columns
        folder = tmp_path / str(seconds)
        a_recording(folder / "original.flac", a_sound(seconds))
        shutil.copy(folder / "original.flac", folder / "own.1.flac")
        run = subprocess.run(
            [sys.executable, "-c", DRAW, folder],
            env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536"},  # what is freed is given back
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(run.stdout) * 1024)
    # The spectrogram of one version at once would take 48 MB more.
    assert peaks[1] - peaks[0] < 25e6


def test_each_family_has_its_two_figures(tmp_path: Path) -> None:
    for name in ("original", "own.1", "own.2", "other.1"):
        a_recording(tmp_path / f"{name}.flac", a_sound(3))
    draw(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        f"{kind}-{family}.svg"
        for kind in ("spectrograms", "waveforms")
        for family in ("other", "own")
    ]
