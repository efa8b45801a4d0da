"""Generate clips by decoding means, interpolations and random samples of latent vectors."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.audio.files import to_int16
from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.models.restore import Model, restore
from pipeline.models.training import TrainedModel

SONGS_PER_MEAN = 3
"""Songs per mean, as in the original study."""

PATH_POINTS = 9
"""Points per interpolation, including both ends."""

DRAWS_PER_KIND = 2
"""Random vectors per kind."""


@dataclass
class GeneratedClip:
    """One decoded latent vector.

    Attributes:
        kind: songs (mean of three test songs), genre_songs (mean of three songs of a genre),
            genre (mean of all its songs), path (between two test songs), uniform or gaussian.
        flatness: see `spectral_flatness`.
        sources: weights by corpus row; empty for random vectors.
        similarity: see `similarity`; None without sources.
    """

    kind: str
    index: int
    waveform: NDArray[np.int16]
    flatness: float
    genre: str | None = None
    sources: dict[int, float] = field(default_factory=dict)
    similarity: float | None = None


def spectral_flatness(waveform: Tensor) -> float:
    """Spectral flatness of a waveform (samples,), 0 to 1: geometric over arithmetic mean power.

    Averaged over frames (Hann window of 1024 samples, hop 256), without the DC bin (Johnston,
    "Transform coding of audio signals using perceptual noise criteria", 1988). Gaussian white
    noise scores exp(-γ) ≈ 0.56, because single-frame powers scatter around their expectation;
    a tone scores near 0, silence 0.
    """
    window = torch.hann_window(1024, dtype=torch.float64)
    power = torch.stft(waveform.double(), 1024, 256, window=window, return_complex=True)
    power = power[1:].abs().square().clamp(min=1e-20)
    flatness = power.log().mean(dim=0).exp() / power.mean(dim=0)
    heard = power.mean(dim=0) > 1e-12
    return float(flatness[heard].mean()) if heard.any() else 0.0


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


def sample_gaussian(latents: Tensor, random: torch.Generator) -> Tensor:
    """Sample (channels, frames) from a stationary Gaussian process fitted to each channel.

    The process has the channel's mean and autocorrelation over the training latents: white noise
    is filtered so that its expected spectrum is their mean periodogram (Wiener–Khinchin theorem;
    the process is periodic over the clip's length).
    """
    frames = latents.shape[2]
    mean = latents.mean(dim=(0, 2))[:, None]
    power = torch.zeros(latents.shape[1], frames // 2 + 1)
    for latent in latents:  # one at a time, to save memory
        power += torch.fft.rfft(latent - mean).abs().square() / len(latents)
    noise = torch.fft.rfft(torch.randn(latents.shape[1:], generator=random))
    return mean + torch.fft.irfft(noise * (power / frames).sqrt(), n=frames)


@torch.no_grad()
def generate(
    corpus: Corpus, trained: TrainedModel, latents: NDArray[np.float32], seed: int
) -> list[GeneratedClip]:
    """Generate all clips of one model.

    Songs are chosen by the seed alone, so that all models use the same ones: three test songs,
    the first two of which are the ends of the path, and three songs per genre, from the test set
    if it has enough.

    Args:
        latents: of all clips, float32 (clips, latent), from `pipeline.analysis.latents`.
    """
    model = restore(trained.architecture, trained.weights)
    random = np.random.default_rng(seed)
    test = corpus.rows("test")
    songs = [int(row) for row in random.permutation(test)[:SONGS_PER_MEAN]]
    recipes: list[tuple[str, int, str | None, dict[int, float]]] = [
        ("songs", 0, None, _equal(songs))
    ]
    for genre in corpus.genres:
        members = [row for row, clip in enumerate(corpus.clips) if clip.genre == genre]
        held_out = [row for row in members if row in test]
        pool = held_out if len(held_out) >= SONGS_PER_MEAN else members
        few = [int(row) for row in random.permutation(pool)[:SONGS_PER_MEAN]]
        recipes.append(("genre_songs", 0, genre, _equal(few)))
        recipes.append(("genre", 0, genre, _equal(members)))
    if len(songs) > 1:
        for point in range(PATH_POINTS):
            share = point / (PATH_POINTS - 1)
            recipes.append(("path", point, None, {songs[0]: 1 - share, songs[1]: share}))
    result = []
    for done, (kind, index, genre_name, sources) in enumerate(recipes):
        rows, weights = list(sources), torch.tensor(list(sources.values()))
        mean = (torch.from_numpy(latents[rows]) * weights[:, None]).sum(dim=0)
        waveform = _decode(model, mean)
        likeness = similarity(waveform, corpus.floats(rows), weights)
        result.append(_clip(kind, index, waveform, genre_name, sources, likeness))
        report_progress(done + 1, len(recipes) + 2 * DRAWS_PER_KIND)
    training = torch.from_numpy(latents[corpus.rows("training")])
    training = training.unflatten(1, trained.architecture.grid)
    draw = torch.Generator().manual_seed(seed)
    for kind, how in (("uniform", sample_uniform), ("gaussian", sample_gaussian)):
        for index in range(DRAWS_PER_KIND):
            waveform = _decode(model, how(training, draw).flatten())
            result.append(_clip(kind, index, waveform, None, {}, None))
    return result


def _equal(rows: list[int]) -> dict[int, float]:
    return {row: 1 / len(rows) for row in rows}


def _decode(model: Model, latent: Tensor) -> Tensor:
    where = next(model.parameters()).device
    return model.decode(latent[None].to(where))[0].cpu()


def _clip(
    kind: str,
    index: int,
    waveform: Tensor,
    genre: str | None,
    sources: dict[int, float],
    likeness: float | None,
) -> GeneratedClip:
    flatness = spectral_flatness(waveform)
    samples = to_int16(waveform)
    return GeneratedClip(kind, index, samples, flatness, genre, sources, likeness)
