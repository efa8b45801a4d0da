"""Peak memory of a whole study of 990 clips, over all its processes.

    .venv/bin/python benchmarks/memory.py [--clips N]

Writes N clips of filtered noise (their content does not matter), builds a study of them with one
epoch per model, and samples the proportional set size of the builder and its workers, which counts
shared memory once, twice per second. Linux only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

GENRES = 10
STUDY = """
[data]
path = "music"
[training]
epochs = 1
[tuning]
trials = 0
"""


def write_music(folder: Path, clips: int) -> None:
    """Write five-second clips in ten folders."""
    random = np.random.default_rng(1)
    shape = 1 / (1 + np.arange(110_250 // 2 + 1) / 200)
    for index in range(clips):
        spectrum = shape * np.exp(2j * np.pi * random.random(len(shape)))
        sound = np.fft.irfft(spectrum)
        path = folder / f"genre{index % GENRES}" / f"{index:05d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.5 * sound / np.abs(sound).max(), 22_050, subtype="PCM_16")


def resident(pid: int) -> int:
    """Proportional set size of a process and its descendants, in bytes."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += resident(int(child))
    except (OSError, ProcessLookupError):
        pass  # the process has exited
    return total


def watched(build: "subprocess.Popen[bytes]", log: Path) -> tuple[float, int, str]:
    """Wait for a build to finish.

    Args:
        log: file that receives its output.

    Returns:
        Seconds, peak of `resident` in bytes, and the last line of output at the peak.
    """
    began, peak, at = time.monotonic(), 0, ""
    while build.poll() is None:
        if (now := resident(build.pid)) > peak:
            peak, at = now, (log.read_text().splitlines() or ["start"])[-1]
        time.sleep(0.5)
    return time.monotonic() - began, peak, at


def main() -> None:
    """Build, and print the peak next to the size of the waveforms."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=990)
    clips = options.parse_args().clips
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_music(folder / "music", clips)
        (folder / "study.toml").write_text(STUDY)
        log = folder / "log"
        with log.open("w") as stream:
            build = subprocess.Popen(
                [sys.executable, "-m", "report.cli", "build", "study.toml"],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
                stderr=stream,
            )
            seconds, peak, at = watched(build, log)
        if build.returncode:
            sys.exit(log.read_text())
    print(f"{clips} clips, {os.cpu_count()} cores, {seconds:.0f} s")
    print(f"peak {peak / 2**30:.2f} GiB, after output: {at}")
    print(f"the clips as 16-bit samples: {clips * 110_250 * 2 / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
