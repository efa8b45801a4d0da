"""How near generated clips are to held-out music, and how near to what the models have heard.

All scores are computed on log-mel spectra of `spectra`, of clips brought to one level. A clip's
description has 100 numbers (fewer at low sampling rates): means and deviations of 20 MFCC,
deviations of their differences over two frames, means and deviations of the flux in 8 bands, and
the autocorrelation of the onsets at 24 lags. What changes faster than the frames, 23 ms apart in
windows of 93 ms, it does not see.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct
from sklearn.svm import SVC
from torch import Tensor

from pipeline.data.corpus import Corpus
from pipeline.evaluation.confidence import RESAMPLES, bootstrap_mean, wilson_interval
from pipeline.generation.beats import autocorrelation, onsets
from pipeline.generation.spectra import log_mel, mel_scale
from pipeline.generation.training_music import TrainingMusic, cut_clips

COEFFICIENTS, FLUX_BANDS = 20, 8

LAG_SECONDS, LAGS, DESCRIBED_LAGS = (0.1625, 1.51), 40, 24
"""Lags of the autocorrelation of the onsets, equally far apart in logarithm; the description has
the shorter ones."""

PULSE_LAGS = slice(8, None)
"""Lags of a pulse: 0.26 to 1.5 s."""

COMPONENTS = 16
"""Principal components of descriptions on which the Fréchet distance is computed."""

MIN_CLIPS = 4
"""Clips of both sets from which there is a kernel distance."""

MAX_HELD_OUT = 200
"""Held-out clips that generated ones are compared with at most, evenly spaced."""

PATCH_HOP = 4
"""Frames between the seconds of training clips that are searched for copies."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Score:
    """A score, with its 95 % interval where it is known, over some clips."""

    value: float
    interval: Interval | None
    clips: int


@dataclass(frozen=True)
class Scores:
    """Scores of a set of clips; None where they cannot be computed.

    Attributes:
        kad: 100 times the unbiased estimate of the squared maximum mean discrepancy between
            descriptions of these clips and of held-out ones (Gretton et al., "A kernel two-sample
            test", 2012; Chung et al., "KAD: No More FAD!", 2025), with a Gaussian kernel as wide
            as the median distance between held-out clips; 0 on average if both are drawn alike.
        frechet: Fréchet distance between Gaussians fitted to both, in the whitened principal
            components of training clips.
        pulse: greatest autocorrelation of the onsets between 0.26 and 1.5 s.
        genre: share that a support vector machine trained on training clips assigns to the genre
            asked for.
        copying: greatest correlation of a second of a clip with any second of a training clip,
            of log-mel spectra without each clip's mean.
    """

    kad: Score | None
    frechet: Score | None
    pulse: Score
    genre: Score | None
    copying: Score | None


@dataclass(frozen=True)
class Measured:
    """What is measured of each of some clips.

    Attributes:
        descriptions: standardised, (clips, numbers).
        pulse, copying: (clips,); copying is None if clips are shorter than a second.
        genres: index of the genre that the classifier assigns; None if there is only one.
    """

    descriptions: Tensor
    pulse: Tensor
    copying: Tensor | None
    genres: NDArray[np.intp] | None


