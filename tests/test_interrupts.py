"""SIGINT and SIGTERM sent to real commands: one line, no leftover processes, nothing lost."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.study_builds import alive, beside, eventually, latentes, start, until
from tests.test_survival import same

pytestmark = pytest.mark.crash

LINE = "Interrupted; what was computed is kept\n"
LAST = ("Site: build/site/index.html\n", "build/site is not ready to publish\n")
"""Last lines of commands that ended by themselves, successfully or not."""


def assert_no_process_left(group: int) -> None:
    assert eventually(lambda: not alive(group)), alive(group)


def interrupted(
    command: "subprocess.Popen[str]", number: signal.Signals, heard: str, twice: bool = False
) -> bool:
    """Signal a command's process group; it must end with `LINE` and leave no process.

    Returns:
        False if the command had finished before it handled the signal.
    """
    os.killpg(command.pid, number)
    os.killpg(command.pid, signal.SIGCONT)  # a stopped command handles it now
    if twice:
        time.sleep(0.02)
        if command.poll() is None:
            os.killpg(command.pid, number)
    # Not communicate(), which would lose what readline() has buffered.
    assert command.stdout is not None
    assert command.stderr is not None
    said, output = heard + command.stderr.read(), command.stdout.read()
    command.wait()
    assert "Traceback" not in said
    assert "Warning" not in said
    assert_no_process_left(command.pid)
    if LINE not in said and (said + output).endswith(LAST):
        # The command had finished before the signal.
        assert command.returncode in (0, 1, 128 + number), said
        return False
    assert command.returncode == 128 + number, said
    assert said.count(LINE) == 1
    assert said.endswith(LINE)
    return True


def test_interrupted_builds_resume_to_the_same_bytes(built: Path, tmp_path: Path) -> None:
    beside(built, tmp_path)
    random = np.random.default_rng(3)
    times, ended = 0, set[str]()
    for moment, steps in enumerate((1, 1, 2, 3, 5, 7, 9, 11, 1000, 1000, 1000)):
        build = start(tmp_path, "build")
        said = until(build, steps)
        time.sleep(random.uniform(0, 1))
        number = (signal.SIGINT, signal.SIGTERM)[moment % 2]
        times += interrupted(build, number, said, twice=moment % 3 == 2)
        now = set(re.findall(r"^\[\d+/\d+\] (\S+)", said, re.MULTILINE))
        assert not now & ended, "a stored step was recomputed"
        ended |= now
    # A build that is already writing its pages may end before the signal arrives.
    assert times >= 6
    end = latentes("build", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert "corpus" not in end.stderr
    same(tmp_path, built)


STOPPER = """
import os, signal, sys

class Stopper:
    def find_spec(self, name, path, target=None):
        if name == "pydantic_core":
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGSTOP)

sys.meta_path.insert(0, Stopper())
"""
"""A sitecustomize.py that stops the command at the first library it loads."""


@pytest.mark.parametrize("command", ["build", "render", "check"])
def test_interrupted_while_it_loads(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A build starts from nothing; the other commands have a finished build."""
    beside(built, tmp_path)
    if command != "build":
        shutil.copytree(built / "build", tmp_path / "build", ignore=shutil.ignore_patterns("cache"))
    (tmp_path / "sitecustomize.py").write_text(STOPPER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    loading = start(tmp_path, command)
    _, status = os.waitpid(loading.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert interrupted(loading, signal.SIGINT, "")


@pytest.mark.cluster
def test_build_interrupted_on_a_cluster_resumes_locally(
    built: Path,
    tmp_path: Path,
    address: str,
    workers: "dict[str, subprocess.Popen[bytes]]",
) -> None:
    build = start(beside(built, tmp_path), "build", "--scheduler", address)
    assert interrupted(build, signal.SIGINT, until(build, 4))
    assert [worker.poll() for worker in workers.values()] == [None, None]
    again = latentes("build", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "corpus" not in again.stderr
    same(tmp_path, built)


def test_a_killed_build_leaves_no_worker(built: Path, tmp_path: Path) -> None:
    beside(built, tmp_path)
    for steps in (2, 1000):
        build = start(tmp_path, "build")
        until(build, steps)
        time.sleep(0.5)
        build.kill()
        build.wait()
        assert_no_process_left(build.pid)


def test_a_preview_ends_with_ctrl_c(built: Path, tmp_path: Path) -> None:
    (beside(built, tmp_path) / "build").symlink_to(built / "build")
    served = start(tmp_path, "serve", "--port", "0")
    assert served.stdout is not None
    assert served.stdout.readline().startswith("Site: http://127.0.0.1:")
    assert interrupted(served, signal.SIGINT, "")
