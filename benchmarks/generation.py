"""Train the generative models on the training clips of a study and score what they draw.

    .venv/bin/python benchmarks/generation.py [--seeds 42 43 44] [--batches N] [--save FOLDER]

Each seed gives its own split, as in a study with that seed. Prints the scores of each model and of
real clips, the vocoder, noise and mixes, with 95 % intervals (of the first seed; after it, means
over seeds), the CPU seconds of each part, and how fast the flow makes music. With --save, writes
the clips of the first seed as FLAC files.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import mean
from typing import TypeVar

import torch
from adaptive import music
from rich.console import Console
from rich.table import Table

from pipeline.audio.files import write_flac
from pipeline.data.corpus import Corpus
from pipeline.generation.flow import clip_random
from pipeline.generation.flow_training import train_flow
from pipeline.generation.new_music import draw_clips
from pipeline.generation.reference_rows import score_waveforms
from pipeline.generation.scores import Scores, prepare_judge
from pipeline.generation.training_music import prepare
from pipeline.generation.vae import train_vae
from pipeline.generation.vocoder import sound_of
from pipeline.generation_steps import MAX_CLIPS, MAX_SECONDS, MODELS
from pipeline.settings.schema import GenerationSettings

COLUMNS = ("kad", "frechet", "pulse", "genre", "copying")

Value = TypeVar("Value")


def evaluate(
    corpus: Corpus, seed: int, batches: int, save: Path | None
) -> tuple[dict[str, Scores], dict[str, float]]:
    """Scores by row, and CPU seconds by part."""
    seconds: dict[str, float] = {}

    def timed(part: str, compute: Callable[[], Value]) -> Value:
        began = time.process_time()
        value = compute()
        seconds[part] = seconds.get(part, 0.0) + time.process_time() - began
        return value

    spectra = timed("spectra", lambda: prepare(corpus, MAX_CLIPS, MAX_SECONDS))
    judge = timed("judge", lambda: prepare_judge(corpus, spectra))
    vae = timed("VAE's training", lambda: train_vae(spectra, batches // 2, seed))
    flow = timed("flow's training", lambda: train_flow(spectra, batches, seed))
    rows = timed("reference rows", lambda: score_waveforms(corpus, spectra, judge, seed))
    for model, trained in zip(MODELS, (vae, None, flow, None), strict=True):
        draw = partial(draw_clips, corpus, spectra, judge, model, 2, seed, trained)
        found = timed(f"clips, {model}", draw)
        rows[model] = found.scores
        for clip in found.clips:
            if save is not None:
                name = f"{model}-{clip.genre}-{clip.seed}.flac"
                write_flac(save / name, clip.waveform, corpus.sampling_rate)
    count = 10
    random = [clip_random(index, "speed") for index in range(count)]
    numbers = timed(
        "10 clips of the flow", lambda: flow.sample([0] * count, spectra.groups, random)
    )
    timed(
        "their sound",
        lambda: sound_of(numbers, spectra.space, corpus.sampling_rate, spectra.samples, random),
    )
    return rows, seconds


def main() -> None:
    """Train, draw, score and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    options.add_argument("--batches", type=int, default=GenerationSettings().batches)
    options.add_argument("--save", type=Path)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    console = Console(width=110)
    found = []
    for seed in chosen.seeds:
        save = chosen.save if seed == chosen.seeds[0] else None
        corpus = music(seed)
        rows, seconds = evaluate(corpus, seed, chosen.batches, save)
        found.append(rows)
        parts = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
        console.print(f"seed {seed}, CPU seconds: {parts}")
        spent = [seconds.pop(name) for name in ("10 clips of the flow", "their sound")]
        length = 10 * corpus.waveforms.shape[1] / corpus.sampling_rate
        console.print(
            f"seed {seed}: {sum(seconds.values()):.0f} s in all; the flow makes "
            f"{length / sum(spent):.0f} s of music per second"
        )
    table = Table("", *COLUMNS)
    for name in found[0]:
        cells = []
        for column in COLUMNS:
            scores = [getattr(rows[name], column) for rows in found]
            if None in scores:
                cells.append("–")
                continue
            first = scores[0].interval
            shown = f" ({first[0]:.2f} to {first[1]:.2f})" if first else ""
            cells.append(f"{mean(score.value for score in scores):.3f}{shown}")
        table.add_row(name, *cells)
    console.print(table)


if __name__ == "__main__":
    main()
