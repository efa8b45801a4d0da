"""How fast models encode and decode, a window of a song at a time and in batches.

    .venv/bin/python benchmarks/coding.py [--clips 64]

The plain way, for the classic family: PyTorch's modules with its own number of threads, one
model after the other. Ours, for both families: a thread a model, models side by side on the
cores. Printed are seconds of audio a second for each model, alone on its core, and what all five
of a family take both ways. Clips are low-passed noise: what they hold hardly matters here.
"""

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from pipeline.analysis.latents import PIECE
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import CLASSIC, CLASSIC_SAMPLES, classic
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import Model

RATE = 22_050
BATCH = 20
"""Clips at once in the notebooks."""

WAYS = [("encode", 1), ("decode", 1), ("encode", 0), ("decode", 0)]
"""What is timed, a window at a time or (0) in batches."""


def noise(clips: int) -> Tensor:
    """Low-passed noise, (clips, samples)."""
    white = torch.randn(clips, 1, CLASSIC_SAMPLES, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.avg_pool1d(white, 9, 1, 4)[:, 0] * 0.3


def network(family: str, size: int, clips: Tensor) -> Model:
    """A model that was not trained: as fast as one that was."""
    torch.manual_seed(size)
    if family == "classic":
        return Autoencoder(classic(size)).eval().requires_grad_(False)
    model = AdaptiveAutoencoder(AdaptivePlan(CLASSIC_SAMPLES, size))
    model.count_atoms(clips[:16])
    return model.eval().requires_grad_(False)


@torch.no_grad()
def seconds(work: Callable[[Tensor], Tensor], values: Tensor, together: int) -> float:
    """What it takes to put all values through, so many at once; the first piece goes twice."""
    work(values[:together])
    began = time.perf_counter()
    for piece in values.split(together):
        work(piece)
    return time.perf_counter() - began


def timed(family: str, size: int, count: int, batch: int, threads: int) -> list[float]:
    """Seconds of each of `WAYS`."""
    torch.set_num_threads(threads)
    clips = noise(count)
    model = network(family, size, clips)
    with torch.no_grad():
        latents = torch.cat([model.encode(piece) for piece in clips.split(batch)])
    ways = {"encode": (model.encode, clips), "decode": (model.decode, latents)}
    return [seconds(*ways[name], together or batch) for name, together in WAYS]


def alone(clips: int, seconds_: float) -> str:
    """Seconds of audio a second."""
    return f"{clips * CLASSIC_SAMPLES / RATE / seconds_:.0f}"


def main() -> None:
    """Time both ways and print speeds and ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=64)
    count = options.parse_args().clips
    threads = torch.get_num_threads()
    table = Table("seconds of audio a second", *[
        f"{name}, {'one' if together else 'batch'}" for name, together in WAYS
    ])  # fmt: skip
    plain = [timed("classic", size, count, BATCH, threads) for size in CLASSIC]
    for size, found in zip(CLASSIC, plain, strict=True):
        table.add_row(f"plain, classic.{size}", *[alone(count, value) for value in found])
    both = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for family in ("classic", "adaptive"):
            jobs = [pool.submit(timed, family, size, count, PIECE, 1) for size in CLASSIC]
            both[family] = [job.result() for job in jobs]
            for size, found in zip(CLASSIC, both[family], strict=True):
                table.add_row(f"ours, {family}.{size}", *[alone(count, value) for value in found])
    console = Console(width=110)
    console.print(table)
    cores = os.cpu_count() or 1
    for way, (name, together) in enumerate(WAYS):
        theirs = sum(found[way] for found in plain)
        ours = sum(found[way] for found in both["classic"]) / cores
        console.print(
            f"{name}, {'one at a time' if together else 'in batches'}, all five of classic on "
            f"{cores} cores: {theirs / ours:.1f} times the plain way's speed"
        )


if __name__ == "__main__":
    main()
