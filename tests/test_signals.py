"""Ctrl-C and SIGTERM as a terminal and a system send them: one line, no orphan, nothing lost."""

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

LINE = "Interrupted; what was computed is kept\n"
LAST = ("Site: build/site/index.html\n", "not to publish build/site\n")
"""What a command says last that came to its own end, good or bad."""


def nobody_is_left(group: int) -> None:
    assert eventually(lambda: not alive(group)), alive(group)


def interrupted(
    command: "subprocess.Popen[str]", number: signal.Signals, heard: str, twice: bool = False
) -> bool:
    """Send a signal to all that a command started; it ends with its line and leaves nobody.

    False where it had done all it had to before it took notice.
    """
    os.killpg(command.pid, number)
    if twice:
        time.sleep(0.02)
        if command.poll() is None:
            os.killpg(command.pid, number)
    # Not communicate(), which would pass over what was read ahead of the lines heard.
    assert command.stdout is not None
    assert command.stderr is not None
    said, output = heard + command.stderr.read(), command.stdout.read()
    command.wait()
    assert "Traceback" not in said
    assert "Warning" not in said
    nobody_is_left(command.pid)
    if LINE not in said and (said + output).endswith(LAST):
        # All was done and told before it came.
        assert command.returncode in (0, 1, 128 + number), said
        return False
    assert command.returncode == 128 + number, said
    assert said.count(LINE) == 1
    assert said.endswith(LINE)
    return True


def test_interrupted_at_many_moments_a_build_goes_on_to_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
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
        assert not now & ended, "what was computed is computed again"
        ended |= now
    assert times >= 6
    end = latentes("build", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert "corpus" in ended
    assert "corpus" not in end.stderr
    same(tmp_path, built)


@pytest.mark.parametrize("command", ["build", "render", "check"])
def test_interrupted_while_it_loads(built: Path, tmp_path: Path, command: str) -> None:
    """A build with everything to compute; the others with all that is made of it."""
    beside(built, tmp_path)
    if command != "build":
        shutil.copytree(built / "build", tmp_path / "build", ignore=shutil.ignore_patterns("cache"))

    def at_once() -> bool:
        loading = start(tmp_path, command)
        maps = Path("/proc", str(loading.pid), "maps")
        # The first library that the command loads; of what has ended nothing is to be read.
        while (found := maps.read_text()) and "pydantic_core" not in found:
            time.sleep(0.001)
        return interrupted(loading, signal.SIGINT, "")

    # A machine that is held up just then may let a short command end by itself.
    assert any(at_once() for _ in range(5))


def test_interrupted_with_a_cluster_it_goes_on_here(
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
    assert interrupted(served, signal.SIGINT, "")
