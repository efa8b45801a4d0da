"""Generate clips by decoding means, interpolations and random samples of latent vectors."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.audio.files import to_int16
from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.generation.flatness import noise_flatness, spectral_flatness
from pipeline.generation.levels import match_level
from pipeline.models.restore import Model, restore
from pipeline.models.training import TrainedModel

SONGS_PER_MEAN = 3
"""Songs per mean, as in the original study."""

PATH_POINTS = 9
"""Points per interpolation, including both ends."""

DRAWS_PER_KIND = 2
"""Random vectors per kind."""


LINE_FACTORS = (1.0, 2.0, 4.0)
"""Points on a line: how many times a song's deviation from the mean of the training clips."""


@dataclass(frozen=True)
class Recipe:
    """What a latent vector is made of.

    Attributes:
        kind: songs (mean of three test songs), genre_songs (mean of three songs of a genre),
            genre (mean of all its songs), path (between two test songs), line (from the mean of
            the training clips through a test song and beyond), uniform or gaussian.
        index: place on a path or line, or among random vectors.
        sources: weights by corpus row; empty for random vectors.
    """

    kind: str
    index: int
    genre: str | None
    sources: dict[int, float]


@dataclass
class GeneratedClip:
    """One decoded latent vector.

    Attributes:
        flatness: see `pipeline.generation.flatness`.
        similarity: see `similarity`; None without sources.
        noise_flatness: that of white noise with the same spectrum, of random vectors.
    """

    recipe: Recipe
    waveform: NDArray[np.int16]
    flatness: float
    similarity: float | None
    noise_flatness: float | None = None


def similarity(waveform: Tensor, sources: Tensor, weights: Tensor) -> float:
    """Correlation, in [-1, 1], of a waveform (samples,) with the weighted mix of its sources.

    1 means that decoding the mean latent gave the mean of the songs, as a linear autoencoder
    would; 0 means the waveforms are unrelated.
    """
    mix = (sources.double() * weights.double()[:, None]).sum(dim=0)
    return float(torch.corrcoef(torch.stack([waveform.double(), mix]))[0, 1].nan_to_num())


def sample_uniform(latents: Tensor, random: torch.Generator) -> Tensor:
    """Sample (channels, frames) uniformly within each channel's range over the training latents."""
    low = latents.amin(dim=(0, 2))[:, None]
    high = latents.amax(dim=(0, 2))[:, None]
    return low + (high - low) * torch.rand(latents.shape[1:], generator=random)


@dataclass(frozen=True)
class ChannelProcess:
    """A stationary Gaussian process for each channel, periodic over the clip's length.

    Attributes:
        mean: of each channel, (channels, 1).
        power: mean periodogram, (channels, frequencies).
        frames: length of a draw.
    """

    mean: Tensor
    power: Tensor
    frames: int

    def sample(self, random: torch.Generator) -> Tensor:
        """Draw (channels, frames): white noise, filtered so that its expected spectrum is the
        mean periodogram (Wiener–Khinchin theorem)."""
        noise = torch.fft.rfft(torch.randn(len(self.mean), self.frames, generator=random))
        return self.mean + torch.fft.irfft(noise * self.power.sqrt(), n=self.frames)


