"""Time, memory and disk space of a study of many small clips and twenty latent sizes.

    .venv/bin/python benchmarks/endurance.py [--clips 10000] [--folder DIR]

Writes N half-second clips at 8 kHz in ten genres (each with its pitch range, brightness and pulse)
and builds a study of fourteen convolutional and six adaptive models, one epoch each, with `latentes
build`. Prints the wall-clock time, the peak proportional set size of the builder and its workers,
the size of the folder `build`, the time per kind of step, and the output of `latentes check`. With
`--folder` everything is kept there, and a second call resumes the first. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
from memory import watched

RATE, SAMPLES, GENRES = 8_000, 4_000, 10
LAYERS = [
    (4, 3),
    *((10, channels) for channels in range(1, 7)),
    *((20, channels) for channels in range(1, 14, 2)),
]
"""Stride and channels of each one-layer model: latent sizes 200 to 3000."""
ADAPTIVE = (2400, 2000, 1600, 1200, 800, 400)
COMMAND = [sys.executable, "-m", "report.cli"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}


def study() -> str:
    """Settings with twenty models, one epoch each."""
    layers = "".join(
        f"[[models.layers]]\nchannels = [{channels}]\nkernels = [{stride + 4}]\n"
        f"strides = [{stride}]\npaddings = [2]\n"
        for stride, channels in LAYERS
    )
    return (
        "publish_unlicensed = true\n"
        f'[data]\npath = "music"\nseconds = {SAMPLES / RATE}\nsampling_rate = {RATE}\n'
        f"[models]\nadaptive = {list(ADAPTIVE)}\n{layers}"
        "[training]\nepochs = 1\n[training.adaptive]\nepochs = 1\n"
        "[tuning]\ntrials = 2\nepochs = 1\n"
    )


def write_music(folder: Path, clips: int) -> None:
    """Write distinct clips of decaying harmonics and noise."""
    time_ = np.arange(SAMPLES) / RATE
    for index in range(clips):
        random, genre = np.random.default_rng(index), index % GENRES
        pitch = (80 + 40 * genre) * 2 ** random.uniform(0, 1)
        sound = sum(
            np.sin(2 * np.pi * (harmonic * pitch * time_ + random.random())) / harmonic
            for harmonic in range(1, 3 + genre)
        )
        pulse = (time_ * (2 + genre) + random.random()) % 1
        sound = sound * np.exp(-4 * pulse) + 0.1 * random.standard_normal(SAMPLES)
        path = folder / f"genre{genre}" / f"{index:05d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.5 * sound / np.abs(sound).max(), RATE, subtype="PCM_16")


def run(folder: Path) -> None:
    """Build in a prepared folder and print its cost."""
    log = folder / "log"
    with log.open("w") as stream:
        build = subprocess.Popen(
            [*COMMAND, "build"], cwd=folder, env=ENVIRONMENT, stdout=stream, stderr=stream
        )
        seconds, peak, at = watched(build, log)
    print(f"exit status {build.returncode} after {seconds:.0f} s", flush=True)
    if build.returncode:
        print(log.read_text()[-2000:])
    print(f"peak {peak / 2**30:.2f} GiB, after output: {at}")
    for part in ("cache", "results", "site", ".kept", "informe.pdf"):
        place = folder / "build" / part
        files = [place] if place.is_file() else [file for file in place.rglob("*")]
        size = sum(file.stat().st_size for file in files if file.is_file())
        print(f"build/{part}: {size / 2**20:.0f} MiB, {len(files)} files")
    took: dict[str, list[float]] = defaultdict(list)
    for note in (folder / "build" / "cache").glob("*/*/entry.json"):
        kind = note.parent.parent.name.partition(".")[0]
        took[kind].append(json.loads(note.read_text())["seconds"])
    for kind, found in sorted(took.items(), key=lambda item: -sum(item[1])):
        print(f"{kind}: {len(found)} steps, {sum(found):.0f} s, longest {max(found):.1f} s")
    if build.returncode == 0:
        gates = subprocess.run([*COMMAND, "check"], cwd=folder, env=ENVIRONMENT, text=True,
                               capture_output=True, check=False)  # fmt: skip
        print(f"check: {(gates.stdout + gates.stderr)[-2000:]}")


def main() -> None:
    """Write the music unless it exists, and build."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=10_000)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder: Path = chosen.folder or Path(work)
        if not (folder / "study.toml").exists():
            began = time.monotonic()
            write_music(folder / "music", chosen.clips)
            (folder / "study.toml").write_text(study(), encoding="utf-8")
            print(f"{chosen.clips} clips written in {time.monotonic() - began:.0f} s", flush=True)
        run(folder)


if __name__ == "__main__":
    main()
