"""A stationary Gaussian process for each genre: the strong, simple baseline, and the flow's start.

A draw has the mean of the genre's training clips and their mean cross-spectrum: at each frequency
it is a random complex mixture of the clips' Fourier coefficients, and so sounds like a mix of all
of them, shuffled in time.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

MAX_RANK = 32
"""Mixtures per frequency at most; a genre of fewer clips has as many as it has clips."""


@dataclass(frozen=True)
class GaussianProcess:
    """The processes of all genres.

    Attributes:
        mean: (genres, numbers).
        factors: square roots of the cross-spectra at the frequencies of `groups` groups: complex,
            (genres, frequencies, numbers, rank), 0 beyond a genre's own rank.
        groups: length of the clips that they come from.
    """

    mean: Tensor
    factors: Tensor
    groups: int

    def sample(self, genre: int, groups: int, random: torch.Generator, count: int = 1) -> Tensor:
        """Draw numbers (count, numbers, groups); the end of each joins its beginning.

        The spectrum at other lengths than that of the clips is that of the nearest frequency. What
        is constant over a clip is constant over a draw of any length.
        """
        frequencies = groups // 2 + 1
        parts = torch.randn(2, count, frequencies, self.factors.shape[3], generator=random)
        weights = torch.complex(parts[0], parts[1]) / math.sqrt(2)
        for real in (0, frequencies - 1) if groups % 2 == 0 else (0,):
            weights[:, real] = parts[0, :, real].to(weights.dtype)
        nearest = (torch.arange(frequencies) * self.groups / groups).round().long()
        nearest[1:] = nearest[1:].clamp(min=1, max=self.factors.shape[1] - 1)
        factors = self.factors[genre][nearest]
        spectrum = (factors @ weights.permute(1, 2, 0)).permute(2, 1, 0) * math.sqrt(groups)
        spectrum[:, :, 0] *= math.sqrt(groups / self.groups)
        return self.mean[genre][:, None] + torch.fft.irfft(spectrum, groups)


def fit_process(numbers: Tensor, labels: Tensor, genres: int) -> GaussianProcess:
    """Fit a process to the clips of each genre.

    Args:
        numbers: of the clips, (clips, numbers, groups).
        labels: genre of each clip, (clips,); each genre has at least one.
    """
    groups = numbers.shape[2]
    means, factors = [], []
    for genre in range(genres):
        clips = numbers[labels == genre]
        mean = clips.mean(dim=(0, 2))
        spectra = torch.fft.rfft(clips - mean[:, None]) / math.sqrt(groups * len(clips))
        left, size, _ = torch.linalg.svd(spectra.permute(2, 1, 0), full_matrices=False)
        factor = (left * size[:, None])[:, :, :MAX_RANK]
        means.append(mean)
        factors.append(factor)
    rank = max(factor.shape[2] for factor in factors)
    padded = [torch.nn.functional.pad(each, (0, rank - each.shape[2])) for each in factors]
    return GaussianProcess(torch.stack(means), torch.stack(padded), groups)
