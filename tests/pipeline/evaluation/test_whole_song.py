"""Windowed encoding of songs matches the model on whole windows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from pipeline.audio import files as audio_files
from pipeline.errors import StudyError
from pipeline.evaluation import fidelity
from pipeline.evaluation.whole_song import encode_file, reconstruct_in_windows
from pipeline.models.restore import Model, restore
from tests.pipeline import plucked_notes
from tests.pipeline.generation.test_latent_means import a_model
from tests.pipeline.models.test_training import PLAN


@pytest.mark.parametrize("length", [1, 700, 1000, 1001, 1899, 1900, 1901, 5432])
def test_any_length(length: int) -> None:
    model = restore(PLAN, a_model().weights)
    song = torch.rand(length) - 0.5
    assert torch.cat(list(reconstruct_in_windows(model, song[None]))).shape == song.shape


def test_one_window_matches_the_model() -> None:
    model = restore(PLAN, a_model().weights)
    song = torch.rand(PLAN.samples) - 0.5
    torch.testing.assert_close(
        torch.cat(list(reconstruct_in_windows(model, song[None]))), model(song[None])[0]
    )


def test_perfect_model_reproduces_the_song() -> None:
    model = restore(PLAN, a_model().weights)
    model.forward = lambda clips: clips.clone()  # type: ignore[method-assign]
    song = torch.rand(5432) - 0.5
    torch.testing.assert_close(torch.cat(list(reconstruct_in_windows(model, song[None]))), song)


def test_file_is_encoded_to_a_folder(tmp_path: Path) -> None:
    path = plucked_notes.write(tmp_path / "a.mp3", plucked_notes.pluck(1, 2.3, 44_100, 2), 44_100)
    folder = tmp_path / "out"
    folder.mkdir()
    encode_file(str(path), plucked_notes.digest(path), {"own.1": a_model()}, 8000, folder)
    assert sorted(file.name for file in folder.iterdir()) == [
        "fidelity.json",
        "original.flac",
        "own.1.flac",
    ]
    lengths = {soundfile.info(file).frames for file in folder.glob("*.flac")}
    assert len(lengths) == 1
    assert set(json.loads((folder / "fidelity.json").read_text())["own.1"]) >= {"snr", "log_mel"}


def test_undecodable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"no")
    with pytest.raises(StudyError, match="a.wav: cannot be decoded"):
        encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)


def reconstruct_whole(model: Model, song: torch.Tensor) -> torch.Tensor:
    """`reconstruct_in_windows` as the weighted mean of all windows, in memory."""
    samples, fade = model.architecture.samples, round(0.1 * model.architecture.samples)
    weight = ((torch.arange(samples) + 0.5) / fade).clamp(max=1)
    weight = torch.minimum(weight, weight.flip(0))
    total, weights = torch.zeros(2, len(song) + samples)
    for start in range(0, max(1, len(song) - fade), samples - fade):
        window = torch.zeros(samples)
        part = song[start : start + samples]
        window[: len(part)] = part
        total[start : start + samples] += weight * model(window[None])[0]
        weights[start : start + samples] += weight
    return (total / weights)[: len(song)]


def noise(path: Path, seconds: float, peak: float = 0.5, rate: int = 12_000) -> Path:
    """Write noise whose loudness changes every second."""
    random = np.random.default_rng(3)
    with soundfile.SoundFile(path, "w", rate, 2, "FLOAT") as song:
        for second in range(round(seconds)):
            loud = peak * (0.1 + 0.9 * (second % 7 == 3))
            song.write(random.uniform(-loud, loud, (rate, 2)))
    return path


@pytest.mark.slow
def test_long_song_matches_encoding_in_memory(tmp_path: Path) -> None:
    path = noise(tmp_path / "a.wav", 150, peak=3)
    (tmp_path / "out").mkdir()
    encode_file(str(path), plucked_notes.digest(path), {"own.1": a_model()}, 8000, tmp_path / "out")
    song = audio_files.read_mono(path, 8000)
    assert song.abs().max() > 1
    assert len(song) > 2 * fidelity.SEGMENT
    song = song / song.abs().max()
    decoded = reconstruct_whole(restore(PLAN, a_model().weights), song)
    for name, expected in (("original", song), ("own.1", decoded)):
        written, _ = soundfile.read(tmp_path / "out" / f"{name}.flac", dtype="int16")
        assert np.abs(written - audio_files.to_int16(expected).astype(int)).max() <= 1
    values = json.loads((tmp_path / "out" / "fidelity.json").read_text())["own.1"]
    for name, value in fidelity.measure(song[None], decoded[None], 8000).items():
        assert values[name] == pytest.approx(value.item(), rel=1e-5), name


# Not ru_maxrss, which includes the parent's memory at the time of the fork.
ENCODE = """
import sys
import torch
from pathlib import Path
from pipeline.evaluation.whole_song import encode_file
from tests.pipeline.generation.test_latent_means import a_model
torch.set_num_threads(1)
encode_file(sys.argv[1], sys.argv[3], {"own.1": a_model()}, 8000, Path(sys.argv[2]))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    peaks = []
    for seconds in (120, 600):
        path = noise(tmp_path / f"{seconds}.wav", seconds)
        out = tmp_path / f"{seconds}"
        out.mkdir()
        run = subprocess.run(
            [sys.executable, "-c", ENCODE, path, out, plucked_notes.digest(path)],
            env=os.environ
            | {"MALLOC_MMAP_THRESHOLD_": "65536"},  # return freed memory to the system
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(run.stdout) * 1024)
    # The samples alone would take 15 MB more, the spectra 600 MB.
    assert peaks[1] - peaks[0] < 15e6


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_non_finite_samples_near_the_end(tmp_path: Path, value: float) -> None:
    path = noise(tmp_path / "a.wav", 70, rate=8000)
    sound, rate = soundfile.read(path)
    sound[-100] = value
    soundfile.write(path, sound, rate, subtype="FLOAT")
    with pytest.raises(StudyError, match=r"a\.wav: contains NaN or infinite samples"):
        encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)


