"""A tiny study and the command that builds it, for all tests of whole builds."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.clock import stated, without_clock

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

[[new_songs]]
file = "song.flac"
name = "Canción de prueba"
"""


def _path(home: Path) -> str:
    """Where a process finds this project first, then what these tests find."""
    return os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")])


def latentes(
    *arguments: str,
    cwd: Path,
    home: Path = ROOT,
    code: str = "from report.cli import main; main()",
    before: Callable[[], object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `before` runs in its process first."""
    return subprocess.run(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    {code}", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": _path(home), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        preexec_fn=before,
    )


def start(folder: Path, cores: set[int] | None = None, *options: str) -> "subprocess.Popen[str]":
    """A build under way, on these cores of the machine."""
    return subprocess.Popen(
        [sys.executable, "-m", "report.cli", "build", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": _path(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores or os.sched_getaffinity(0)),
    )


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
    found["results/results.json"] = stated(without_clock(results(folder))).encode()
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
