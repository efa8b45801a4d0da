"""Spectral flatness: known values, and white noise filtered like a sound."""

import numpy as np
import pytest
import torch

from pipeline.generation.flatness import noise_flatness, spectral_flatness

WHITE = torch.randn(100_000, generator=torch.Generator().manual_seed(1))


def lowpass(sound: torch.Tensor, share: float) -> torch.Tensor:
    spectrum = torch.fft.rfft(sound)
    spectrum[round(share * len(spectrum)) :] = 0
    return torch.fft.irfft(spectrum)


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_white_noise_is_as_flat_within_any_band(share: float) -> None:
    expected = np.exp(-np.euler_gamma)
    assert spectral_flatness(0.1 * lowpass(WHITE, share)) == pytest.approx(expected, abs=0.01)


def test_flatness_of_a_tone_and_of_silence() -> None:
    tone = torch.sin(torch.arange(22_050) * 0.3)
    assert spectral_flatness(tone) < 0.01
    assert spectral_flatness(torch.zeros(22_050)) == 0.0


def test_flatness_does_not_depend_on_loudness() -> None:
    noise = WHITE[:50_000].cumsum(0)
    noise /= noise.abs().max()
    loud, soft = (spectral_flatness(noise * gain) for gain in (1.0, 0.01))
    assert loud == pytest.approx(soft, rel=1e-3)


def test_filtered_noise_is_as_flat_as_noise_of_the_same_spectrum_and_music_is_not() -> None:
    random = torch.Generator().manual_seed(2)
    noise = lowpass(torch.nn.functional.avg_pool1d(WHITE[None], 5, 1)[0], 0.4)
    assert spectral_flatness(noise) == pytest.approx(noise_flatness(noise, random), abs=0.02)
    time = torch.arange(50_000) / 22_050
    chord = sum(torch.sin(2 * torch.pi * f * (1 + 0.1 * time.floor()) * time) for f in (220, 331))
    assert isinstance(chord, torch.Tensor)
    assert spectral_flatness(chord) < 0.3 * noise_flatness(chord, random)
