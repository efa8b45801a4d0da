"""Coding gain: none for white noise however short a moment, and what a closed form says else."""

import math

import pytest
import torch

from pipeline.evaluation.coding_gain import gain


@pytest.mark.parametrize("frames", [2, 8, 400])
def test_white_noise_gains_nothing(frames: int) -> None:
    random = torch.Generator().manual_seed(0)
    powers = torch.randn(40, frames, 1024, generator=random, dtype=torch.float64).square()
    assert gain(powers) == pytest.approx(0, abs=0.05)


def test_two_levels_gain_what_their_means_say() -> None:
    random = torch.Generator().manual_seed(1)
    levels = torch.tensor([1.0, 100.0], dtype=torch.float64).repeat(512)
    powers = torch.randn(10, 400, 1024, generator=random, dtype=torch.float64).square() * levels
    assert gain(powers) == pytest.approx(10 * math.log10(50.5 / 10), abs=0.05)


def test_moments_gain_where_the_spectrum_moves() -> None:
    random = torch.Generator().manual_seed(2)
    levels = torch.ones(16, 1, 1024, dtype=torch.float64)
    levels[::2, :, :512] = 1000
    levels[1::2, :, 512:] = 1000
    powers = torch.randn(16, 8, 1024, generator=random, dtype=torch.float64).square() * levels
    assert gain(powers.reshape(1, -1, 1024)) < 0.2
    assert gain(powers) > 10


def test_silence_has_a_gain_of_zero() -> None:
    assert gain(torch.zeros(1, 8, 1024, dtype=torch.float64)) == pytest.approx(0, abs=1)
