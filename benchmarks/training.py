"""Train the classic family as the notebooks did and as the project can, on the same clips, and
time both until they reach the notebooks' best validation loss.

    .venv/bin/python benchmarks/training.py [--clips N] [--epochs N] [--sizes 18376 …]

The plain way: a data loader that reads each file in each epoch and computes a spectrogram that
nobody uses (the notebooks' loader did), PyTorch's own convolutions and number of threads,
batches of 20, one model after the other; its time is that to its best epoch. Ours: clips once in
memory, convolutions as banded matrix products, batches of 5 (four times the steps, at the same
cost an epoch), models side by side with a thread each, each until it is as good, in twice the
epochs at most. Same clips, split, seed, loss and rate. Time is the clock's and the processor's,
whose ratio does not depend on who else uses the machine. Then what limits ours: its
multiply-adds a second beside those of one large matrix product on a thread. Clips come from
../shared/data where it is, else from the embedded music.
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
"""Clips a step in ours: smaller steps, more of them, for the same work."""


class Files(Dataset[Tensor]):
    """Clips read from their files whenever they are asked for, with their spectrograms."""

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
    """One training: seconds by the clock and of the processor, epochs, and the loss reached."""

    clock: float
    processor: float
    epochs: int
    loss: float


def plainly(latent: int, files: dict[str, list[Path]], corpus: Corpus, epochs: int) -> Timed:
    """One model trained as in the notebooks, timed to its best epoch."""
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
        # Judged on the whole validation set, outside its time: the notebooks' last batch is not.
        errors = training.squared_errors(model)
        found = training.rmse_over(errors, corpus.waveforms, held_out)
        if found < best.loss:
            best = Timed(clock, processor, epoch, found)
    return best


class _Reached(Exception):
    pass


def ours(latent: int, corpus: Corpus, epochs: int, target: float) -> Timed:
    """One model trained by the project until its loss is as low as `target`."""
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
    """Multiply-adds a second of one large matrix product on a thread."""
    torch.set_num_threads(1)
    a = torch.randn(1024, 1024)
    best = math.inf
    for _ in range(10):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 1024**3 / best


def corpus_step(clips: int | None) -> list[Step]:
    """The music, as a study would read it."""
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
                places=kept[0].places,
            )
        ]
    return kept


def main() -> None:
    """Run both ways and print times, epochs, losses and ratios."""
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
        plain = {latent: plainly(latent, parts, corpus, chosen.epochs) for latent in chosen.sizes}
        began = time.perf_counter()
        # The longest first, so that no core waits for it at the end.
        order = sorted(chosen.sizes, key=lambda latent: -plain[latent].processor)
        with ProcessPoolExecutor() as pool:
            jobs = {
                latent: pool.submit(ours, latent, corpus, 2 * chosen.epochs, plain[latent].loss)
                for latent in order
            }
            found = {latent: job.result() for latent, job in jobs.items()}
        clock = time.perf_counter() - began

    source = "real clips (gtzan-250)" if REAL.is_dir() else "embedded music"
    console = Console(width=110)
    console.print(f"{len(corpus.clips)} {source}, {os.cpu_count()} cores; s: clock / processor")
    table = Table("latent", "plain, s", "epoch", "RMSE", "ours, s", "epoch", "RMSE", "processor")
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
        f"all: plain {whole:.1f} s, ours {clock:.1f} s with starting the workers: "
        f"{whole / clock:.1f} times faster (processor time: {processor[0] / processor[1]:.1f})"
    )
    for latent in chosen.sizes:
        # Forward once, backward twice, on every training clip; validation forward is left out.
        done = 3 * classic(latent).operations * clips * found[latent].epochs
        speed = done / found[latent].processor
        console.print(
            f"{latent}: {speed / 1e9:.2f} thousand million multiply-adds a second, "
            f"{100 * speed / limit:.0f} % of a large matrix product's {limit / 1e9:.1f}"
        )


def written(corpus: Corpus, part: str, folder: Path) -> list[Path]:
    """The clips of a part as WAV files, as the notebooks had them."""
    files = []
    for row in corpus.rows(part):
        path = folder / part / f"{row}.wav"
        path.parent.mkdir(exist_ok=True)
        soundfile.write(path, corpus.waveforms[row], corpus.sampling_rate, subtype="PCM_16")
        files.append(path)
    return files


if __name__ == "__main__":
    main()
