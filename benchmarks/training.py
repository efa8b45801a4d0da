"""Time training of the classic family, by the notebooks' loop and by ours, to the same loss.

    .venv/bin/python benchmarks/training.py [--clips N] [--epochs N] [--sizes 18376 …]

Baseline: a data loader that reads every file in every epoch and computes an unused spectrogram (as
in the notebooks), PyTorch's convolutions and default number of threads, batches of 20, one model
after another, timed to its best epoch. Ours: clips read once, convolutions as banded matrix
products, batches of 5 (four times the steps at the same cost per epoch), models in parallel with
one thread each, timed until each reaches the baseline's best loss, in at most twice the epochs.
Clips, split, seed, loss and learning rate are the same. Times are wall-clock and CPU; ratios of
CPU time do not depend on other load. Finally, our multiply-adds per second are compared with those
of a large single-threaded matrix product. Clips come from ../shared/data if present, else from the
embedded music.
"""

import argparse
import math
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from rich.console import Console
from rich.table import Table
from silent import Silent
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchaudio.transforms import Spectrogram

from pipeline.architecture.layers import CLASSIC, classic
from pipeline.data.corpus import Corpus
from pipeline.engine.graph import Graph, Step
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from pipeline.models import training
from pipeline.models.convolutional import Autoencoder
from pipeline.settings.schema import Study

REAL = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
BATCH = 5
"""Our batch size: more, smaller steps for the same work."""


