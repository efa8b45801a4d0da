"""Encoding and decoding speed, one window at a time and in batches.

    .venv/bin/python benchmarks/coding.py [--clips 64]

Baseline, for the classic family: PyTorch modules with the default number of threads, one model
after another. Ours, for both families: one thread per model, models in parallel. Prints seconds
of audio per second for each model on one core, and the speed-up for all five classic models.
Clips are low-passed noise; their content hardly matters.
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

from pipeline.analysis.latents import CLIPS_PER_BATCH
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import CLASSIC, CLASSIC_SAMPLES, classic
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import Model

RATE = 22_050
BATCH = 20
"""Batch size of the notebooks."""

WAYS = [("encode", 1), ("decode", 1), ("encode", 0), ("decode", 0)]
"""Operations timed, with their batch size (0: the default batch)."""


def noise(clips: int) -> Tensor:
    """Low-passed noise, (clips, samples)."""
    white = torch.randn(clips, 1, CLASSIC_SAMPLES, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.avg_pool1d(white, 9, 1, 4)[:, 0] * 0.3


def network(family: str, size: int, clips: Tensor) -> Model:
    """An untrained model, which is as fast as a trained one."""
    torch.manual_seed(size)
    if family == "classic":
        return Autoencoder(classic(size)).eval().requires_grad_(False)
    model = AdaptiveAutoencoder(AdaptivePlan(CLASSIC_SAMPLES, size))
    model.count_atoms(clips[:16])
    return model.eval().requires_grad_(False)


@torch.no_grad()
def seconds(work: Callable[[Tensor], Tensor], values: Tensor, batch: int) -> float:
    """Seconds to process all values in batches; the first batch is also run once to warm up."""
    work(values[:batch])
    began = time.perf_counter()
    for part in values.split(batch):
        work(part)
    return time.perf_counter() - began


def timed(family: str, size: int, count: int, batch: int, threads: int) -> list[float]:
    """Seconds of each of `WAYS`."""
    torch.set_num_threads(threads)
    clips = noise(count)
    model = network(family, size, clips)
    with torch.no_grad():
        latents = torch.cat([model.encode(part) for part in clips.split(batch)])
    ways = {"encode": (model.encode, clips), "decode": (model.decode, latents)}
    return [seconds(*ways[name], size or batch) for name, size in WAYS]


def throughput(clips: int, seconds_: float) -> str:
    """Seconds of audio per second."""
    return f"{clips * CLASSIC_SAMPLES / RATE / seconds_:.0f}"


def main() -> None:
    """Time both and print speeds and ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=64)
    count = options.parse_args().clips
    threads = torch.get_num_threads()
    table = Table("seconds of audio per second", *[
        f"{name}, {'one' if size else 'batch'}" for name, size in WAYS
    ])  # fmt: skip
    plain = [timed("classic", size, count, BATCH, threads) for size in CLASSIC]
    for size, found in zip(CLASSIC, plain, strict=True):
        table.add_row(f"baseline, classic.{size}", *[throughput(count, value) for value in found])
    both = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for family in ("classic", "adaptive"):
            jobs = [pool.submit(timed, family, size, count, CLIPS_PER_BATCH, 1) for size in CLASSIC]
            both[family] = [job.result() for job in jobs]
            for size, found in zip(CLASSIC, both[family], strict=True):
                table.add_row(
                    f"ours, {family}.{size}", *[throughput(count, value) for value in found]
                )
    console = Console(width=110)
    console.print(table)
    cores = os.cpu_count() or 1
    for way, (name, single) in enumerate(WAYS):
        theirs = sum(found[way] for found in plain)
        ours = sum(found[way] for found in both["classic"]) / cores
        console.print(
            f"{name}, {'one at a time' if single else 'in batches'}, all five classic models on "
            f"{cores} cores: {theirs / ours:.1f} times as fast as the baseline"
        )


if __name__ == "__main__":
    main()
