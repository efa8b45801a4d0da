"""`latentes inspect` tells what a build would find, and leaves nothing behind."""

import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.results.inspection import inspect_folder
from pipeline.settings.load import load_study
from pipeline.steps import RESULTS, graph
from report.run_steps import compute
from tests.conftest import Shared
from tests.pipeline import plucked_notes
from tests.study_builds import alive, eventually, latentes_in_process, start

RATE = 8000
STRANGE = "rock/\x1b[31m[bold]\u202e.wav"
CLIP = ("name", "genre", "file", "split")
STUDY = """
visqol_clips = 1
[data]
path = "music"
seconds = 1.0
sampling_rate = 8000
clips_per_file = 2
stretch = "spread"
[tuning]
trials = 0
[training]
epochs = 1
[[models.propia]]
channels = [2]
kernels = [20]
strides = [10]
paddings = [5]
"""


@pytest.fixture(scope="module")
def folder(shared: Shared) -> Path:
    """A study and its music: good, bad, identical and copied files."""
    return shared("inspected", make_music)


def make_music(folder: Path) -> None:
    music = plucked_notes.folder(folder / "music", {"pop": 7, "rock": 7}, 3, RATE)
    shutil.copy(music / "pop/pop.00001.wav", music / "rock/again.wav")
    long = plucked_notes.pluck(50, 12, 44_100, 2)
    plucked_notes.write(music / "rock/long.flac", long, 44_100)
    plucked_notes.write(music / "pop/copy of long.mp3", 0.5 * long[13_000:], 44_100)
    plucked_notes.write(music / STRANGE, plucked_notes.pluck(51, 3, RATE), RATE)
    left = plucked_notes.pluck(52, 3, RATE)
    plucked_notes.write(music / "jazz/opposite.wav", np.hstack([left, -left]), RATE)
    plucked_notes.write(music / "jazz/brief.wav", left[:900], RATE)
    plucked_notes.write(music / "outside.wav", left, RATE)
    (music / "blues").mkdir()
    (music / "blues" / f"{'a long name ' * 9}.mp3").write_bytes(b"junk" * 999)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


@pytest.fixture(scope="module")
def inspected(folder: Path) -> dict[str, Any]:
    run = latentes_in_process("inspect", "--study", "study.toml", "--json", cwd=folder)
    assert (run.returncode, run.stderr.replace("Reading files: 0/21\n", "")) == (0, "")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.slow
def test_it_tells_what_a_build_finds(
    folder: Path, inspected: dict[str, Any], tmp_path: Path
) -> None:
    steps = graph(load_study(folder / "study.toml"), tmp_path / "cache")
    results = compute(steps, RESULTS, tmp_path)
    data = json.loads((results / "results.json").read_text(encoding="utf-8"))["data"]
    assert data["faults"]
    assert data["duplicates"]
    assert data["copies"]
    for name in ("faults", "duplicates", "copies", "seconds_found"):
        assert inspected[name] == data[name]
    assert len(inspected["files"]) == data["files"]
    clips = [{key: clip[key] for key in CLIP} for clip in inspected["clips"]]
    assert clips == [{key: clip[key] for key in CLIP} for clip in data["clips"]]
    splits = [{key: genre[key] for key in data["genres"][0]} for genre in inspected["genres"]]
    assert [genre for genre in splits if genre["name"] != "blues"] == data["genres"]
    assert inspected["problem"] is None


def test_it_tells_what_each_file_holds(inspected: dict[str, Any]) -> None:
    files = {file["file"]: file for file in inspected["files"]}
    assert files["rock/long.flac"] == {
        "file": "rock/long.flac",
        "genre": "rock",
        "format": "FLAC",
        "sampling_rate": 44_100,
        "channels": 2,
        "seconds": 12.0,
        "starts": [2.5, 8.5],
    }
    assert files["pop/copy of long.mp3"]["format"] == "MP3"
    assert files["pop/copy of long.mp3"]["seconds"] == pytest.approx(12 - 13_000 / 44_100, abs=0.1)
    assert (files["outside.wav"]["genre"], files["outside.wav"]["starts"]) == (None, [])
    [blues] = [genre for genre in inspected["genres"] if genre["name"] == "blues"]
    assert (blues["files"], blues["used"], blues["seconds"], blues["training"]) == (1, 0, 0, 0)


def fits(output: str) -> bool:
    """True if no line is wider than a terminal, and no character of a name acts on it."""
    lines = output.splitlines()
    return max(map(len, lines)) <= 80 and not set("\x1b\u202e") & set(output)


