import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from visqol import AudioSignal
from visqol.gammatone import GammatoneSpectrogramBuilder
from visqol.patch_creator import ImagePatchCreator
from visqol.visqol_core import VisqolCore

from pipeline.evaluation import visqol as module
from pipeline.evaluation.gammatone_spectrogram import WINDOW, Array, spectrogram
from pipeline.evaluation.support_vectors import SupportVectorMapper
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
    for name in ("svmutil", "libsvm", "libsvm.svmutil"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it fails
    x = music(rate=48000)
    y = x + noise(x, decibels)
    assert visqol(x, y, 48000) == pytest.approx(VISQOL[decibels], abs=1e-3)


BUILDER = GammatoneSpectrogramBuilder(32, 50.0, speech_mode=False)


def by_package(x: Tensor, y: Tensor) -> float:
    """The package's score of sounds at 48 kHz, as it computes it."""
    mapper = SupportVectorMapper()
    mapper.init()
    one, two = (AudioSignal(sound.double().numpy(), 48000) for sound in (x, y))
    patches = ImagePatchCreator(30)
    core = VisqolCore()
    return core.calculate_similarity(one, two, BUILDER, WINDOW, patches, 60, mapper).moslqo


def low_pass(x: Tensor, share: float) -> Tensor:
    """A sound without the frequencies above a share of its band."""
    spectrum = torch.fft.rfft(x)
    spectrum[int(share * len(spectrum)) :] = 0
    return torch.fft.irfft(spectrum, len(x))


COPIES: dict[str, Callable[[Tensor], Tensor]] = {
    "low-pass": lambda x: low_pass(x, 0.03),
    "noisy": lambda x: x + noise(x, 15),
    "late": lambda x: x.roll(5),
    "much later": lambda x: x.roll(19200),  # a note: the search finds other patches
    "short": lambda x: torch.where(torch.arange(len(x)) < 50_000, x, 0.0),
}


@pytest.mark.parametrize("copy", COPIES)
def test_score_is_that_of_the_package(copy: str) -> None:
    x = music(5.0, 48000) + 1e-4 * noise(music(5.0, 48000), 0)
    y = COPIES[copy](x)
    assert visqol(x, y, 48000) == pytest.approx(by_package(x, y), abs=1e-6)


def test_spectrogram_is_that_of_the_package() -> None:
    for sound in (music(1.0, 48000), noise(torch.ones(20_000), 20), torch.eye(9000)[3839]):
        found = spectrogram(sound.double().numpy())
        expected = BUILDER.build(AudioSignal(sound.double().numpy(), 48000), WINDOW).data
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-9 * expected.max())


def test_the_spectrogram_of_an_original_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def listen(signal: Array) -> Array:
        heard.append(len(signal))
        return spectrogram(signal)

    monkeypatch.setattr(module, "spectrogram", listen)
    x = music(1.1)
    scores = [visqol(x, y, RATE) for y in (x, x + noise(x, 60), x)]
    assert len(heard) == 4  # the original and its three copies
    assert scores[0] == scores[2] != scores[1]
    assert visqol(x * 0.5, x + noise(x, 60), RATE) == pytest.approx(scores[1], abs=0.05)
    assert len(heard) == 6  # another original


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