class Files(Dataset[Tensor]):
    """Clips read from their files on every access, computing a spectrogram."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files
        self.spectrogram = Spectrogram()

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Tensor:
        sound, _ = soundfile.read(self.files[index], dtype="float32")
        waveform = torch.from_numpy(sound)
        self.spectrogram(waveform)
        return waveform


@dataclass
class Timed:
    """One training: wall-clock and CPU seconds, epochs, and loss reached."""

    clock: float
    processor: float
    epochs: int
    loss: float


def train_baseline(latent: int, files: dict[str, list[Path]], corpus: Corpus, epochs: int) -> Timed:
    """Train one model as in the notebooks, timed to its best epoch."""
    torch.manual_seed(42)
    model = Autoencoder(classic(latent))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loaders = {
        part: DataLoader(Files(found), batch_size=20, shuffle=part == "training")
        for part, found in files.items()
    }
    held_out = np.array(corpus.rows("validation"))
    best = Timed(0.0, 0.0, 0, math.inf)
    clock = processor = 0.0
    for epoch in range(1, epochs + 1):
        began, began_processor = time.perf_counter(), time.process_time()
        for clips in loaders["training"]:
            optimizer.zero_grad()
            loss = torch.sqrt(torch.nn.functional.mse_loss(model(clips), clips))
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            for clips in loaders["validation"]:
                torch.sqrt(torch.nn.functional.mse_loss(model(clips), clips))
        clock += time.perf_counter() - began
        processor += time.process_time() - began_processor
        # Not timed: the loss over the whole validation set, for a fair comparison.
        errors = training.squared_errors(model)
        found = training.dataset_rmse(errors, corpus.waveforms, held_out)
        if found < best.loss:
            best = Timed(clock, processor, epoch, found)
    return best


class _Reached(Exception):
    pass


def train_ours(latent: int, corpus: Corpus, epochs: int, target: float) -> Timed:
    """Train one model with `pipeline.models.training` until its loss reaches `target`."""
    torch.set_num_threads(1)
    losses: list[float] = []

    def after_epoch(loss: float) -> None:
        losses.append(loss)
        if loss <= target:
            raise _Reached

    began, began_processor = time.perf_counter(), time.process_time()
    with suppress(_Reached):
        training.train(
            corpus, "classic", asdict(classic(latent)), 0.02, epochs, BATCH, 42, after_epoch
        )
    seconds = time.perf_counter() - began
    return Timed(seconds, time.process_time() - began_processor, len(losses), min(losses))


def peak() -> float:
    """Multiply-adds per second of a large single-threaded matrix product."""
    torch.set_num_threads(1)
    a = torch.randn(1024, 1024)
    best = math.inf
    for _ in range(10):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 1024**3 / best


def corpus_step(clips: int | None) -> list[Step]:
    """The steps of a study that read the music."""
    from pipeline.steps import graph

    data = {"path": REAL} if REAL.is_dir() else {}
    study = Study.model_validate({"data": data})
    steps = list(graph(study, Path(tempfile.mkdtemp())).steps.values())
    kept = [step for step in steps if step.name == "corpus" or step.name.startswith("demo.")]
    if clips and REAL.is_dir():
        files = kept[0].parameters["files"]
        every = max(1, len(files) // clips)
        chosen = dict(list(files.items())[::every])
        kept = [
            Step(
                "corpus",
                kept[0].function,
                {**kept[0].parameters, "files": chosen},
                untracked=kept[0].untracked,
            )
        ]
    return kept


def main() -> None:
    """Run both and print times, epochs, losses and ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int)
    options.add_argument("--epochs", type=int, default=40)
    options.add_argument("--sizes", type=int, nargs="+", default=list(CLASSIC))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        store = Store(Path(work, "cache"))
        steps = corpus_step(chosen.clips)
        run(Graph(steps, "cpu"), store, ["corpus"], Silent())
        corpus: Corpus = store.load("corpus", Graph(steps, "cpu").key("corpus"))
        parts = {part: written(corpus, part, Path(work)) for part in ("training", "validation")}
        plain = {
            latent: train_baseline(latent, parts, corpus, chosen.epochs) for latent in chosen.sizes
        }
        began = time.perf_counter()
        # Longest first, so that no core is idle at the end.
        order = sorted(chosen.sizes, key=lambda latent: -plain[latent].processor)
        with ProcessPoolExecutor() as pool:
            jobs = {
                latent: pool.submit(
                    train_ours, latent, corpus, 2 * chosen.epochs, plain[latent].loss
                )
                for latent in order
            }
            found = {latent: job.result() for latent, job in jobs.items()}
        clock = time.perf_counter() - began

    source = "real clips (gtzan-250)" if REAL.is_dir() else "embedded music"
    console = Console(width=110)
    console.print(f"{len(corpus.clips)} {source}, {os.cpu_count()} cores; s: wall / CPU")
    table = Table("latent", "baseline, s", "epoch", "RMSE", "ours, s", "epoch", "RMSE", "CPU ratio")
    clips, limit = len(corpus.rows("training")), peak()
    for latent in chosen.sizes:
        a, b = plain[latent], found[latent]
        table.add_row(
            str(latent),
            f"{a.clock:.1f} / {a.processor:.1f}",
            str(a.epochs),
            f"{a.loss:.4f}",
            f"{b.clock:.1f} / {b.processor:.1f}",
            str(b.epochs),
            f"{b.loss:.4f}" + ("" if b.loss <= a.loss else " (not reached)"),
            f"{a.processor / b.processor:.1f} ×",
        )
    console.print(table)
    whole = sum(one.clock for one in plain.values())
    processor = [sum(one.processor for one in way.values()) for way in (plain, found)]
    console.print(
        f"all: baseline {whole:.1f} s, ours {clock:.1f} s including worker start: speed-up "
        f"{whole / clock:.1f} (CPU time: {processor[0] / processor[1]:.1f})"
    )
    for latent in chosen.sizes:
        # Forward once and backward twice per training clip; validation is not counted.
        done = 3 * classic(latent).operations * clips * found[latent].epochs
        speed = done / found[latent].processor
        console.print(
            f"{latent}: {speed / 1e9:.2f}e9 multiply-adds per second, "
            f"{100 * speed / limit:.0f} % of a large matrix product's {limit / 1e9:.1f}e9"
        )


def written(corpus: Corpus, part: str, folder: Path) -> list[Path]:
    """Write the clips of a split as WAV files, as in the notebooks."""
    files = []
    for row in corpus.rows(part):
        path = folder / part / f"{row}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, corpus.waveforms[row], corpus.sampling_rate, subtype="PCM_16")
        files.append(path)
    return files


if __name__ == "__main__":
    main()
