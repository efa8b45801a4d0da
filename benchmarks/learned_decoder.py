"""What the learned decoder of the adaptive family adds, on test clips and in processor time.

    .venv/bin/python benchmarks/learned_decoder.py [--seeds 42 …] [--sizes 18376 …] [--epochs N]

Each seed gives its own split, as in a study with that seed. Compares, clip by clip:

- untrained: atoms and noise at the closed form, no shaping;
- closed form shaped: the same, with noise shaped towards the closed-form prediction;
- trained, not shaped: the trained levels, with noise as the envelope gives it;
- trained.

Prints means over clips with 95 % intervals (paired differences to "untrained"), the processor
time of training and of decoding a clip on one thread, and the number of trained parameters. With
`--reference FOLDER`, also the differences from reconstructions made by another version:
SEED.SIZE.npy, int16 (test clips, samples), which `--write FOLDER` writes.
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from adaptive import music
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.audio.files import to_float, to_int16
from pipeline.data.corpus import Corpus
from pipeline.evaluation.fidelity import measure
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.adaptive.adaptive_training import COUNTING_CLIPS, train
from pipeline.models.restore import restore
from pipeline.settings.schema import AdaptiveTrainingSettings

SHOWN = ("snr", "log_mel", "log_spectral", "stft")


def interval(values: Tensor) -> str:
    """Mean with the half-width of its 95 % interval."""
    half = 1.96 * float(values.std()) / len(values) ** 0.5
    return f"{float(values.mean()):+.3f} ± {half:.3f}"


def decode(model: AdaptiveAutoencoder, latents: Tensor) -> tuple[Tensor, float]:
    """Clips rounded to 16 bits, and processor seconds per clip."""
    began = time.process_time()
    found = torch.cat([model.decode(latent) for latent in latents.split(1)])
    seconds = (time.process_time() - began) / len(latents)
    return to_float(to_int16(found)), seconds


def report(name: str, found: dict[str, Tensor], reference: dict[str, Tensor]) -> None:
    """Print means, and paired differences (SNR) and ratios (the others) to a reference."""
    means = "  ".join(f"{key} {float(found[key].mean()):.4f}" for key in SHOWN)
    ratios = "  ".join(
        f"{key} × {float(found[key].mean() / reference[key].mean()):.3f}"
        f" (clips {interval(found[key] / reference[key] - 1)})"
        for key in SHOWN[1:]
    )
    print(f"  {name}: {means}\n    SNR {interval(found['snr'] - reference['snr'])} dB  {ratios}")


@torch.no_grad()
def evaluate(corpus: Corpus, size: int, seed: int, options: argparse.Namespace) -> None:
    """Train one size and print its figures."""
    how = AdaptiveTrainingSettings(epochs=options.epochs)
    plan = AdaptivePlan(corpus.waveforms.shape[1], size)
    began = time.process_time()
    with torch.enable_grad():
        trained = train(
            corpus, "adaptive", asdict(plan), how.learning_rate, how.epochs, how.batch, seed
        )
    seconds = time.process_time() - began
    model = restore(plan, trained.weights).cpu()
    assert isinstance(model, AdaptiveAutoencoder)
    start = AdaptiveAutoencoder(plan).requires_grad_(False)
    rows = corpus.rows("training")
    start.count_atoms(corpus.floats(rows[:: -(-len(rows) // COUNTING_CLIPS)]))
    start.sampling_rate.fill_(corpus.sampling_rate)
    clips = corpus.floats(corpus.rows("test"))
    latents = {
        name: torch.cat([one.encode(batch) for batch in clips.split(5)])
        for name, one in (("start", start), ("model", model))
    }
    error = model.prediction_error.clone()
    ways = {}
    ways["untrained"], plain = decode(start, latents["start"])
    start.prediction_error.copy_(error)
    ways["closed form shaped"], _ = decode(start, latents["start"])
    model.prediction_error.zero_()
    ways["trained, not shaped"], _ = decode(model, latents["model"])
    model.prediction_error.copy_(error)
    ways["trained"], shaped = decode(model, latents["model"])
    assert torch.equal(decode(model, latents["model"][:2])[0], ways["trained"][:2])
    measured = {
        name: measure(clips, rebuilt, corpus.sampling_rate) for name, rebuilt in ways.items()
    }
    long = corpus.waveforms.shape[1] / corpus.sampling_rate
    print(
        f"seed {seed}, {size} numbers, {len(clips)} test clips: training {seconds:.1f} s, decoding "
        f"{shaped:.3f} s a clip ({long / shaped:.0f} times real time; not shaped {plain:.3f} s), "
        f"{trained.parameters} parameters"
    )
    for name, values in measured.items():
        report(name, values, measured["untrained"])
    if options.reference:
        other = to_float(np.load(options.reference / f"{seed}.{size}.npy"))
        values = measure(clips, other, corpus.sampling_rate)
        report("trained, against the reference", measured["trained"], values)
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        np.save(options.write / f"{seed}.{size}.npy", to_int16(ways["trained"]))


def main() -> None:
    """Evaluate every seed and size."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    options.add_argument("--sizes", type=int, nargs="+", default=[18_376, 9184])
    options.add_argument("--epochs", type=int, default=AdaptiveTrainingSettings().epochs)
    options.add_argument("--reference", type=Path)
    options.add_argument("--write", type=Path)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    for seed in chosen.seeds:
        corpus = music(seed)
        for size in chosen.sizes:
            evaluate(corpus, size, seed, chosen)


if __name__ == "__main__":
    main()
