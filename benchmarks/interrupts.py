"""How quickly builds exit when interrupted at various times, and whether they resume.

    .venv/bin/python benchmarks/interrupts.py [--moments 40] [--scheduler tcp://HOST:PORT]

Builds a tiny study of both families in its own process group, as a shell does, and sends SIGINT to
the group (SIGTERM every fourth time, SIGINT twice every fifth time) at times spread over a whole
build, with a different seed each time; finally the last build is resumed. For each, prints the last
output before the signal, the time to exit, the exit status, unexpected output and surviving
processes; then the slowest exit and the result of the resumed build. Linux only.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parents[1]
STUDY = """
seed = {seed}
[data]
path = "music"
seconds = 1.0
sampling_rate = 8000
[models]
adaptive = [3200, 1600]
[[models.layers]]
channels = [4]
kernels = [20]
strides = [10]
paddings = [5]
[training]
epochs = 2
batch = 4
[training.adaptive]
epochs = 2
[tuning]
trials = 2
epochs = 1
"""
LINE = "Interrupted; what was computed is kept"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"}


def write_music(folder: Path) -> None:
    """Write twenty clips of filtered noise in two genres."""
    for index in range(20):
        noise = np.random.default_rng(index).standard_normal(8000)
        sound = np.convolve(noise, np.ones(2 + 6 * (index % 2)), "same")
        path = folder / ("pop", "rock")[index % 2] / f"{index}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.5 * sound / np.abs(sound).max(), 8000)


def start(folder: Path, log: Path, options: list[str]) -> "subprocess.Popen[bytes]":
    """Start a build in its own process group."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "report", "build", *options],
            cwd=folder, env=ENVIRONMENT, stdout=stream, stderr=stream, process_group=0,
        )  # fmt: skip


def alive(group: int) -> list[int]:
    """Running processes of a group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, owner = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(owner) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def main() -> None:
    """Interrupt builds and print how they exit."""
    options = argparse.ArgumentParser()
    options.add_argument("--moments", type=int, default=40)
    options.add_argument("--scheduler")
    chosen = options.parse_args()
    more = ["--scheduler", chosen.scheduler] if chosen.scheduler else []
    with tempfile.TemporaryDirectory() as work:
        folder, log = Path(work), Path(work, "log")
        write_music(folder / "music")
        (folder / "study.toml").write_text(STUDY.format(seed=0))
        began = time.monotonic()
        start(folder, log, more).wait()
        whole = time.monotonic() - began
        print(f"uninterrupted: {whole:.1f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        took = []
        for moment in range(chosen.moments):
            # A new seed invalidates everything.
            (folder / "study.toml").write_text(STUDY.format(seed=1 + moment))
            build = start(folder, log, more)
            time.sleep(whole * moment / chosen.moments)
            if build.poll() is not None:
                print(f"{moment}: already finished")
                continue
            number = signal.SIGTERM if moment % 4 == 3 else signal.SIGINT
            said = log.read_text().splitlines()
            began = time.monotonic()
            os.killpg(build.pid, number)
            if moment % 5 == 4:
                time.sleep(0.05)
                if build.poll() is None:
                    os.killpg(build.pid, number)
            status = build.wait()
            took.append(time.monotonic() - began)
            while alive(build.pid) and time.monotonic() - began < 10:
                time.sleep(0.02)
            gone = time.monotonic() - began
            noise = [line for line in log.read_text().splitlines()[len(said) :] if line != LINE]
            print(
                f"{moment}: {number.name} after {(said or ['nothing'])[-1][:40]!r}: exit status "
                f"{status} in {took[-1]:.2f} s, workers gone in {gone:.2f} s, "
                f"message printed {log.read_text().count(LINE)} times"
                + (f", still running: {alive(build.pid)}" if alive(build.pid) else ""),
                flush=True,
            )
            for line in noise:
                print(f"    {line}")
        print(f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s")
        again = start(folder, log, more).wait()
        print(f"resumed build: exit status {again}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
