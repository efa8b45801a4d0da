"""Fixtures that every test may ask for."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import plucked_notes
from tests.study_builds import ROOT, STUDY, latentes

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_music() -> Path:
    """The folder of real music beside the checkout: gtzan-250/ and new-songs/."""
    if not SHARED.is_dir():
        pytest.skip("no folder of real music beside the checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny study in it, built once; tests leave its build/ as it is."""
    folder = tmp_path_factory.mktemp("study")
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
    return folder


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
