"""Steps that draw clips from generative models and score them, and others to compare with."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.audio.files import to_int16
from pipeline.data.corpus import Corpus
from pipeline.generation.flatness import spectral_flatness
from pipeline.generation.flow import Flow, clip_random
from pipeline.generation.gaussian_process import fit_process
from pipeline.generation.levels import at_level, match_level
from pipeline.generation.scores import Judge, Scores, held_out_rows
from pipeline.generation.training_music import TrainingMusic, cut_clips
from pipeline.generation.vae import VariationalAutoencoder
from pipeline.generation.vocoder import sound_of
from pipeline.generation.walk import Walk

SCORED_CLIPS = 50
"""Clips of a model that are scored, about: equally many of each genre, and not many more than
there are held-out clips."""


@dataclass(frozen=True)
class NewClip:
    """A clip that a model drew: its genre, its seed, and what is measured of it alone."""

    genre: str
    index: int
    seed: int
    waveform: NDArray[np.int16]
    flatness: float
    pulse: float
    copying: float | None


@dataclass(frozen=True)
class NewClips:
    """Clips to listen to, and the scores of these and more."""

    clips: list[NewClip]
    scores: Scores


def draw_clips(
    corpus: Corpus,
    music: TrainingMusic,
    judge: Judge,
    model: str,
    kept: int,
    seed: int,
    trained: VariationalAutoencoder | Flow | None = None,
) -> NewClips:
    """Draw clips of every genre from a model, and score them.

    Args:
        model: "vae", "process", "flow" or "walk".
        kept: clips of each genre to listen to; that of index 0 has the seed `seed`, the next one
            `seed` + 1.
        trained: the model, if it is trained.
    """
    each = max(kept, clips_per_genre(corpus, music))
    genres = list(range(len(music.genres))) * each
    seeds = [seed + index for index in range(each) for _ in music.genres]
    random = [clip_random(s, music.genres[g]) for g, s in zip(genres, seeds, strict=True)]
    clips = _drawn(corpus, music, model, trained, genres, random)
    measured = judge.measure(clips)
    listened = [
        NewClip(
            music.genres[genre],
            place // len(music.genres),
            seeds[place],
            to_int16(match_level(clips[place], music.level)),
            spectral_flatness(clips[place]),
            float(measured.pulse[place]),
            None if measured.copying is None else float(measured.copying[place]),
        )
        for place, genre in enumerate(genres[: kept * len(music.genres)])
    ]
    return NewClips(listened, judge.score(measured, genres, seed))


def clips_per_genre(corpus: Corpus, music: TrainingMusic) -> int:
    """Clips of each genre that are scored."""
    return -(-min(SCORED_CLIPS, len(held_out_rows(corpus))) // len(music.genres))


def _drawn(
    corpus: Corpus,
    music: TrainingMusic,
    model: str,
    trained: VariationalAutoencoder | Flow | None,
    genres: list[int],
    random: list[torch.Generator],
) -> Tensor:
    """Clips (count, samples) at `LEVEL`, one of each of some genres."""
    pairs = list(zip(genres, random, strict=True))
    if model == "walk":
        walk = Walk(music, cut_clips(corpus, music.rows, music.samples))
        return at_level(torch.stack([walk.sample(g, music.samples, r) for g, r in pairs]))
    if isinstance(trained, VariationalAutoencoder):
        numbers = trained.sample(genres, random)
    elif isinstance(trained, Flow):
        numbers = trained.sample(genres, music.groups, random)
    else:
        process = fit_process(music.numbers(), music.labels, len(music.genres))
        numbers = torch.cat([process.sample(g, music.groups, r) for g, r in pairs])
    return sound_of(numbers, music.space, music.sampling_rate, music.samples, random)
