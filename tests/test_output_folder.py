"""A study never reads its own output; limits of the system are reported in one line."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.study_builds import ROOT, latentes_in_process


@pytest.fixture
def study(built: Path, tmp_path: Path) -> Path:
    """A copy of the tiny study, with times, so that its files need not be hashed again."""
    return Path(shutil.copytree(built, tmp_path / "study", symlinks=True))


def dry_run(study: Path, out: str) -> "subprocess.CompletedProcess[str]":
    return latentes_in_process("build", "--dry-run", "--out", out, cwd=study)


@pytest.mark.parametrize("out", ["music/build", "music/rock"])
def test_an_output_folder_inside_the_music_changes_nothing(study: Path, out: str) -> None:
    shutil.copytree(study / "build", study / out, dirs_exist_ok=True)
    for folder in (out, "build"):
        run = dry_run(study, folder)
        assert run.stdout == "0 steps would run\n", run.stdout + run.stderr


def test_links_to_the_output_folder_change_nothing(study: Path) -> None:
    (study / "music" / "rock" / "mine").symlink_to(study / "build" / "site")
    (study / "music" / "encoded").symlink_to(study / "build")
    assert dry_run(study, "build").stdout == "0 steps would run\n"


def test_music_and_songs_that_a_build_writes_are_refused(study: Path) -> None:
    [song, *_] = (study / "build" / "results").rglob("*.flac")
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("song.flac", str(song)).replace('"music"', '"build/results"')
    settings.write_text(text, encoding="utf-8")
    lines = dry_run(study, "build").stderr.splitlines()
    assert len(lines) == 2
    assert "data.path: " in lines[0]
    assert lines[0].endswith(
        "/build/results: builds write into this folder; move the music elsewhere, or choose "
        "another folder with --out"
    )
    assert lines[1].endswith(f"{song}: written by a build; copy it to another folder")


def limited(study: Path, command: str, limit: int, value: int) -> list[str]:
    """The lines with which a command ends that runs with a limit on a resource."""
    run = subprocess.run(
        [sys.executable, "-m", "report", command],
        cwd=study,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        preexec_fn=lambda: resource.setrlimit(limit, (value, value)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stderr
    assert "Traceback" not in run.stderr
    return [line for line in run.stderr.splitlines() if line.startswith("latentes: ")]


FILES = "raise the limit (ulimit -n 4096), then run the same command again"
SIZE = "raise the limit on the size of files (ulimit -f), then run the same command again"


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "value", "gone", "expected"),
    [
        pytest.param(resource.RLIMIT_NOFILE, 13, "results",
                     f"latentes: Too many open files, more than 13; {FILES}", id="few files"),
        pytest.param(resource.RLIMIT_NOFILE, 40, "results",
                     f"latentes: results: Too many open files, more than 40; {FILES}", id="files"),
        pytest.param(resource.RLIMIT_FSIZE, 50_000, "corpus",
                     "latentes: corpus: build/cache/corpus: cannot be written (File too large); "
                     + SIZE, id="size"),
    ],
)  # fmt: skip
def test_a_limit_of_the_process_is_reported_and_nothing_is_lost(
    study: Path, limit: int, value: int, gone: str, expected: str
) -> None:
    for step in {"results", gone}:
        shutil.rmtree(study / "build" / "cache" / step)
    before = sorted((study / "build" / "cache").rglob("entry.json"))
    assert limited(study, "build", limit, value)[0] == expected
    assert sorted((study / "build" / "cache").rglob("entry.json")) == before


@pytest.mark.crash
@pytest.mark.slow
def test_pages_that_exceed_the_size_of_files_stay_as_they_were(study: Path) -> None:
    pages = {path: path.read_bytes() for path in (study / "build" / "site").rglob("*.html")}
    shutil.rmtree(study / "build" / ".kept")
    (study / "build" / ".rendered").unlink()
    [line, _] = limited(study, "render", resource.RLIMIT_FSIZE, 40_000)
    assert line == f"latentes: build: cannot be written (File too large); {SIZE}"
    assert {path: path.read_bytes() for path in pages} == pages
