"""Ctrl-C and SIGTERM as a terminal and a system send them: one line, no orphan, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.building import ROOT, beside, latentes
from tests.pipeline.engine.test_cluster import address, scheduler, workers  # noqa: F401
from tests.test_survival import same

LINE = "Interrupted; what was computed is kept\n"


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A command under way in a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "report", *arguments],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def alive(group: int) -> list[str]:
    """What still runs of a process group."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state, _, owner = (path / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(owner) == group and state != "Z":
                found.append((path / "cmdline").read_text())
        except OSError:
            continue  # it ended meanwhile
    return found


def nobody_is_left(group: int) -> None:
    for _ in range(200):
        if not alive(group):
            return
        time.sleep(0.05)
    assert alive(group) == []


def interrupted(
    command: "subprocess.Popen[str]", number: signal.Signals, heard: str, twice: bool = False
) -> None:
    """Send a signal to all that a command started; it ends with its line and leaves nobody."""
    os.killpg(command.pid, number)
    if twice:
        time.sleep(0.02)
        if command.poll() is None:
            os.killpg(command.pid, number)
    said = heard + command.communicate()[1]
    assert command.returncode == 128 + number, said
    assert said.count(LINE) == 1
    assert said.endswith(LINE)
    assert "Traceback" not in said
    assert "Warning" not in said
    nobody_is_left(command.pid)


def until(command: "subprocess.Popen[str]", lines: int) -> str:
    """What a build says until that many steps have ended, or until it writes its pages."""
    said = ""
    assert command.stderr is not None
    while lines and (line := command.stderr.readline()):
        said += line
        lines = 0 if line.startswith("Writing") else lines - line.startswith("[")
    return said


def test_interrupted_at_many_moments_a_build_goes_on_to_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
    beside(built, tmp_path)
    random = np.random.default_rng(3)
    for moment, steps in enumerate((1, 1, 2, 3, 5, 7, 9, 11, 1000, 1000, 1000)):
        build = start(tmp_path, "build")
        said = until(build, steps)
        time.sleep(random.uniform(0, 1))
        if build.poll() is None:
            number = (signal.SIGINT, signal.SIGTERM)[moment % 2]
            interrupted(build, number, said, twice=moment % 3 == 2)
    end = latentes("build", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    same(tmp_path, built)


@pytest.mark.parametrize("command", ["build", "render", "check"])
def test_interrupted_while_it_loads(built: Path, tmp_path: Path, command: str) -> None:
    beside(built, tmp_path)
    loading = start(tmp_path, command)
    maps = Path("/proc", str(loading.pid), "maps")
    while loading.poll() is None and "pydantic_core" not in maps.read_text():
        pass  # the first library that the command loads
    interrupted(loading, signal.SIGINT, "")


def test_interrupted_with_a_cluster_it_goes_on_here(
    built: Path,
    tmp_path: Path,
    address: str,  # noqa: F811
    workers: "dict[str, subprocess.Popen[bytes]]",  # noqa: F811
) -> None:
    build = start(beside(built, tmp_path), "build", "--scheduler", address)
    interrupted(build, signal.SIGINT, until(build, 4))
    assert [worker.poll() for worker in workers.values()] == [None, None]
    again = latentes("build", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "corpus" not in again.stderr
    same(tmp_path, built)


def test_killed_it_leaves_no_worker_either(built: Path, tmp_path: Path) -> None:
    beside(built, tmp_path)
    for steps in (2, 1000):
        build = start(tmp_path, "build")
        until(build, steps)
        time.sleep(0.5)
        build.kill()
        build.wait()
        nobody_is_left(build.pid)


def test_a_preview_ends_with_ctrl_c(built: Path, tmp_path: Path) -> None:
    (beside(built, tmp_path) / "build").symlink_to(built / "build")
    served = start(tmp_path, "serve", "--port", "0")
    assert served.stdout is not None
    assert served.stdout.readline().startswith("Site: http://127.0.0.1:")
    interrupted(served, signal.SIGINT, "")