def fit_channels(latents: Tensor) -> ChannelProcess:
    """The process with each channel's mean and autocorrelation over latents (clips, channels,
    frames)."""
    frames = latents.shape[2]
    mean = latents.mean(dim=(0, 2))[:, None]
    power = torch.zeros(latents.shape[1], frames // 2 + 1)
    for latent in latents:  # one at a time, to save memory
        power += torch.fft.rfft(latent - mean).abs().square() / (len(latents) * frames)
    return ChannelProcess(mean, power, frames)


@torch.no_grad()
def generate(
    corpus: Corpus,
    trained: TrainedModel,
    latents: NDArray[np.float32],
    shown: bool,
    seed: int,
) -> list[GeneratedClip]:
    """Generate the clips of one model.

    Songs are chosen by the seed alone, so that all models use the same ones: three test songs,
    the first two of which are the ends of the path and the first is on the line, and three songs
    per genre, from the test set if it has enough; of a genre with a single song there is no mean.
    Random vectors and points on the line have no level of their own, and get that of the training
    clips.

    Args:
        latents: of all clips, float32 (clips, latent), from `pipeline.analysis.latents`.
        shown: make clips of every kind, not just means of a few songs.
    """
    model = restore(trained.architecture, trained.weights)
    random = np.random.default_rng(seed)
    test = corpus.rows("test")
    songs = [int(row) for row in random.permutation(test)[:SONGS_PER_MEAN]]
    recipes = [Recipe("songs", 0, None, _equal(songs))]
    for genre in corpus.genres:
        members = [row for row, clip in enumerate(corpus.clips) if clip.genre == genre]
        held_out = [row for row in members if row in test]
        pool = held_out if len(held_out) >= SONGS_PER_MEAN else members
        few = [int(row) for row in random.permutation(pool)[:SONGS_PER_MEAN]]
        recipes.append(Recipe("genre_songs", 0, genre, _equal(few)))
        if shown:
            recipes.append(Recipe("genre", 0, genre, _equal(members)))
    recipes = [recipe for recipe in recipes if len(recipe.sources) > 1]
    if shown and len(songs) > 1:
        for point in range(PATH_POINTS):
            share = point / (PATH_POINTS - 1)
            recipes.append(Recipe("path", point, None, {songs[0]: 1 - share, songs[1]: share}))
    result = []
    for done, recipe in enumerate(recipes):
        rows, weights = list(recipe.sources), torch.tensor(list(recipe.sources.values()))
        mean = (torch.from_numpy(latents[rows]) * weights[:, None]).sum(dim=0)
        waveform = decode(model, mean)
        likeness = similarity(waveform, corpus.floats(rows), weights)
        result.append(_clip(recipe, waveform, likeness))
        report_progress(done + 1, len(recipes))
    if shown:
        result += _beyond_the_data(corpus, model, trained, latents, songs[0], seed)
    return result


def _beyond_the_data(
    corpus: Corpus,
    model: Model,
    trained: TrainedModel,
    latents: NDArray[np.float32],
    song: int,
    seed: int,
) -> list[GeneratedClip]:
    """Points on a line from the mean of the training clips through a song, and random vectors."""
    rows = corpus.rows("training")
    training = torch.from_numpy(latents[rows])
    level = float(np.sqrt(np.mean([corpus.floats([row]).square().mean() for row in rows])))
    result = []
    mean = training.mean(dim=0)
    deviation = torch.tensor(latents[song]) - mean
    for index, factor in enumerate(LINE_FACTORS):
        waveform = match_level(decode(model, mean + factor * deviation), level)
        likeness = similarity(waveform, corpus.floats([song]), torch.ones(1))
        result.append(_clip(Recipe("line", index, None, {song: factor}), waveform, likeness))
    grid = training.unflatten(1, trained.architecture.grid)
    random = torch.Generator().manual_seed(seed)
    channels = fit_channels(grid)
    for kind in ("uniform", "gaussian"):
        for index in range(DRAWS_PER_KIND):
            latent = sample_uniform(grid, random) if kind == "uniform" else channels.sample(random)
            waveform = match_level(decode(model, latent.flatten()), level)
            clip = _clip(Recipe(kind, index, None, {}), waveform, None)
            clip.noise_flatness = noise_flatness(waveform, random)
            result.append(clip)
    return result


def _equal(rows: list[int]) -> dict[int, float]:
    return {row: 1 / len(rows) for row in rows}


@torch.no_grad()
def decode(model: Model, latent: Tensor) -> Tensor:
    """The waveform (samples,) of a latent vector (latent,)."""
    where = next(model.parameters()).device
    return model.decode(latent[None].to(where))[0].cpu()


def _clip(recipe: Recipe, waveform: Tensor, likeness: float | None) -> GeneratedClip:
    return GeneratedClip(recipe, to_int16(waveform), spectral_flatness(waveform), likeness)
