"""Build the wheel as `python -m build` does, install it elsewhere and run it."""

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

pytestmark = pytest.mark.slow

IGNORED = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
HOOK = "import sys, setuptools.build_meta as hooks; getattr(hooks, sys.argv[1])(sys.argv[2])"


def run(*words: str | Path, cwd: Path) -> str:
    """Standard output of a command that succeeds, with this checkout off its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A source distribution of this checkout, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("distributions")
    shutil.copytree(ROOT, folder / "checkout", ignore=IGNORED)
    run(sys.executable, "-c", HOOK, "build_sdist", folder, cwd=folder / "checkout")
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.glob("latentes-*/")
    run(sys.executable, "-c", HOOK, "build_wheel", folder, cwd=unpacked)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def programs(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bin/ of a fresh environment with the wheel and the libraries of this one."""
    folder = tmp_path_factory.mktemp("programs") / "env"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", distributions[1], cwd=folder,
    )  # fmt: skip
    libraries = [path for path in sys.path if Path(path).name == "site-packages"]
    (purelib,) = (folder / "lib").glob("python*/site-packages")
    (purelib / "libraries.pth").write_text("\n".join(libraries))
    return folder / "bin"


def test_the_wheel_contains_code_templates_and_assets(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        names = set(wheel.namelist())
    (info,) = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/site/fonts/OFL-SourceSans3.txt"} <= names
    files = {name for name in names if not name.startswith(info)}
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipeline", "report")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".lua", ".js", ".safetensors") or path.name == "py.typed"
    }
    for inside, folder in (("templates", "templates"), ("assets", "site")):
        expected |= {
            f"report/{inside}/{path.relative_to(ROOT / folder).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
        }
    assert files == expected


def test_the_source_distribution_is_a_checkout(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[0]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for needed in (
        "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
        "docs/result.png", "docs/settings.md", "make_venv.py", "pyproject.toml",
        "requirements.lock", "study.toml",
        "templates/informe.md", "site/style.css", "tests/test_wheel.py", "benchmarks/training.py",
    ):  # fmt: skip
        assert needed in names


def test_the_command_runs_from_the_wheel_alone(programs: Path, tmp_path: Path) -> None:
    code = (
        "import sys, pipeline, report.cli, report.paths as p\n"
        "print(*sys.path, pipeline.__file__, report.cli.__file__, p.TEMPLATES, p.ASSETS, sep='\\n')"
    )
    found = run(programs / "python", "-c", code, cwd=tmp_path).splitlines()
    assert str(ROOT) not in found
    assert all(Path(path).is_relative_to(programs.parent) for path in found[-4:])
    assert "build" in run(programs / "latentes", "--help", cwd=tmp_path)
    (tmp_path / "study.toml").touch()  # the embedded study
    listed = run(programs / "latentes", "build", "--dry-run", cwd=tmp_path)
    assert "training.adaptive.18376" in listed
    assert "steps would run" in listed


def test_the_wheel_writes_the_same_pages(programs: Path, tmp_path: Path) -> None:
    write(tmp_path / "build" / "results", small())
    expected = render(tmp_path / "build" / "results", tmp_path / "expected")
    run(programs / "latentes", "render", cwd=tmp_path)
    site = tmp_path / "build" / "site"
    files = {path.relative_to(site) for path in site.rglob("*") if path.is_file()}
    assert len(files) > 50
    assert files == {p.relative_to(expected.site) for p in expected.site.rglob("*") if p.is_file()}
    for file in files:
        assert (site / file).read_bytes() == (expected.site / file).read_bytes(), file
    assert (tmp_path / "build" / "informe.pdf").read_bytes() == expected.pdf.read_bytes()