def test_the_table_tells_everything(folder: Path) -> None:
    run = latentes_in_process("inspect", "--study", "study.toml", "--files", cwd=folder)
    assert run.returncode == 0, run.stderr
    assert fits(run.stdout)
    said = " ".join(run.stdout.split())
    for told in (
        "22 files in 4 genres, 1.2 min. Used: 19 files, 38 clips of 1 s (spread evenly over each "
        "file), 0.6 min.",
        "Left out 3 of 22 files:",
        "jazz/brief.wav 0.11 s, 1 s needed",
        "outside.wav not in a genre folder",
        "Used 1 file in part:",
        "jazz/opposite.wav channels cancel out from 0.25 s; only channel ",
        "pop/pop.00001, rock/again under 2 genres",
        "Copies of one recording, kept in one split:",
        "blues no clips, none for validation and test",
        "rock/(U+001B)[31m[bold](U+202E).wav WAV 8 1 0:03 0.25 s, 1.75 s",
        "rock/long.flac FLAC 44.1 2 0:12 2.5 s, 8.5 s",
    ):
        assert told in said, said


def test_too_little_usable_music_is_shown_all_the_same(tmp_path: Path) -> None:
    music = plucked_notes.folder(tmp_path / "music", {"pop": 2}, 6, RATE)
    (music / "pop" / "broken.wav").write_bytes(b"junk" * 99)
    (music / "pop" / "empty.mp3").touch()
    run = latentes_in_process("inspect", "music", cwd=tmp_path)
    assert "Left out 2 of 4 files:" in run.stdout
    assert "pop/empty.mp3" in run.stdout
    problem = "only 2 of 4 music files are usable and distinct; a study needs at least 3, "
    assert run.stderr.splitlines()[-1].startswith(f"latentes: {problem}")
    assert run.returncode == 1
    files = ["pop/pop.00000.wav", "pop/pop.00001.wav", "pop/broken.wav"]
    found = inspect_folder(
        str(music),
        plucked_notes.hashed(music, files),
        dict.fromkeys(files, "pop"),
        {"pop/empty.mp3": "no_genre"},
        validation=0.1,
        test=0.1,
        unmatched=0,
        sampling_rate=RATE,
        samples=RATE,
        clips_per_file=1,
        seed=1,
        stretch="start",
    )
    assert found["problem"].startswith(problem)
    assert [clip["split"] for clip in found["clips"]] == [None, None]


def test_the_same_music_is_refused_as_in_a_build(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path / "music/Data/genres", {"jazz": 2, "rock": 2})
    (tmp_path / "study.toml").write_text('[data]\npath = "music"\n', encoding="utf-8")
    build = latentes_in_process("build", "--dry-run", cwd=tmp_path)
    shutil.rmtree(tmp_path / "build", ignore_errors=True)
    by_study = latentes_in_process("inspect", cwd=tmp_path)
    by_folder = latentes_in_process("inspect", tmp_path / "music", cwd=tmp_path)
    assert by_study.stderr == build.stderr
    assert by_folder.stderr == build.stderr.replace("study.toml:2: data.path: ", "")
    assert "did you mean" in build.stderr
    assert (by_study.returncode, by_folder.returncode) == (1, 1)
    (tmp_path / "study.toml").write_text("", encoding="utf-8")
    assert latentes_in_process("inspect", cwd=tmp_path).stderr == (
        "latentes: the study uses the embedded music; name a folder of music: latentes inspect "
        "FOLDER\n"
    )


def test_nothing_is_left_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(folder.rglob("*"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    run = latentes_in_process("inspect", "--study", "study.toml", cwd=folder)
    assert run.returncode == 0, run.stderr
    assert fits(run.stdout)
    assert sorted(folder.rglob("*")) == before
    assert not any(tmp_path.iterdir())


@pytest.mark.crash
def test_it_can_be_interrupted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = start(folder, "inspect", "music")
    assert eventually(lambda: any(tmp_path.glob("latentes-*/*")))
    time.sleep(0.3)
    os.killpg(command.pid, signal.SIGINT)
    output, errors = command.communicate()
    assert (command.returncode, output) == (130, "")
    assert errors.splitlines()[-1].startswith("Interrupted")
    assert "Traceback" not in errors
    assert eventually(lambda: not alive(command.pid))
    assert not any(tmp_path.glob("latentes-*"))
