"""Log-mel spectra of clips, and the short sequences of decorrelated numbers that encode them.

A clip becomes its log-mel spectrogram, four frames of it at a time become a group, and each group
96 numbers: its principal components, whitened. 5 seconds are 54 such groups. What the components
leave out sounds like noise, and is put back as noise of the same variance.
"""

import math
from dataclasses import dataclass
from functools import cache

import torch
import torchaudio
from torch import Tensor

WINDOW_SECONDS = 0.0929
"""Length of the analysis window, up to the nearest power of two in samples: 2048 at 22 050 Hz."""

HOPS_PER_WINDOW = 4
MAX_BANDS = 128
LOWEST_HZ = 30.0

FLOOR = 1e-4
"""Minimum magnitude of a band before the logarithm, for clips of `LEVEL`."""

GROUP = 4
"""Frames in a group."""

MAX_NUMBERS = 96
"""Numbers per group. With 48, the sound of real clips is audibly duller."""

CLIPS_PER_BATCH = 16
"""Bounds the memory of spectra."""


@dataclass(frozen=True)
class MelScale:
    """Spectral analysis at a sampling rate: window and hop in samples, and the weights of the
    bands, (window / 2 + 1, bands); those of a band add up to 1."""

    window: int
    hop: int
    weights: Tensor

    @property
    def bands(self) -> int:
        """Number of bands."""
        return self.weights.shape[1]

    def frames(self, samples: int) -> int:
        """Frames of a clip of this many samples."""
        return 1 + samples // self.hop

    def groups(self, samples: int) -> int:
        """Groups that hold all frames of a clip of this many samples."""
        return -(-self.frames(samples) // GROUP)


@cache
def mel_scale(sampling_rate: int) -> MelScale:
    """The analysis at a rate in Hz. Triangular bands on the mel scale of Slaney ("Auditory
    Toolbox", 1998), from 30 Hz to half the rate; fewer than 128 where the window is short."""
    window = 2 ** round(math.log2(WINDOW_SECONDS * sampling_rate))
    weights = torchaudio.functional.melscale_fbanks(
        window // 2 + 1,
        LOWEST_HZ,
        sampling_rate / 2,
        min(MAX_BANDS, window // 8),
        sampling_rate,
        "slaney",
        "slaney",
    )
    return MelScale(window, window // HOPS_PER_WINDOW, weights / weights.sum(0).clamp(min=1e-9))


def log_mel(clips: Tensor, sampling_rate: int) -> Tensor:
    """Natural logarithm of mel magnitudes, (count, frames, bands), of clips (count, samples) at
    `LEVEL`. Frames are centred, the ends mirrored."""
    scale = mel_scale(sampling_rate)
    window = torch.hann_window(scale.window)
    found = []
    for part in clips.split(CLIPS_PER_BATCH):
        spectra = torch.stft(part, scale.window, scale.hop, window=window, return_complex=True)
        bands = spectra.abs().transpose(1, 2) @ scale.weights
        found.append(bands.clamp(min=FLOOR).log())
    return torch.cat(found)


@dataclass(frozen=True)
class GroupSpace:
    """Whitened principal components of groups of log-mel frames.

    Attributes:
        mean: of a group, (4 · bands,).
        basis: orthonormal, (4 · bands, numbers).
        deviation: of each component, (numbers,).
        residual: deviation of what the components leave out, (4 · bands,).
        ceiling: greatest value of each band in the training clips, (bands,).
    """

    mean: Tensor
    basis: Tensor
    deviation: Tensor
    residual: Tensor
    ceiling: Tensor

    @property
    def numbers(self) -> int:
        """Numbers per group."""
        return self.basis.shape[1]

    def encode(self, spectra: Tensor, offset: int = 0) -> Tensor:
        """Numbers (count, numbers, groups) of log-mel spectra (count, frames, bands).

        Frames before `offset`, and those after the last whole group, are left out.
        """
        return ((_groups(spectra, offset) - self.mean) @ self.basis / self.deviation).mT

    def decode(self, numbers: Tensor, noise: torch.Generator | None) -> Tensor:
        """Log-mel spectra (count, 4 · groups, bands) of numbers (count, numbers, groups), nowhere
        louder than the training clips.

        Args:
            noise: draws what the components leave out; None leaves it out.
        """
        groups = (numbers.mT * self.deviation) @ self.basis.T + self.mean
        if noise is not None:
            groups = groups + torch.randn(groups.shape, generator=noise) * self.residual
        spectra = groups.reshape(len(groups), -1, len(self.mean) // GROUP)
        return spectra.clamp(min=math.log(FLOOR)).minimum(self.ceiling)


def fit_space(spectra: Tensor) -> GroupSpace:
    """Principal components of the groups of log-mel spectra (count, frames, bands).

    There are as many as the groups allow: fewer than 96 only if the training music is tiny.
    """
    groups = torch.cat([_groups(spectra, offset).flatten(0, 1) for offset in (0, GROUP // 2)])
    mean = groups.mean(dim=0)
    centred = (groups - mean).double()
    variances, vectors = torch.linalg.eigh(centred.T @ centred / len(groups))
    variances, vectors = variances.flip(0), vectors.flip(1)
    usable = int((variances > 1e-6 * variances[0].clamp(min=1e-12)).sum())
    kept = max(1, min(MAX_NUMBERS, usable, len(groups) - 1))
    basis = vectors[:, :kept]
    lost = centred - centred @ basis @ basis.T
    return GroupSpace(
        mean,
        basis.float().contiguous(),
        variances[:kept].clamp(min=1e-12).sqrt().float(),
        lost.std(dim=0, correction=0).float(),
        spectra.amax(dim=(0, 1)),
    )


def _groups(spectra: Tensor, offset: int) -> Tensor:
    """Groups of frames (count, groups, 4 · bands), from a frame on."""
    count = (spectra.shape[1] - offset) // GROUP
    return spectra[:, offset : offset + GROUP * count].reshape(len(spectra), count, -1)
