"""Train the classic family as the notebooks did and as the project does, on the same clips.

    .venv/bin/python benchmarks/training.py [--clips N] [--epochs N]

The plain way: a data loader that reads each file in each epoch and computes a spectrogram that
nobody uses (the notebooks' loader did), PyTorch's own convolutions and number of threads, one
model after the other. Ours: clips once in memory, convolutions as banded matrix products, a
thread a model, models side by side. Both take the same clips, split, seed, loss, rate
and number of epochs; the plain way's last weights and our best ones are both judged on the
whole validation set. Clips come from ../shared/data where it is, else from the embedded music.
"""

import argparse
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchaudio.transforms import Spectrogram

from pipeline import training
from pipeline.architecture import CLASSIC, classic
from pipeline.autoencoder import Autoencoder
from pipeline.corpus import Corpus
from pipeline.engine.graph import Graph, Step
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from pipeline.study import Study

REAL = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
HOW = {"learning_rate": 0.02, "batch": 20, "seed": 42}


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


def plainly(latent: int, parts: dict[str, list[Path]], epochs: int) -> Autoencoder:
    """One model trained as in the notebooks; its last weights."""
    torch.manual_seed(42)
    model = Autoencoder(classic(latent))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loaders = {
        part: DataLoader(Files(files), batch_size=20, shuffle=part == "training")
        for part, files in parts.items()
    }
    for _ in range(epochs):
        for clips in loaders["training"]:
            optimizer.zero_grad()
            loss = torch.sqrt(torch.nn.functional.mse_loss(model(clips), clips))
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            for clips in loaders["validation"]:
                torch.sqrt(torch.nn.functional.mse_loss(model(clips), clips))
    return model


class Silent:
    """A display that shows nothing."""

    def started(self, step: str) -> None: ...
    def advanced(self, step: str, share: float, note: str) -> None: ...
    def finished(self, step: str, seconds: float) -> None: ...
    def failed(self, step: str, error: BaseException) -> None:
        raise error

    def again(self, step: str, reason: str) -> None: ...


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
    """Run both ways in turn and print times, losses and ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int)
    options.add_argument("--epochs", type=int, default=40)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as work:
        store = Store(Path(work, "cache"))
        steps = corpus_step(chosen.clips)
        run(Graph(steps, "cpu"), store, ["corpus"], Silent())
        corpus: Corpus = store.load("corpus", Graph(steps, "cpu").key("corpus"))
        parts = {part: written(corpus, part, Path(work)) for part in ("training", "validation")}
        held_out = np.array(corpus.rows("validation"))

        torch.set_num_threads(os.cpu_count() or 1)
        plain = {}
        for latent in CLASSIC:
            began = time.perf_counter()
            model = plainly(latent, parts, chosen.epochs)
            seconds = time.perf_counter() - began
            errors = training.squared_errors(model)
            plain[latent] = seconds, training.rmse_over(errors, corpus.waveforms, held_out)

        trainings = [
            Step(
                f"training.{latent}",
                "pipeline.training:train",
                {"family": "classic", "architecture": asdict(classic(latent))}
                | HOW
                | {"epochs": chosen.epochs},
                {"corpus": "corpus"},
                cost=classic(latent).operations,
            )
            for latent in CLASSIC
        ]
        graph = Graph([*steps, *trainings], "cpu")
        began = time.perf_counter()
        run(graph, store, [step.name for step in trainings], Silent())
        ours = time.perf_counter() - began
        keys = {latent: graph.key(f"training.{latent}") for latent in CLASSIC}
        best = {latent: store.load(f"training.{latent}", key) for latent, key in keys.items()}
        took = {latent: store.entries(f"training.{latent}")[0]["seconds"] for latent in CLASSIC}

    source = "real clips (gtzan-250)" if REAL.is_dir() else "embedded music"
    console = Console()
    console.print(f"{len(corpus.clips)} {source}, {chosen.epochs} epochs, {os.cpu_count()} cores")
    table = Table("latent", "plain, s", "plain RMSE", "ours, s", "ours RMSE")
    for latent in CLASSIC:
        table.add_row(
            str(latent),
            f"{plain[latent][0]:.1f}",
            f"{plain[latent][1]:.4f}",
            f"{took[latent]:.1f}",
            f"{best[latent].best_validation_rmse:.4f}",
        )
    console.print(table)
    whole = sum(seconds for seconds, _ in plain.values())
    console.print(
        f"all five: plain {whole:.1f} s, ours {ours:.1f} s with starting the workers: "
        f"{whole / ours:.1f} times faster"
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
