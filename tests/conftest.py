"""Fixtures that every test may ask for."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # One worker per core: a pool of threads in each would only make them wait for one another.
    # To be set before NumPy or PyTorch is imported; subprocesses inherit it.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
# As pools set it for their workers: once its threads run, Numba refuses another number.
os.environ["NUMBA_NUM_THREADS"] = "1"

from tests.pipeline import plucked_notes
from tests.study_builds import ROOT, STUDY, latentes

SHARED = Path(__file__).parents[2] / "shared" / "data"

Shared = Callable[[str, Callable[[Path], object]], Path]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """A function `shared(name, make)` that returns a folder filled by `make(folder)`.

    The first caller among all pytest-xdist workers fills it, the others wait for it.
    """
    root = tmp_path_factory.getbasetemp()
    root = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "shared"
    root.mkdir(exist_ok=True)

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        done = root / f"{name}.done"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(root / name, ignore_errors=True)  # left by a call that failed
                (root / name).mkdir()
                make(root / name)
                done.touch()
        return root / name

    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "Rewrite the generated tables of tests/README.md and docs/music.md (without -n)."
    parser.addoption("--update-tables", action="store_true", help=help_text)


@pytest.fixture
def check_table(request: pytest.FixtureRequest) -> Callable[[str, list[str]], None]:
    """A function that asserts that a table of tests/README.md or docs/music.md is current, or
    updates it."""
    pages = [Path(__file__).with_name("README.md"), ROOT / "docs" / "music.md"]

    def check(name: str, lines: list[str]) -> None:
        mark = f"<!-- table: {name} -->\n"
        readme = next((page for page in pages if mark in page.read_text(encoding="utf-8")), None)
        assert readme, f"no table {name} in {pages}"
        before, start, rest = readme.read_text(encoding="utf-8").partition(mark)
        table, end, after = rest.partition("<!-- end -->")
        assert end, f"{readme}: table {name} has no end"
        current = "\n".join(["", *lines, "", ""])
        if request.config.getoption("--update-tables"):
            readme.write_text(f"{before}{start}{current}{end}{after}", encoding="utf-8")
        else:
            update = f"pytest --update-tables '{request.node.nodeid}'"
            assert table == current, f"{readme}: table {name} is out of date; run {update}"

    return check


@pytest.fixture(scope="session")
def real_music() -> Path:
    """The folder of real music beside the checkout: gtzan-250/ and new-songs/."""
    if not SHARED.is_dir():
        pytest.skip("no folder of real music beside the checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def built(shared: Shared) -> Path:
    """A folder with a tiny study in it, built once; tests leave its build/ as it is."""
    return shared("study", build_tiny_study)


def build_tiny_study(folder: Path) -> None:
    plucked_notes.folder(folder / "music", {"pop": 7, "rock": 7})
    plucked_notes.write(
        folder / "music" / "rock" / "brief.wav", plucked_notes.pluck(9, 0.2, 8000), 8000
    )
    plucked_notes.write(folder / "song.flac", plucked_notes.pluck(99, 3, 44_100, 2), 44_100)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    run = latentes("build", cwd=folder)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "PDF:  build/informe.pdf\nSite: build/site/index.html\n"
    assert "training.small.3200" in run.stderr
    assert "\x1b" not in run.stderr
    assert "  rock/brief.wav: 0.20 s, 1 s needed\n" in run.stderr


def dask(*command: str, **environment: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def failures() -> int:
    """Lost workers after which the scheduler gives a step up."""
    return 3


@pytest.fixture
def scheduler(address: str, failures: int) -> Iterator["subprocess.Popen[bytes]"]:
    host, port = address.removeprefix("tcp://").split(":")
    command = ("--host", host, "--port", port, "--no-dashboard")
    started = dask(
        "distributed.cli.dask_scheduler",
        *command,
        DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=str(failures),
    )
    yield started
    started.kill()
    started.wait()


@pytest.fixture
def address() -> str:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def workers(
    scheduler: object, address: str, tmp_path: Path
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    how = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
    found = {
        name: dask("distributed.cli.dask_worker", address, "--name", name, *how)
        for name in ("first", "second")
    }
    yield found
    for worker in found.values():
        worker.kill()
        worker.wait()
