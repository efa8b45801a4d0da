"""A tiny study and the command that builds it, for all tests of whole builds."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.results.reproducible import to_json, without_wall_clock
from report import cli

ROOT = Path(__file__).parents[1]

STUDY = """
[report]
title = "Un estudio diminuto"

[data]
path = "music"
seconds = 1.0
sampling_rate = 8000

[[models.small]]
channels = [4]
kernels = [20]
strides = [10]
paddings = [5]

[[models.small]]
channels = [2]
kernels = [20]
strides = [10]
paddings = [5]

[training]
epochs = 2
batch = 4

[tuning]
trials = 2
epochs = 1

[generation]
batches = 4

[[new_songs]]
file = "song.flac"
name = "Canción de prueba"
"""


def _environment(home: Path) -> dict[str, str]:
    """A process finds this project first, then what these tests find."""
    path = os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path, "COLUMNS": "80"}


def latentes(
    *arguments: str, cwd: Path, home: Path = ROOT, code: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, or `code` in its place."""
    program = ["-c", f"if __name__ == '__main__':\n    {code}"] if code else ["-m", "report"]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=cwd,
        env=_environment(home),
        capture_output=True,
        text=True,
    )


def latentes_in_process(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Like `latentes`, without starting a Python interpreter (which takes about 2 s)."""
    command = ["latentes", *map(str, arguments)]
    output, errors, status = io.StringIO(), io.StringIO(), 0
    argv, handlers = sys.argv, {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    sys.argv = command
    try:
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
        ):
            cli.main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = argv
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return subprocess.CompletedProcess(command, status, output.getvalue(), errors.getvalue())


def start(
    folder: Path, *arguments: str, home: Path = ROOT, cores: set[int] | None = None
) -> "subprocess.Popen[str]":
    """The command under way in a process group of its own, as a terminal starts it; on these
    cores of the machine alone, if any are given."""
    started = subprocess.Popen(
        [sys.executable, "-m", "report", *arguments],
        cwd=folder,
        env=_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    if cores:
        os.sched_setaffinity(started.pid, cores)  # long before it looks how many it has
    return started


def until(build: "subprocess.Popen[str]", steps: int) -> str:
    """What a build says until that many steps have ended, or until it writes its pages."""
    said = ""
    assert build.stderr is not None
    while steps and (line := build.stderr.readline()):
        said += line
        steps = 0 if line.startswith("Writing") else steps - line.startswith("[")
    return said


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


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold; a minute is long enough for the slowest machine."""
    end = time.monotonic() + 60
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return held


def beside(built: Path, folder: Path) -> Path:
    """Make a folder ready to build the same study in."""
    for name in ("music", "song.flac", "study.toml"):
        (folder / name).symlink_to(built / name)
    return folder


def results(folder: Path) -> dict[str, Any]:
    """The content of the results.json of a build."""
    text = (folder / "build" / "results" / "results.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def made(folder: Path) -> dict[str, bytes]:
    """All that a build made, by file: PDF, site and results, these without the clock."""
    out = folder / "build"
    paths = [out / "informe.pdf", *(out / "site").rglob("*"), *(out / "results").rglob("*")]
    found = {str(path.relative_to(out)): path.read_bytes() for path in paths if path.is_file()}
    assert len(found) > 50
    found["results/results.json"] = to_json(without_wall_clock(results(folder))).encode()
    return found


def stored(folder: Path) -> dict[str, str]:
    """SHA-256 of all stored values, by step, key and file; not of results.json, which holds
    times."""
    cache = folder / "build" / "cache"
    found = {}
    for path in cache.glob("*/*/entry.json"):
        for file, (_, _, digest) in json.loads(path.read_text(encoding="utf-8"))["files"].items():
            if file != "files/results.json":
                found[f"{path.parent.relative_to(cache)}/{file}"] = digest
    return found
