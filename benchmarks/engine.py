"""Overhead of the engine: no-op builds, and cold builds on one core, two cores and Dask.

    .venv/bin/python benchmarks/engine.py [--clips N] [--epochs E] [--small] [--dask ROUNDS]

Builds the embedded study from scratch, or one of N clips of filtered noise (their content does not
matter), then again with nothing to do. The overhead is the time of a cold build on one core beyond
the sum of its steps' times: planning, starting the worker, importing, and reading, writing and
checking values. Rendering pages is not included.

`--small` trains one classic and three adaptive models only. `--dask` compares two cores with two
Dask workers alone, that many times in turns: on a machine with other load, compare the processor
times. Those of Dask include what its scheduler, nannies and workers take while they wait, about a
tenth of a core, which grows with the time that other load adds.
"""

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from distributed import Client
from memory import write_music

ROOT = Path(__file__).parents[1]
COMPUTE = (
    "import sys; from pathlib import Path; from report.run_steps import compute; "
    "from pipeline.steps import RESULTS, graph; from pipeline.settings.load import load_study; "
    "out = Path(sys.argv[1]); steps = graph(load_study(Path('study.toml')), out / 'cache'); "
    "compute(steps, RESULTS, out, *sys.argv[2:])"
)
SMALL = """
[training.adaptive]
epochs = 2
[tuning]
trials = 2
epochs = 1
[models]
classic = [18376]
adaptive = [24496, 18376, 9184]
"""
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}


def timed(folder: Path, cores: set[int], *arguments: str, code: str = COMPUTE) -> float:
    """Seconds to run Python code on the given cores."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", f"if __name__ == '__main__':\n    {code}", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return time.perf_counter() - began


def cpu_seconds() -> float:
    """Processor time of this process's children: those that ended, and those that run."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum((times.user + times.system for times in running), ended.ru_utime + ended.ru_stime)


def compare_with_dask(folder: Path, rounds: int) -> None:
    """Print wall-clock and processor times of builds on two cores and on two Dask workers."""
    for index in range(rounds):
        began = cpu_seconds()
        seconds = timed(folder, {0, 1}, f"local{index}")
        print(f"2 cores: {_times(seconds, began)}", flush=True)
        with cluster(folder) as address, Client(address, timeout=60) as client:
            client.wait_for_workers(2)
            began = cpu_seconds()
            seconds = timed(folder, {0, 1}, f"dask{index}", address)
            print(f"2 Dask workers: {_times(seconds, began)}", flush=True)


def _times(seconds: float, cpu_began: float) -> str:
    cpu = cpu_seconds() - cpu_began
    return f"{seconds:.1f} s, {cpu:.1f} s of processor time, load {os.getloadavg()[0]:.1f}"


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a local scheduler with two single-threaded workers; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["distributed.cli.dask_scheduler", "--port", port, "--no-dashboard"]
    worker = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(folder)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command], env=ENVIRONMENT, stderr=subprocess.DEVNULL
        )
        for command in (scheduler, worker, worker)
    ]
    try:
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def main() -> None:
    """Print times of cold builds, the overhead, and no-op builds next to Python's startup."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, help="instead of the embedded study")
    options.add_argument("--epochs", type=int, default=40)
    options.add_argument("--small", action="store_true")
    options.add_argument("--dask", type=int, metavar="ROUNDS")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        study = f"[training]\nepochs = {chosen.epochs}\n"
        if chosen.clips:
            write_music(folder / "music", chosen.clips)
            study += '[data]\npath = "music"\n'
        (folder / "study.toml").write_text(study + SMALL * chosen.small)
        if chosen.dask:
            compare_with_dask(folder, chosen.dask)
            return
        one = timed(folder, {0}, "one")
        notes = [
            json.loads(note.read_text())
            for note in (folder / "one" / "cache").glob("*/*/entry.json")
        ]
        steps = sum(note["seconds"] for note in notes)
        print(f"cold, 1 core: {one:.1f} s, {len(notes)} steps {steps:.1f} s", flush=True)
        print(f"overhead: {one / steps - 1:.1%}", flush=True)
        two = timed(folder, {0, 1}, "two")
        print(f"cold, 2 cores: {two:.1f} s, speed-up {one / two:.2f}", flush=True)
        with cluster(folder) as address:
            dask = timed(folder, {0, 1}, "dask", address)
        print(f"cold, 2 Dask workers: {dask:.1f} s, speed-up {one / dask:.2f}", flush=True)
        again = min(timed(folder, {0, 1}, "one") for _ in range(5))
        bare = min(timed(folder, {0, 1}, code="pass") for _ in range(5))
        print(f"nothing to do: {again:.2f} s, Python startup {bare:.2f} s")


if __name__ == "__main__":
    main()
