"""Memory and speed of `latentes encode` by song length, including figures.

    .venv/bin/python benchmarks/long_song.py [--minutes 1 10 60] [--model FAMILY.SIZE.safetensors]

Writes a stereo FLAC at 44.1 kHz for each length (its content does not matter) and encodes it in
a new process, with the given model or a classic one with random weights. The proportional set size
of the command and its workers, which counts shared memory once, is sampled four times per second.
Linux only.
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
import torch
from memory import resident

from pipeline.architecture.layers import classic
from pipeline.models import model_file
from pipeline.models.convolutional import Autoencoder
from pipeline.models.training import TrainedModel

SOURCE_RATE = 44_100


def write_song(path: Path, minutes: float) -> None:
    """Write decaying tones over noise, one second at a time."""
    random = np.random.default_rng(1)
    second = np.arange(SOURCE_RATE) / SOURCE_RATE
    with soundfile.SoundFile(path, "w", SOURCE_RATE, 2) as song:
        for _ in range(round(60 * minutes)):
            tone = np.sin(700 * 2 ** random.uniform(0, 3) * second) * np.exp(-3 * second)
            noise = random.standard_normal((SOURCE_RATE, 2))
            song.write(random.uniform(0.1, 0.8) * tone[:, None] + 0.01 * noise)


def write_model(path: Path) -> None:
    """Write an untrained classic model."""
    torch.manual_seed(1)
    plan = classic(18376)
    trained = TrainedModel(plan, Autoencoder(plan).state_dict(), [1.0], [1.0], 1, "cpu")
    model_file.save(path.with_suffix(""), "classic", trained, 22_050, {})


def encode(song: Path, model: Path, out: Path) -> tuple[float, int]:
    """Encode a song; returns seconds and peak memory in bytes."""
    log = out.with_suffix(".log")
    began, peak = time.monotonic(), 0
    with log.open("w") as stream:
        command = subprocess.Popen(
            [sys.executable, "-m", "report.cli", "encode", song, "--model", model, "--out", out],
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
            stdout=stream,
            stderr=stream,
        )
        while command.poll() is None:
            peak = max(peak, resident(command.pid))
            time.sleep(0.25)
    if command.returncode:
        sys.exit(log.read_text())
    return time.monotonic() - began, peak


def main() -> None:
    """Print one line per length."""
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60])
    options.add_argument("--model", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        model = chosen.model or folder / "classic.18376.safetensors"
        if chosen.model is None:
            write_model(model)
        for minutes in chosen.minutes:
            song = folder / f"{minutes:g}.flac"
            write_song(song, minutes)
            seconds, peak = encode(song, model.resolve(), folder / f"out-{minutes:g}")
            print(
                f"{minutes:5g} min: {seconds:6.1f} s, {60 * minutes / seconds:5.1f} seconds of "
                f"audio per second, peak {peak / 2**20:5.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
