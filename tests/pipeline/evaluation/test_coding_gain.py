"""Coding gain is 0 dB for white noise, and matches closed forms otherwise."""

import math

import pytest
import torch

from pipeline.evaluation.coding_gain import coding_gain


@pytest.mark.parametrize("frames", [2, 8, 400])
def test_white_noise_has_no_gain(frames: int) -> None:
    random = torch.Generator().manual_seed(0)
    powers = torch.randn(40, frames, 1024, generator=random, dtype=torch.float64).square()
    assert coding_gain(powers) == pytest.approx(0, abs=0.05)


def test_gain_of_two_levels() -> None:
    random = torch.Generator().manual_seed(1)
    levels = torch.tensor([1.0, 100.0], dtype=torch.float64).repeat(512)
    powers = torch.randn(10, 400, 1024, generator=random, dtype=torch.float64).square() * levels
    assert coding_gain(powers) == pytest.approx(10 * math.log10(50.5 / 10), abs=0.05)


def test_moments_gain_from_a_changing_spectrum() -> None:
    random = torch.Generator().manual_seed(2)
    levels = torch.ones(16, 1, 1024, dtype=torch.float64)
    levels[::2, :, :512] = 1000
    levels[1::2, :, 512:] = 1000
    powers = torch.randn(16, 8, 1024, generator=random, dtype=torch.float64).square() * levels
    assert coding_gain(powers.reshape(1, -1, 1024)) < 0.2
    assert coding_gain(powers) > 10


def test_silence_has_a_gain_of_zero() -> None:
    assert coding_gain(torch.zeros(1, 8, 1024, dtype=torch.float64)) == pytest.approx(0, abs=1)
