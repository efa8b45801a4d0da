"""Scores of what generated music is compared with: real clips, noise, mixes, latent vectors."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.data.corpus import Corpus
from pipeline.generation.latent_means import SONGS_PER_MEAN, decode, fit_channels
from pipeline.generation.levels import at_level
from pipeline.generation.new_music import SCORED_CLIPS, clips_per_genre
from pipeline.generation.scores import (
    Judge,
    Measured,
    Score,
    Scores,
    held_out_rows,
    kernel_distances,
)
from pipeline.generation.spectra import log_mel
from pipeline.generation.training_music import TrainingMusic, cut_clips
from pipeline.generation.vocoder import synthesise
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel

HALVES = 200
"""Random halves of the held-out clips that are compared with each other."""


def score_references(
    corpus: Corpus,
    music: TrainingMusic,
    judge: Judge,
    trained: TrainedModel,
    latents: NDArray[np.float32],
    seed: int,
) -> dict[str, Scores]:
    """Scores by name: those of `score_waveforms`, and of decoded latent vectors.

    - reconstructed: held-out clips, decoded from their latent vectors: what any decoded vector
      can be at best.
    - means: three clips of a genre at a time, the means of their latent vectors; of genres with
      fewer there are none.
    - draws: random latent vectors; see `ChannelProcess`.

    Args:
        trained, latents: the model that decodes, and the latent vectors of all clips.
    """
    found = score_waveforms(corpus, music, judge, seed)
    rng, random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    model = restore(trained.architecture, trained.weights)
    held_out = torch.from_numpy(latents[held_out_rows(corpus)])
    rebuilt = [decode(model, vector) for vector in held_out]
    vectors = torch.from_numpy(latents[music.rows])
    asked = list(range(len(music.genres))) * clips_per_genre(corpus, music)
    members = {genre: torch.nonzero(music.labels == genre)[:, 0].numpy() for genre in asked}
    averaged = [genre for genre in asked if len(members[genre]) >= SONGS_PER_MEAN]
    chosen = [rng.permutation(members[genre])[:SONGS_PER_MEAN] for genre in averaged]
    means = [decode(model, vectors[each].mean(dim=0)) for each in chosen]
    channels = fit_channels(vectors.unflatten(1, trained.architecture.grid))
    draws = [decode(model, channels.sample(random).flatten()) for _ in asked]
    for name, clips, wanted in (
        ("reconstructed", rebuilt, _genres(corpus, music)),
        ("means", means, averaged),
        ("draws", draws, None),
    ):
        if clips:
            measured = judge.measure(at_level(torch.stack(clips)[:, : music.samples]))
            found[name] = judge.score(measured, wanted, seed)
    return found


def score_waveforms(
    corpus: Corpus, music: TrainingMusic, judge: Judge, seed: int
) -> dict[str, Scores]:
    """Scores by name.

    - real: held-out clips. Their kernel distance is the mean over random halves, each compared
      with the other; its interval tells how much the measure varies with the choice of clips.
    - vocoder: held-out clips turned into spectra and back.
    - noise: white noise.
    - mix: three training clips at a time, added.
    """
    rows = held_out_rows(corpus)
    rng, random = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    real = cut_clips(corpus, rows, music.samples)
    genres = _genres(corpus, music)
    measured = judge.measure(real)
    found = {"real": _real(judge.score(measured, genres, seed), measured, seed)}
    spectra = log_mel(real, music.sampling_rate)
    rebuilt = synthesise(spectra, music.sampling_rate, music.samples, [random] * len(real))
    count = min(SCORED_CLIPS, len(rows))
    noise = torch.randn(count, music.samples, generator=random)
    training = cut_clips(corpus, music.rows, music.samples)
    few = [rng.permutation(len(training))[:SONGS_PER_MEAN] for _ in range(count)]
    mixes = torch.stack([training[each].mean(dim=0) for each in few])
    for name, clips, wanted in (
        ("vocoder", rebuilt, genres),
        ("noise", noise, None),
        ("mix", mixes, None),
    ):
        found[name] = judge.score(judge.measure(at_level(clips)), wanted, seed)
    return found


def _genres(corpus: Corpus, music: TrainingMusic) -> list[int]:
    """Genre of each held-out clip; -1 for one of held-out clips alone, which no model has heard."""
    known = {genre: index for index, genre in enumerate(music.genres)}
    return [known.get(corpus.clips[row].genre, -1) for row in held_out_rows(corpus)]


def _real(scores: Scores, measured: Measured, seed: int) -> Scores:
    """Scores of held-out clips, with distances between halves of them."""
    clips = measured.descriptions
    count, half = len(clips), len(clips) // 2
    if half < 2:
        return replace(scores, kad=None, frechet=None)
    rng = np.random.default_rng(seed)
    order = [rng.permutation(count) for _ in range(HALVES)]
    pairs = [(clips[rows[:half]], clips[rows[half:]]) for rows in order]
    distances = [
        kernel_distances(one, other, [np.ones((1, len(one))), np.ones((1, len(other)))])[0]
        for one, other in pairs
    ]
    low, high = np.quantile(distances, [0.025, 0.975])
    kad = Score(float(np.mean(distances)), (float(low), float(high)), count)
    return replace(scores, kad=kad, frechet=None)
