"""How noise-like a sound is: spectral flatness within the band that it uses."""

import torch
from torch import Tensor

WINDOW, HOP = 1024, 256

SHARE = 0.95
"""Share of the power that is below the upper end of a sound's band."""

MIN_BINS = 32
"""Fewest frequencies of a band: a low tone alone has a narrow one, which would seem flat."""


def spectral_flatness(waveform: Tensor) -> float:
    """Spectral flatness of a waveform (samples,), 0 to 1: geometric over arithmetic mean power
    (Johnston, "Transform coding of audio signals using perceptual noise criteria", 1988).

    Averaged over frames (Hann window of 1024 samples, hop 256), up to the frequency below which
    95 % of the power lies, without the DC bin. Gaussian white noise scores exp(-γ) ≈ 0.56,
    because single-frame powers scatter around their expectation; a tone scores near 0, silence 0.
    """
    power = _powers(waveform)[1:].clamp(min=1e-20)
    power = power[: band_bins(power.mean(dim=1))]
    heard = power.mean(dim=0) > 1e-12
    if not heard.any():
        return 0.0
    flatness = power.log().mean(dim=0).exp() / power.mean(dim=0)
    return float(flatness[heard].mean())


def noise_flatness(waveform: Tensor, random: torch.Generator) -> float:
    """Spectral flatness of white noise filtered to the mean spectrum of a waveform (samples,)."""
    power = _powers(waveform).mean(dim=1)
    noise = torch.randn(len(waveform), generator=random, dtype=torch.float64)
    spectrum = torch.fft.rfft(noise)
    places = torch.linspace(0, len(power) - 1, len(spectrum), dtype=torch.float64)
    below = places.long().clamp(max=len(power) - 2)
    gain = torch.lerp(power[below], power[below + 1], places - below).sqrt()
    return spectral_flatness(torch.fft.irfft(spectrum * gain, len(waveform)))


def band_bins(power: Tensor) -> int:
    """How many of the lowest frequencies of a power spectrum (bins,) hold `SHARE` of the power, at
    least `MIN_BINS`."""
    below = power.cumsum(0) < SHARE * power.sum()
    return max(MIN_BINS, int(below.sum()) + 1)


def _powers(waveform: Tensor) -> Tensor:
    """|STFT|², (bins, frames), float64."""
    window = torch.hann_window(WINDOW, dtype=torch.float64)
    return (
        torch.stft(waveform.double(), WINDOW, HOP, window=window, return_complex=True)
        .abs()
        .square()
    )
