"""What the engine costs: a build with nothing to do, its share of a cold build, 1 core and 2.

    .venv/bin/python benchmarks/engine.py [--clips N]

Builds a study of N clips of filtered noise (their content does not matter here) from nothing, on
one core and on two, then again with nothing to do. Overhead is what a cold build on one core
takes beyond the sum of its steps' own seconds, starting its one worker and importing the
libraries that the steps call included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from memory import write_music

ROOT = Path(__file__).parents[1]
STUDY = """
[data]
path = "music"
[models]
classic = [18376, 9184]
[training]
epochs = 20
[tuning]
trials = 0
"""
COMPUTE = (
    "import sys; from pathlib import Path; from report.cli import _compute; "
    "from pipeline.steps import RESULTS, graph; from pipeline.study import read; "
    "out = Path(sys.argv[1]); steps = graph(read(Path('study.toml')), out / 'cache'); "
    "_compute(steps, RESULTS, out)"
)


def timed(command: list[str], folder: Path, cores: set[int]) -> float:
    """Seconds that a command takes on these cores."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        check=True,
        capture_output=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return time.perf_counter() - began


def main() -> None:
    """Print cold builds, the engine's share, and a build with nothing to do beside Python."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=100)
    clips = options.parse_args().clips
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_music(folder / "music", clips)
        (folder / "study.toml").write_text(STUDY)
        script = ["-c", COMPUTE]
        one = timed([*script, "one"], folder, {0})
        two = timed([*script, "two"], folder, {0, 1})
        notes = (folder / "one" / "cache").glob("*/*/entry.json")
        steps = sum(json.loads(note.read_text())["seconds"] for note in notes)
        again = min(timed([*script, "one"], folder, {0, 1}) for _ in range(5))
        bare = min(timed(["-c", ""], folder, {0, 1}) for _ in range(5))
    print(
        f"cold, 1 core: {one:.1f} s, of which steps {steps:.1f} s: overhead {one / steps - 1:.1%}"
    )
    print(f"cold, 2 cores: {two:.1f} s, {one / two:.2f} times faster")
    print(f"nothing to do: {again:.2f} s, Python's own start {bare:.2f} s")


if __name__ == "__main__":
    main()
