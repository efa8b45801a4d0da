"""The switched MDCT is orthonormal and invertible for all splits and windows."""

from math import cos, pi, sin, sqrt

import numpy as np
import pytest
import scipy.fft
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.models.adaptive.switched_mdct import (
    analyse,
    analyse_uniform,
    angles,
    dct_iv,
    pad,
    synthesise,
)


def noise(seed: int, *shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def sine_windows() -> Tensor:
    return torch.zeros(5, 4, dtype=torch.float64)


@pytest.mark.parametrize("length", [128, 2048])
def test_dct_matches_scipy(length: int) -> None:
    x = noise(1, 3, length)
    expected = scipy.fft.dct(x.numpy(), type=4, norm="ortho")
    np.testing.assert_allclose(dct_iv(x), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_round_trip_preserves_clips_and_energy(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    splits = torch.randint(5, (3, 9), generator=random)
    window_angles = 0.3 * torch.randn(5, 4, generator=random, dtype=torch.float64)
    clips = noise(seed, 3, 9 * SUPERFRAME)
    coefficients = analyse(clips, splits, window_angles)
    assert float(coefficients.square().sum()) == pytest.approx(float(clips.square().sum()))
    # Angles are float32.
    np.testing.assert_allclose(synthesise(coefficients, splits, window_angles), clips, atol=1e-6)


def test_equal_blocks_match_the_sine_window_mdct() -> None:
    clip = noise(7, 1, 5 * SUPERFRAME)
    size = 256  # split 3
    found = analyse(clip, torch.full((1, 5), 3), sine_windows())[0, 2]
    first = 2 * SUPERFRAME + 3 * size  # the fourth block of the third superframe
    span = clip[0, first - size // 2 : first + size + size // 2].numpy()
    for k in (0, 1, 77, 255):
        wave = [
            sqrt(2 / size)
            * sin(pi * (n + 0.5) / (2 * size))
            * cos(pi / size * (n + 0.5 - size / 2) * (k + 0.5))
            for n in range(2 * size)
        ]
        assert float(found[k * 8 + 3]) == pytest.approx(float(span @ np.array(wave)), abs=1e-6)


def test_short_blocks_compact_clicks_and_long_blocks_compact_tones() -> None:
    time = torch.arange(5 * SUPERFRAME, dtype=torch.float64)
    tone, click = torch.sin(0.7 * time), torch.zeros_like(time)
    click[5000] = 1

    def largest(clip: Tensor, split: int) -> float:
        energies = analyse(clip[None], torch.full((1, 5), split), sine_windows()).square()[0, 1:4]
        return float(energies.flatten().topk(24).values.sum() / energies.sum())

    assert largest(tone, 0) > 0.95 > largest(tone, 4) + 0.2
    assert largest(click, 4) > 5 * largest(click, 0)


def test_window_ends_are_fixed() -> None:
    bent = angles(torch.tensor([0.1, -0.05, 0.02, 0.01]), 4096)
    assert float(bent[0]) == pytest.approx(pi / 4, abs=1e-3)
    assert float(bent[-1]) == pytest.approx(pi / 2, abs=1e-3)


def test_padding_completes_the_last_superframe() -> None:
    assert pad(torch.ones(2, 2049)).shape == (2, 4096)
    assert pad(torch.ones(2, 4096)).shape == (2, 4096)


@pytest.mark.parametrize("superframes", [1, 4])
@pytest.mark.parametrize("split", range(5))
def test_uniform_splits_have_a_shortcut(split: int, superframes: int) -> None:
    random = torch.Generator().manual_seed(split)
    window_angles = 0.3 * torch.randn(5, 4, generator=random)
    clips = noise(split, 2, superframes * SUPERFRAME).float()
    expected = analyse(clips, torch.full((2, superframes), split), window_angles)
    assert torch.equal(analyse_uniform(clips, split, window_angles), expected)
