"""PDF and site are replaced together when both are whole, or stand as they were."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.study_builds import STUDY, beside, latentes, made

NEW = STUDY.replace("diminuto", "renovado")
"""A study of which only the cover changes."""

KILLER = """
import os
from pathlib import Path

left = {moves}
rename, replace = Path.rename, Path.replace

def counting(move):
    def counted(path, target):
        global left
        if ".ready" in f"{{path}} {{target}}":
            if left == 0:
                os.kill(os.getpid(), 9)
            left -= 1
        return move(path, target)
    return counted

Path.rename, Path.replace = counting(rename), counting(replace)
"""


def copied(built: Path, folder: Path) -> Path:
    """A folder with a build of its own."""
    shutil.copytree(built / "build", beside(built, folder) / "build")
    (folder / "study.toml").unlink()
    return folder


def pages(folder: Path) -> dict[str, bytes]:
    """PDF and site; results may be newer."""
    return {name: found for name, found in made(folder).items() if not name.startswith("results")}


def broken(folder: Path) -> None:
    """A study whose last chapter names a number that does not exist."""
    (folder / "own").mkdir()
    (folder / "own" / "mine.md").write_text('# Nuestro {#sec-x}\n\n{{ num("no.such") }}\n')
    chapters = 'templates = "own"\nchapters = ["resumen", "mine"]\n'
    (folder / "study.toml").write_text(NEW.replace("[data]", f"{chapters}[data]", 1))


def test_a_mistake_in_a_chapter_leaves_the_last_report_and_says_so(
    built: Path, tmp_path: Path
) -> None:
    broken(copied(built, tmp_path))
    run = latentes("build", cwd=tmp_path)
    assert run.returncode == 1
    *_, mistake, stands = run.stderr.splitlines()
    assert "mine.md:3: no number in results.json is called no.such" in mistake
    assert stands.startswith("latentes: PDF and site of 20")
    assert stands.endswith("stand as they were in build")
    assert pages(tmp_path) == pages(built)


def test_a_step_that_fails_leaves_the_last_report_and_says_so(built: Path, tmp_path: Path) -> None:
    study = NEW.replace('title = "Un estudio renovado"', 'song = "rock/brief"')
    (copied(built, tmp_path) / "study.toml").write_text(study)
    run = latentes("build", cwd=tmp_path)
    assert run.returncode == 1
    assert "is no clip of the test set" in run.stderr
    assert run.stderr.endswith("stand as they were in build\n")
    assert made(tmp_path) == made(built)


def test_a_first_build_that_fails_speaks_of_no_report(built: Path, tmp_path: Path) -> None:
    broken(copied(built, tmp_path))
    (tmp_path / "build" / "informe.pdf").unlink()
    run = latentes("build", cwd=tmp_path)
    assert run.returncode == 1
    assert "no.such" in run.stderr
    assert "stand as they were" not in run.stderr


@pytest.fixture(scope="module")
def renewed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The other study, built without being disturbed."""
    folder = copied(built, tmp_path_factory.mktemp("renewed"))
    (folder / "study.toml").write_text(NEW)
    run = latentes("build", cwd=folder)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.parametrize("moves", range(4))
def test_killed_between_two_moves_the_report_is_whole_again_with_the_next_call(
    built: Path, renewed: Path, tmp_path: Path, moves: int
) -> None:
    (copied(built, tmp_path) / "study.toml").write_text(NEW)
    (tmp_path / "killer.py").write_text(KILLER.format(moves=moves))
    code = "import killer; from report.__main__ import main; main()"
    assert latentes("build", cwd=tmp_path, code=code).returncode == -signal.SIGKILL
    # Even if that next call cannot write a report of its own.
    broken(tmp_path)
    assert latentes("build", cwd=tmp_path).returncode == 1
    assert pages(tmp_path) == pages(renewed if moves else built)
    (tmp_path / "study.toml").write_text(NEW)
    run = latentes("build", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert made(tmp_path) == made(renewed)
    assert [path.name for path in (tmp_path / "build").glob(".re*")] == [".rendered"]
