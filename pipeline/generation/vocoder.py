"""From log-mel spectra to sound: non-negative least squares, then fast Griffin–Lim.

Magnitudes come from mel bands by the multiplicative updates of Lee and Seung ("Algorithms for
non-negative matrix factorization", 2001). Phases are found by alternating between the magnitudes
and the spectrogram of a real signal, with the momentum of Perraudin, Balazs and Søndergaard ("A
fast Griffin–Lim algorithm", 2013).
"""

import math

import torch
from numba import njit
from torch import Tensor
from torch.nn import functional

from pipeline.generation.levels import at_level
from pipeline.generation.spectra import HOPS_PER_WINDOW, GroupSpace, MelScale, mel_scale

MAGNITUDE_ROUNDS = 12
PHASE_ROUNDS = 10
"""More rounds make spectra more alike and the sound rougher: between the frames, nothing tells
what it should be."""

MOMENTUM = 0.99

EVEN_SHARE = 0.2
"""Least share of a band's magnitude that each of its frequencies begins with."""


def magnitudes(spectra: Tensor, scale: MelScale) -> Tensor:
    """Magnitudes (count, frames, window / 2 + 1) whose bands are those of log-mel spectra (count,
    frames, bands), as nearly as non-negative ones can be."""
    bands, weights = spectra.exp(), scale.weights
    spread = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
    found = torch.maximum(bands @ torch.linalg.pinv(weights), EVEN_SHARE * (bands @ spread.T))
    found = found.clamp(min=1e-6)
    target = bands @ weights.T
    for _ in range(MAGNITUDE_ROUNDS):
        ratio = target / ((found @ weights) @ weights.T + 1e-8)
        found = found * ratio.clamp(0.1, 10)
    return found


def synthesise(
    spectra: Tensor, sampling_rate: int, samples: int, random: list[torch.Generator]
) -> Tensor:
    """Waveforms (count, samples) at `LEVEL` of log-mel spectra (count, frames, bands).

    Args:
        random: draws the first phases of each.
    """
    scale = mel_scale(sampling_rate)
    sounds = [
        _with_phases(magnitudes(one[None], scale)[0], scale, samples, generator)
        for one, generator in zip(spectra, random, strict=True)
    ]
    return at_level(torch.stack(sounds))


def sound_of(
    numbers: Tensor,
    space: GroupSpace,
    sampling_rate: int,
    samples: int,
    random: list[torch.Generator],
) -> Tensor:
    """Waveforms (count, samples) at `LEVEL` of numbers (count, numbers, groups); see `GroupSpace`.

    Args:
        random: draws the noise and the first phases of each.
    """
    parts = zip(numbers, random, strict=True)
    spectra = torch.cat([space.decode(one[None], generator) for one, generator in parts])
    return synthesise(spectra, sampling_rate, samples, random)


def _with_phases(wanted: Tensor, scale: MelScale, samples: int, random: torch.Generator) -> Tensor:
    """A waveform (samples,) whose spectrogram is near magnitudes (frames, window / 2 + 1)."""
    angles = 2 * math.pi * torch.rand(wanted.shape, generator=random)
    spectrum, last = torch.polar(wanted, angles), torch.zeros(wanted.shape, dtype=torch.complex64)
    window = torch.hann_window(scale.window)
    total = scale.hop * (len(wanted) - 1)
    weight = _overlap_add((window**2).expand(len(wanted), -1), scale)
    weight = weight[scale.window // 2 :][:total].clamp(min=1e-6)
    for rest in range(PHASE_ROUNDS, -1, -1):
        frames = torch.fft.irfft(spectrum, scale.window) * window
        signal = _overlap_add(frames, scale)[scale.window // 2 :][:total] / weight
        if rest:
            padded = functional.pad(signal[None], (scale.window // 2,) * 2, mode="reflect")[0]
            found = torch.fft.rfft(padded.unfold(0, scale.window, scale.hop) * window)
            _impose(found.numpy(), last.numpy(), wanted.numpy(), spectrum.numpy())
            last = found
    return functional.pad(signal, (0, max(0, samples - total)))[:samples]


def _overlap_add(frames: Tensor, scale: MelScale) -> Tensor:
    """The sum of frames (count, window), each a hop after the one before."""
    count = len(frames)
    parts = frames.reshape(count, HOPS_PER_WINDOW, scale.hop)
    total = frames.new_zeros(count + HOPS_PER_WINDOW - 1, scale.hop)
    for number in range(HOPS_PER_WINDOW):
        total[number : number + count] += parts[:, number]
    return total.flatten()


@njit(cache=True, fastmath=True)
def _impose(found, last, wanted, spectrum):  # type: ignore[no-untyped-def]
    """Give `spectrum` the magnitudes `wanted` and the phases of `found`, extrapolated from
    `last`."""
    share = MOMENTUM / (1 + MOMENTUM)
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            real = found[row, column].real - share * last[row, column].real
            imag = found[row, column].imag - share * last[row, column].imag
            size = math.sqrt(real * real + imag * imag)
            gain = wanted[row, column] / (size + 1e-9)
            spectrum[row, column] = complex(real * gain, imag * gain)