@dataclass(frozen=True)
class Judge:
    """What scores are computed with: descriptions of training and held-out clips.

    Attributes:
        mean, deviation: of the descriptions of training clips.
        components: their whitened principal components, (numbers, components).
        classifier: of descriptions, by genre; None if there is only one.
        held_out: standardised descriptions of the held-out clips, (clips, numbers).
        training: log-mel spectra of the training clips, less their means over time, float16
            (clips, frames, bands).
    """

    sampling_rate: int
    mean: Tensor
    deviation: Tensor
    components: Tensor
    classifier: SVC | None
    held_out: Tensor
    training: Tensor

    @property
    def frames_per_second(self) -> float:
        """Frames of log-mel spectra per second."""
        return self.sampling_rate / mel_scale(self.sampling_rate).hop

    def measure(self, clips: Tensor) -> Measured:
        """Describe clips (count, samples) at `LEVEL`."""
        spectra = log_mel(clips, self.sampling_rate)
        raw, pulse = describe(spectra, self.frames_per_second)
        found = (raw - self.mean) / self.deviation
        genres = None if self.classifier is None else self.classifier.predict(found.numpy())
        return Measured(found, pulse, self._copying(spectra), genres)

    def _copying(self, spectra: Tensor) -> Tensor | None:
        """Greatest correlation with any second of the training clips, (count,)."""
        length = round(self.frames_per_second)
        if spectra.shape[1] < length or self.training.shape[1] < length:
            return None
        patches = _patches(spectra - spectra.mean(dim=1, keepdim=True), length, length)
        best = torch.full(patches.shape[:2], -1.0)
        for clip in self.training:
            heard = _patches(clip[None].float(), length, PATCH_HOP)[0]
            best = torch.maximum(best, (patches @ heard.T).amax(dim=2))
        return best.amax(dim=1)

    def score(self, found: Measured, wanted: list[int] | None, seed: int) -> Scores:
        """Scores of measured clips.

        Args:
            wanted: the genre asked for of each clip; None if none was.
            seed: of the resamples behind intervals.
        """
        count = len(found.pulse)
        genre = None
        if wanted is not None and found.genres is not None:
            hits = int((found.genres == np.array(wanted)).sum())
            genre = Score(hits / count, wilson_interval(hits, count), count)
        return Scores(
            kernel_distance(found.descriptions, self.held_out, seed),
            self._frechet(found.descriptions),
            _mean(found.pulse, seed),
            genre,
            None if found.copying is None else _mean(found.copying, seed),
        )

    def _frechet(self, descriptions: Tensor) -> Score | None:
        enough = min(len(descriptions), len(self.held_out)) > COMPONENTS
        if not enough or self.components.shape[1] < COMPONENTS:
            return None
        pair = (descriptions @ self.components, self.held_out @ self.components)
        return Score(frechet_distance(*pair), None, len(descriptions))


def prepare_judge(corpus: Corpus, music: TrainingMusic) -> Judge:
    """Describe training and held-out clips, and train the classifier."""
    rate = corpus.sampling_rate
    frames_per_second = rate / mel_scale(rate).hop
    training, _ = describe(music.spectra, frames_per_second)
    mean, deviation = training.mean(dim=0), training.std(dim=0, correction=0) + 1e-6
    standard = (training - mean) / deviation
    classifier = None
    if len(music.genres) > 1:
        classifier = SVC(C=10).fit(standard.numpy(), music.labels.numpy())
    clips = cut_clips(corpus, held_out_rows(corpus), music.samples)
    held_out, _ = describe(log_mel(clips, rate), frames_per_second)
    _, size, axes = torch.linalg.svd(standard, full_matrices=False)
    kept = min(COMPONENTS, int((size > 1e-4 * size[0]).sum()))
    components = axes[:kept].T / (size[:kept] / len(standard) ** 0.5)
    heard = music.spectra - music.spectra.mean(dim=1, keepdim=True)
    return Judge(
        rate,
        mean,
        deviation,
        components,
        classifier,
        (held_out - mean) / deviation,
        heard.half(),
    )


