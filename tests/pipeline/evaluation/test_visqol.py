import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.evaluation.visqol import visqol

RATE = 22050


def music(seconds: float = 2.0, rate: int = RATE) -> Tensor:
    """A few decaying notes with overtones."""
    time = np.arange(int(seconds * rate)) / rate
    sound = np.zeros(len(time))
    for start, pitch in ((0.0, 220.0), (0.4, 277.2), (0.8, 329.6), (1.3, 440.0)):
        since = np.maximum(time - start, 0)
        for overtone in range(1, 12):
            wave = np.sin(2 * np.pi * pitch * overtone * since)
            sound += wave * np.exp(-3 * since) * (time >= start) / overtone / 10
    return torch.from_numpy(sound).float()


def noise(like: Tensor, decibels: float) -> Tensor:
    """White noise at a level in decibels below a waveform."""
    white = torch.from_numpy(np.random.default_rng(0).standard_normal(len(like))).float()
    return white * like.norm() / white.norm() * 10 ** (-decibels / 20)


def test_exact_copy_has_the_maximum_score() -> None:
    assert visqol(music(), music(), RATE) == pytest.approx(4.732, abs=0.001)


def test_score_decreases_with_noise() -> None:
    x = music()
    scores = [visqol(x, x + noise(x, decibels), RATE) for decibels in (60, 40, 20, 0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 4
    assert scores[-1] < 3
    assert all(1 <= score <= 4.74 for score in scores)


VISQOL = {60: 4.703427803177026, 25: 1.4810592258384565, 5: 1.4428010161924947}
"""Scores by `VisqolApi`, with libsvm, of `music` with noise so many decibels below."""


@pytest.mark.parametrize("decibels", VISQOL)
def test_score_is_that_of_visqol_without_libsvm(
    decibels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("svmutil", "libsvm", "libsvm.svmutil"):
        monkeypatch.setitem(sys.modules, module, None)  # importing it fails
    x = music(rate=48000)
    y = x + noise(x, decibels)
    assert visqol(x, y, 48000) == pytest.approx(VISQOL[decibels], abs=1e-3)


def test_silent_reconstruction_has_the_minimum_score() -> None:
    assert visqol(music(), torch.zeros(len(music())), RATE) == 1.0


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    x = music(1.0)
    visqol(x, x + noise(x, 10), RATE)
    visqol(x, torch.zeros(len(x)), RATE)
    assert capfd.readouterr() == ("", "")


def test_invalid_input_is_rejected() -> None:
    x = music(1.0)
    with pytest.raises(ValueError, match="silent original"):
        visqol(torch.zeros(len(x)), x, RATE)
    with pytest.raises(ValueError, match="needs at least 1.0 s, found 22049 samples"):
        visqol(x[1:], x[1:], RATE)
    with pytest.raises(ValueError, match=r"shape \(samples,\)"):
        visqol(x, x[1:], RATE)
    with pytest.raises(ValueError, match=r"shape \(samples,\)"):
        visqol(x[None], x[None], RATE)
