"""The wheel: built by the hooks that `python -m build` calls, installed and run far from here."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from report.render import render
from tests.report.sample import small, write
from tests.study_builds import ROOT

NOT_SOURCE = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
HOOK = "import sys, setuptools.build_meta as hooks; getattr(hooks, sys.argv[1])(sys.argv[2])"


def ran(*words: str | Path, cwd: Path, **more: str) -> str:
    """What a command says on its way to a good end, without this checkout on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        list(map(str, words)), cwd=cwd, env=environment | more, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A source distribution of this checkout, and the wheel built from what that holds."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(ROOT, folder / "checkout", ignore=NOT_SOURCE)
    ran(sys.executable, "-c", HOOK, "build_sdist", folder, cwd=folder / "checkout")
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.glob("latentes-*/")
    ran(sys.executable, "-c", HOOK, "build_wheel", folder, cwd=unpacked)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def elsewhere(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel, and beside it the libraries of ours."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    ran(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", made[1], cwd=folder,
    )  # fmt: skip
    libraries = [path for path in sys.path if Path(path).name == "site-packages"]
    (purelib,) = (folder / "lib").glob("python*/site-packages")
    (purelib / "libraries.pth").write_text("\n".join(libraries))
    return folder / "bin"


def test_the_wheel_holds_what_a_report_is_made_from(made: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(made[1]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipeline", "report")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".lua", ".js")
    }
    for inside, beside in (("templates", "templates"), ("assets", "site")):
        expected |= {
            f"report/{inside}/{path.relative_to(ROOT / beside).as_posix()}"
            for path in (ROOT / beside).rglob("*")
            if path.is_file()
        }
    assert held == expected


def test_the_source_distribution_is_a_checkout(made: tuple[Path, Path]) -> None:
    with tarfile.open(made[0]) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    for needed in (
        "Makefile", "README.md", "pyproject.toml", "requirements.lock", "study.toml",
        "templates/informe.md", "site/style.css", "tests/test_wheel.py", "benchmarks/training.py",
    ):  # fmt: skip
        assert needed in held


def test_the_command_runs_from_the_wheel_alone(elsewhere: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pipeline, report.cli, report.paths as p\n"
        "print(*sys.path, pipeline.__file__, report.cli.__file__, p.TEMPLATES, p.ASSETS, sep='\\n')"
    )
    found = ran(elsewhere / "python", "-c", code, cwd=tmp_path).splitlines()
    assert str(ROOT) not in found
    assert all(Path(path).is_relative_to(elsewhere.parent) for path in found[-4:])
    assert "build" in ran(elsewhere / "latentes", "--help", cwd=tmp_path)
    (tmp_path / "study.toml").touch()  # the embedded study
    listed = ran(elsewhere / "latentes", "build", "--dry-run", cwd=tmp_path)
    assert "training.adaptive.18376" in listed
    assert "steps would run" in listed


def test_the_wheel_writes_the_same_pages(elsewhere: Path, tmp_path: Path) -> None:
    write(tmp_path / "build" / "results", small())
    expected = render(tmp_path / "build" / "results", tmp_path / "expected")
    ran(elsewhere / "latentes", "render", cwd=tmp_path)
    site = tmp_path / "build" / "site"
    files = {path.relative_to(site) for path in site.rglob("*") if path.is_file()}
    assert len(files) > 50
    assert files == {p.relative_to(expected.site) for p in expected.site.rglob("*") if p.is_file()}
    for file in files:
        assert (site / file).read_bytes() == (expected.site / file).read_bytes(), file
    assert (tmp_path / "build" / "informe.pdf").read_bytes() == expected.pdf.read_bytes()
