"""Compare training from disk with training from memory, on synthetic clips.

    .venv/bin/python benchmarks/streaming.py [--clips 10000] [--size 9184] [--adaptive]

Writes clips of noise to one file, as a study's store does, and trains a model on them for one
epoch: memory-mapped as in `pipeline.engine.store`, after dropping the file from the page cache, and
copied into memory. Each runs in its own process. Prints clips per second, anonymous memory (which
cannot be reclaimed) and, separately, resident pages of the mapped file. Linux only.
"""

import argparse
import multiprocessing
import os
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

SAMPLES, RATE = 110_250, 22_050


def write(path: Path, clips: int) -> None:
    """Write clips of low-passed int16 noise as a NumPy array on disk."""
    random = np.random.default_rng(1)
    waveforms = np.lib.format.open_memmap(path, "w+", np.int16, (clips, SAMPLES))
    for row in range(clips):
        noise = random.standard_normal(SAMPLES // 10 + 2, np.float32)
        waveforms[row] = 3000 * np.interp(np.arange(SAMPLES) / 10, np.arange(len(noise)), noise)
    waveforms.flush()


def anonymous() -> tuple[int, int]:
    """Resident bytes of this process: anonymous and file-backed."""
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if "kB" in line}
    return sizes["RssAnon"], sizes["RssFile"]


def epoch(
    path: Path, clips: int, size: int, adaptive: bool, mapped: bool, out: list[float]
) -> None:
    """Train one epoch; stores seconds and the two memory peaks in `out`."""
    import torch

    from pipeline.architecture.adaptive_plan import AdaptivePlan
    from pipeline.architecture.layers import classic
    from pipeline.data.corpus import Clip, Corpus
    from pipeline.models.adaptive.adaptive_training import train as train_adaptive
    from pipeline.models.training import train

    torch.set_num_threads(1)
    waveforms = np.load(path, mmap_mode="r" if mapped else None)
    parts = np.full(clips, "training", object)
    parts[:: max(2, clips // 20)] = "validation"
    corpus = Corpus(RATE, waveforms, [Clip(str(i), "g", "", 0.0, p) for i, p in enumerate(parts)])
    peaks, done = [0, 0], threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            peaks[:] = [max(pair) for pair in zip(peaks, anonymous(), strict=True)]

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    if adaptive:
        plan = asdict(AdaptivePlan(SAMPLES, size))
        train_adaptive(corpus, "adaptive", plan, 0.006, 1, 4, 42)
    else:
        train(corpus, "classic", asdict(classic(size)), 0.02, 1, 20, 42)
    out[:] = [time.perf_counter() - began, *map(float, peaks)]
    done.set()
    watcher.join()


def main() -> None:
    """Write the clips, run both, and print speed and memory."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=10_000)
    options.add_argument("--size", type=int, default=9184)
    options.add_argument("--adaptive", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work, multiprocessing.Manager() as manager:
        path = Path(work, "clips.npy")
        write(path, chosen.clips)
        print(f"{chosen.clips} clips, {path.stat().st_size / 2**30:.2f} GiB on disk")
        speeds = []
        for mapped in (True, False):
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            out = manager.list()
            how = (path, chosen.clips, chosen.size, chosen.adaptive, mapped, out)
            process = multiprocessing.get_context("spawn").Process(target=epoch, args=how)
            process.start()
            process.join()
            seconds, own, files = out
            speeds.append(chosen.clips / seconds)
            print(
                f"{'from disk' if mapped else 'in memory'}: {speeds[-1]:.1f} clips/s, "
                f"anonymous memory {own / 2**30:.2f} GiB, mapped files {files / 2**30:.2f} GiB"
            )
        print(f"from disk: {100 * speeds[0] / speeds[1]:.0f} % of the speed from memory")


if __name__ == "__main__":
    main()
