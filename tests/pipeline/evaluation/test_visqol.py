from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor
from visqol import VisqolApi

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


def test_score_matches_files_at_48_khz(tmp_path: Path) -> None:
    x = music(rate=48000)
    y = x + noise(x, 25)
    for name, wave in (("x", x), ("y", y)):
        soundfile.write(tmp_path / f"{name}.wav", wave.numpy(), 48000, subtype="FLOAT")
    api = VisqolApi()
    api.create(mode="audio")
    expected = api.measure(str(tmp_path / "x.wav"), str(tmp_path / "y.wav")).moslqo
    assert visqol(x, y, 48000) == pytest.approx(expected, abs=1e-3)


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