@pytest.mark.parametrize(("samples", "reason"), [(0, "no frame"), (1024, "0.1 s long; too short")])
def test_song_too_short(tmp_path: Path, samples: int, reason: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(samples), 8000)
    with pytest.raises(StudyError, match=rf"a\.wav: .*{reason}"):
        encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)


def test_song_shorter_than_a_window(tmp_path: Path) -> None:
    path = noise(tmp_path / "a.wav", 1, rate=8000)
    models = {"own.1": a_model()}
    encode_file(str(path), plucked_notes.digest(path), models, 8000, tmp_path)
    soundfile.write(path, soundfile.read(path)[0][: PLAN.samples - 1], 8000)
    with pytest.raises(StudyError, match=r"a\.wav: 0\.1 s long; too short for the models"):
        encode_file(str(path), plucked_notes.digest(path), models, 8000, tmp_path)


def test_silent_song(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(70 * 8000, 0.3), 8000)
    with pytest.raises(StudyError, match=r"a\.wav: silent"):
        encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)


def test_damaged_song_is_read_and_told(tmp_path: Path) -> None:
    path = plucked_notes.write(tmp_path / "a.flac", plucked_notes.pluck(1, 8, 8000), 8000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 500] = bytes(500)
    path.write_bytes(content)
    encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)
    (remark,) = json.loads((tmp_path / "remarks.json").read_text())
    seconds = soundfile.info(tmp_path / "original.flac").frames / 8000
    assert 6 < seconds < 8
    assert re.fullmatch(
        rf"a\.flac: damaged at [34]\.\d s; about [01]\.\d s lost; {seconds:.1f} s are used", remark
    )


def test_song_whose_channels_cancel_out(tmp_path: Path) -> None:
    left = plucked_notes.pluck(3, 2, 8000)[:, 0]
    path = plucked_notes.write(tmp_path / "a.wav", np.stack([left, -0.9 * left], 1), 8000)
    encode_file(str(path), plucked_notes.digest(path), {}, 8000, tmp_path)
    assert json.loads((tmp_path / "remarks.json").read_text()) == [
        "a.wav: channels cancel out; only channel 1 is used"
    ]
    written = soundfile.read(tmp_path / "original.flac")[0]
    np.testing.assert_allclose(written, left, atol=1e-4)