def held_out_rows(corpus: Corpus) -> list[int]:
    """Rows of the held-out clips that generated ones are compared with: validation and test."""
    rows = corpus.rows("validation") + corpus.rows("test")
    return rows[:: -(-len(rows) // MAX_HELD_OUT)]


def describe(spectra: Tensor, frames_per_second: float) -> tuple[Tensor, Tensor]:
    """Descriptions (count, numbers) and pulse (count,) of log-mel spectra (count, frames,
    bands)."""
    cepstra = torch.from_numpy(dct(spectra.numpy(), axis=2, norm="ortho")[:, :, :COEFFICIENTS])
    changes = cepstra[:, 2:] - cepstra[:, :-2]
    flux = spectra.diff(dim=1).clamp(min=0).unflatten(2, (FLUX_BANDS, -1)).mean(dim=3)
    lags = _at_lags(autocorrelation(onsets(spectra)), frames_per_second)
    parts = [cepstra.mean(dim=1), cepstra.std(dim=1), changes.std(dim=1)]
    parts += [flux.mean(dim=1), flux.std(dim=1), lags[:, :DESCRIBED_LAGS]]
    return torch.cat(parts, dim=1), lags[:, PULSE_LAGS].amax(dim=1)


def _at_lags(correlation: Tensor, frames_per_second: float) -> Tensor:
    """An autocorrelation (count, times), interpolated at `LAGS` lags: 0 beyond its end."""
    lags = torch.from_numpy(np.geomspace(*LAG_SECONDS, LAGS) * frames_per_second).float()
    whole = lags.long()
    padded = torch.nn.functional.pad(correlation, (0, int(whole[-1]) + 2))
    return torch.lerp(padded[:, whole], padded[:, whole + 1], lags - whole)


def _patches(spectra: Tensor, length: int, hop: int) -> Tensor:
    """Parts of spectra (count, frames, bands) as unit vectors without mean: (count, parts,
    length · bands)."""
    parts = spectra.unfold(1, length, hop).flatten(2)
    parts = parts - parts.mean(dim=2, keepdim=True)
    return parts / parts.norm(dim=2, keepdim=True).clamp(min=1e-9)


def _mean(values: Tensor, seed: int) -> Score:
    mean, low, high = bootstrap_mean(values, seed)
    return Score(mean, (low, high) if len(values) > 1 else None, len(values))


def kernel_distance(clips: Tensor, held_out: Tensor, seed: int) -> Score | None:
    """Kernel distance of descriptions (see `Scores.kad`), with a bootstrap over the clips of both
    sets in which no clip is compared with itself; None if a set has fewer than `MIN_CLIPS`."""
    if min(len(clips), len(held_out)) < MIN_CLIPS:
        return None
    rng = np.random.default_rng(seed)
    weights = [
        np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), RESAMPLES)])
        for n in (len(clips), len(held_out))
    ]
    found = kernel_distances(clips, held_out, weights)
    low, high = np.quantile(found[1:], [0.025, 0.975])
    return Score(float(found[0]), (float(low), float(high)), len(clips))


def kernel_distances(
    clips: Tensor, held_out: Tensor, weights: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Kernel distance of descriptions for each row of two sets of weights, (rows, clips) and
    (rows, held-out clips)."""
    gaps = torch.cdist(held_out, held_out)
    width = gaps[gaps > 0].median() if (gaps > 0).any() else torch.ones(())
    a, b, ab = (
        torch.exp(-(torch.cdist(one, other) ** 2) / (2 * width**2)).double().numpy()
        for one, other in ((clips, clips), (held_out, held_out), (clips, held_out))
    )
    np.fill_diagonal(a, 0)
    np.fill_diagonal(b, 0)
    crossed = ((weights[0] @ ab) * weights[1]).sum(axis=1) / (len(a) * len(b))
    return 100 * (_pair_mean(a, weights[0]) + _pair_mean(b, weights[1]) - 2 * crossed)


def _pair_mean(kernel: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of a kernel over pairs of different clips, for each row of weights (sets, clips)."""
    pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
    total: NDArray[np.float64] = ((weights @ kernel) * weights).sum(axis=1)
    return total / np.maximum(pairs, 1)


def frechet_distance(one: Tensor, other: Tensor) -> float:
    """Fréchet distance between Gaussians fitted to vectors (count, numbers) (Dowson and Landau,
    1982)."""
    a, b = one.double(), other.double()
    first, second = torch.cov(a.T), torch.cov(b.T)
    values, vectors = torch.linalg.eigh(first)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    shared = torch.linalg.eigvalsh(root @ second @ root).clamp(min=0).sqrt().sum()
    gap = (a.mean(dim=0) - b.mean(dim=0)).square().sum()
    return float(gap + first.trace() + second.trace() - 2 * shared)
