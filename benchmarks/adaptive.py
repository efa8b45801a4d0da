"""Compare the adaptive family with the hand-designed codec on held-out test clips.

    .venv/bin/python benchmarks/adaptive.py [--seeds 42 43 44] [--sizes 18376 …] [--epochs N]

Each seed gives its own split, as in a study with that seed, on which every size is trained. Models
train in parallel with one thread each. Prints SNR and log-mel distance on the test clips (means
over seeds, with standard deviations of the gain over the codec, because absolute SNR depends on
the split) and training times. Clips come from ../shared/data if present, else from the embedded
music.
"""

import argparse
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from silent import Silent

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import CLASSIC, CLASSIC_SAMPLES
from pipeline.data.corpus import Corpus
from pipeline.engine.graph import Graph, Step
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from pipeline.evaluation import baselines
from pipeline.evaluation.fidelity import log_mel_distance, snr
from pipeline.models.adaptive.adaptive_training import train
from pipeline.models.restore import restore
from pipeline.settings.schema import AdaptiveTrainingSettings, Study
from pipeline.steps import graph

REAL = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
CLIPS_PER_BATCH = 5


def music(seed: int) -> Corpus:
    """The corpus of a study with that seed."""
    data = {"path": REAL} if REAL.is_dir() else {}
    study = Study.model_validate({"data": data, "seed": seed})
    with tempfile.TemporaryDirectory() as work:
        steps: list[Step] = [
            step
            for step in graph(study, Path(work)).steps.values()
            if step.name == "corpus" or step.name.startswith("demo.")
        ]
        store, plan = Store(Path(work, "cache")), Graph(steps, "cpu")
        run(plan, store, ["corpus"], Silent())
        corpus: Corpus = store.load("corpus", plan.key("corpus"))
        return corpus


def evaluate(corpus: Corpus, size: int, seed: int, how: AdaptiveTrainingSettings) -> list[float]:
    """Training seconds, then SNR and log-mel distance of the model and of the codec."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    plan = AdaptivePlan(corpus.waveforms.shape[1], size)
    trained = train(
        corpus, "adaptive", asdict(plan), how.learning_rate, how.epochs, how.batch, seed
    )
    found = [time.perf_counter() - began]
    model = restore(trained.architecture, trained.weights).cpu()
    clips = corpus.floats(corpus.rows("test"))
    with torch.no_grad():
        by_model = torch.cat([model(batch) for batch in clips.split(CLIPS_PER_BATCH)])
    for rebuilt in (by_model, baselines.codec(clips, size)):
        found.append(snr(clips, rebuilt).mean().item())
        found.append(log_mel_distance(clips, rebuilt, corpus.sampling_rate).mean().item())
    return found


def _spread(values: torch.Tensor) -> float:
    """Standard deviation over the seeds; 0 for one."""
    return float(values.std()) if len(values) > 1 else 0.0


def main() -> None:
    """Train and measure every size with every seed; print one row per size."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    options.add_argument("--sizes", type=int, nargs="+", default=list(CLASSIC))
    options.add_argument("--epochs", type=int, default=AdaptiveTrainingSettings().epochs)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    how, console = AdaptiveTrainingSettings(epochs=chosen.epochs), Console(width=110)
    began = time.perf_counter()
    values: dict[int, list[list[float]]] = {size: [] for size in chosen.sizes}
    with ProcessPoolExecutor(chosen.workers) as pool:
        for seed in chosen.seeds:
            corpus = music(seed)
            jobs = [pool.submit(evaluate, corpus, size, seed, how) for size in chosen.sizes]
            for size, job in zip(chosen.sizes, jobs, strict=True):
                values[size].append(job.result())
                shown = " ".join(f"{value:.4f}" for value in values[size][-1])
                console.print(f"seed {seed}, {size} numbers: {shown}", style="dim")
    source = "real clips (gtzan-250)" if REAL.is_dir() else "embedded music"
    assert corpus.waveforms.shape[1] == CLASSIC_SAMPLES
    console.print(
        f"{len(corpus.clips)} {source}, {len(corpus.rows('test'))} of them test clips, "
        f"{len(chosen.seeds)} seeds, {how.epochs} epochs"
    )
    table = Table("numbers", "adaptive, dB", "log-mel", "codec, dB", "log-mel", "gain, dB", "s")
    for size, rows in values.items():
        _, ours, mel, codec, codec_mel = found = torch.tensor(rows).T
        cells = [f"{ours.mean():.2f}", f"{mel.mean():.4f} ± {_spread(mel):.4f}"]
        cells += [f"{codec.mean():.2f}", f"{codec_mel.mean():.4f} ± {_spread(codec_mel):.4f}"]
        cells += [f"{(ours - codec).mean():.2f} ± {_spread(ours - codec):.2f}"]
        table.add_row(str(size), *cells, f"{found[0].mean():.0f}")
    console.print(table)
    console.print(f"total: {time.perf_counter() - began:.0f} s on {chosen.workers} workers")


if __name__ == "__main__":
    main()
