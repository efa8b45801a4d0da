"""PDF and site are replaced together once both are complete, or left unchanged."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from report.figures import draw
from report.site import sound_files
from tests.conftest import Shared
from tests.study_builds import STUDY, beside, latentes, latentes_in_process, made

NEW = STUDY.replace("diminuto", "renovado")
"""The same study with another title."""

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


def copy_build(built: Path, folder: Path) -> Path:
    """Copy a finished build into `folder`."""
    shutil.copytree(built / "build", beside(built, folder) / "build")
    (folder / "study.toml").unlink()
    return folder


def pages(folder: Path) -> dict[str, bytes]:
    """Return the files of PDF and site, without the results, which may be newer."""
    return {name: found for name, found in made(folder).items() if not name.startswith("results")}


def write_broken_study(folder: Path) -> None:
    """Write a study whose last chapter uses an unknown number."""
    (folder / "own").mkdir()
    (folder / "own" / "mine.md").write_text('# Nuestro {#sec-x}\n\n{{ num("no.such") }}\n')
    chapters = 'templates = "own"\nchapters = ["resumen", "mine"]\n'
    (folder / "study.toml").write_text(NEW.replace("[data]", f"{chapters}[data]", 1))


def test_an_error_in_a_chapter_keeps_the_last_report_and_mentions_it(
    built: Path, tmp_path: Path
) -> None:
    write_broken_study(copy_build(built, tmp_path))
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 1
    *_, error, hint = run.stderr.splitlines()
    assert "mine.md:3: no number in results.json is called no.such" in error
    assert hint.startswith("latentes: the PDF and site of 20")
    assert hint.endswith("in build are unchanged")
    assert pages(tmp_path) == pages(built)


@pytest.mark.parametrize(
    ("template", "hostile", "message"),
    [
        ("resumen.md", "{{ results.folder }}", "'folder' of 'Results' object is unsafe"),
        ("sitio/datos.html", "{{ cover.__class__ }}", "'__class__' of 'Cover' object is unsafe"),
    ],
)
def test_hostile_template_is_one_line(
    built: Path, tmp_path: Path, template: str, hostile: str, message: str
) -> None:
    copy_build(built, tmp_path)
    path = tmp_path / "own" / template
    path.parent.mkdir(parents=True)
    path.write_text(f"Uno\n\n{hostile}\n")
    (tmp_path / "study.toml").write_text(NEW.replace("[data]", 'templates = "own"\n[data]', 1))
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 1
    *_, error, _ = run.stderr.splitlines()
    assert f"own/{template}:3: " in error
    assert message in error
    assert pages(tmp_path) == pages(built)


def test_a_failed_step_keeps_the_last_report_and_mentions_it(built: Path, tmp_path: Path) -> None:
    study = NEW.replace('title = "Un estudio renovado"', 'song = "rock/brief"')
    (copy_build(built, tmp_path) / "study.toml").write_text(study)
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 1
    assert "is not a clip of the test set" in run.stderr
    assert run.stderr.endswith("in build are unchanged\n")
    assert made(tmp_path) == made(built)


def test_a_failed_first_build_mentions_no_report(built: Path, tmp_path: Path) -> None:
    write_broken_study(copy_build(built, tmp_path))
    (tmp_path / "build" / "informe.pdf").unlink()
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 1
    assert "no.such" in run.stderr
    assert "unchanged" not in run.stderr


@pytest.fixture(scope="session")
def renewed(built: Path, shared: Shared) -> Path:
    """A build of the other study, not interrupted."""

    def build(folder: Path) -> None:
        (copy_build(built, folder) / "study.toml").write_text(NEW)
        run = latentes_in_process("build", cwd=folder)
        assert run.returncode == 0, run.stderr

    return shared("renewed", build)


@pytest.mark.crash
@pytest.mark.parametrize("moves", range(4))
def test_killed_between_two_moves_the_next_call_completes_the_report(
    built: Path, renewed: Path, tmp_path: Path, moves: int
) -> None:
    (copy_build(built, tmp_path) / "study.toml").write_text(NEW)
    cache = Path("build", "cache")  # only the pages are still to be written
    shutil.copytree(renewed / cache, tmp_path / cache, dirs_exist_ok=True)
    (tmp_path / "killer.py").write_text(KILLER.format(moves=moves))
    code = "import killer; from report.__main__ import main; main()"
    assert latentes("build", cwd=tmp_path, code=code).returncode == -signal.SIGKILL
    # Even if the next build itself fails.
    write_broken_study(tmp_path)
    assert latentes_in_process("build", cwd=tmp_path).returncode == 1
    assert pages(tmp_path) == pages(renewed if moves else built)
    (tmp_path / "study.toml").write_text(NEW)
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert made(tmp_path) == made(renewed)
    assert [path.name for path in (tmp_path / "build").glob(".re*")] == [".rendered"]


def flip_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
def test_damaged_files_are_found_by_check_and_made_again_by_build(
    built: Path, tmp_path: Path
) -> None:
    out = copy_build(built, tmp_path) / "build"
    (tmp_path / "study.toml").write_text(STUDY)
    sound = next(path for path in sorted((out / "site" / "audio").rglob("*.mp3")))
    sound.write_bytes(sound.read_bytes()[:1000])
    result = next(path for path in sorted((out / "results" / "audio").rglob("*.flac")))
    (out / "site" / "datos.html").unlink()
    (out / "site" / "extra.html").touch()
    for path in (out / "informe.pdf", out / "site" / "index.html", result):
        flip_bit(path)
    kept = [path for path in (out / ".kept").rglob("*") if path.is_file()]
    for path in kept:
        flip_bit(path)
    found = latentes_in_process("check", cwd=tmp_path).stdout
    for path in (sound, out / "informe.pdf", out / "site" / "index.html", result):
        assert f"{path.relative_to(out)}: has changed since latentes wrote it; run" in found
    assert "site/datos.html: is missing; run" in found
    assert "site/extra.html: was not written by latentes; run" in found
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    warnings = [line for line in run.stderr.splitlines() if line.startswith("Warning: ")]
    assert len(warnings) == len(kept)
    assert all(line.endswith(": damaged; making it again") for line in warnings)
    assert made(tmp_path) == made(built)
    found = latentes_in_process("check", cwd=tmp_path).stdout
    assert "run latentes build again" not in found
    assert "up to date" in latentes_in_process("build", cwd=tmp_path).stderr


@pytest.mark.slow
def test_a_render_does_not_accept_damaged_results(built: Path, tmp_path: Path) -> None:
    out = copy_build(built, tmp_path) / "build"
    (tmp_path / "study.toml").write_text(STUDY)
    model = next((out / "results" / "models").glob("*.safetensors"))
    flip_bit(model)
    assert latentes_in_process("render", cwd=tmp_path).returncode == 0
    assert str(model.relative_to(out)) in latentes_in_process("check", cwd=tmp_path).stdout
    assert latentes_in_process("build", cwd=tmp_path).returncode == 0
    assert made(tmp_path) == made(built)


def test_a_new_title_draws_encodes_converts_and_computes_nothing(
    built: Path, renewed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (copy_build(built, tmp_path) / "study.toml").write_text(NEW)
    monkeypatch.setattr(sound_files, "_encoded", lambda *_, **__: pytest.fail("encoded again"))
    monkeypatch.setattr(draw, "_draw_missing", lambda *_: pytest.fail("drawn again"))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("converted again"))
    run = latentes_in_process("build", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "steps computed" not in run.stderr
    text = (tmp_path / "build" / "results" / "results.json").read_text(encoding="utf-8")
    assert json.loads(text)["study"]["report"]["title"] == "Un estudio renovado"
    assert made(tmp_path) == made(renewed)
