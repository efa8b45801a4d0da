"""Spectra and their principal components, and the sound that comes back from them."""

import math

import pytest
import torch

from pipeline.data.corpus import Corpus
from pipeline.generation.levels import LEVEL, at_level, match_level
from pipeline.generation.spectra import FLOOR, GROUP, fit_space, log_mel, mel_scale
from pipeline.generation.training_music import TrainingMusic, cut_clips
from pipeline.generation.vocoder import magnitudes, sound_of, synthesise


@pytest.mark.parametrize(
    ("rate", "window", "bands"), [(22_050, 2048, 128), (8000, 1024, 128), (1000, 128, 16)]
)
def test_the_window_lasts_about_as_long_at_every_rate(rate: int, window: int, bands: int) -> None:
    scale = mel_scale(rate)
    assert (scale.window, scale.hop, scale.bands) == (window, window // 4, bands)
    assert scale.groups(5 * rate) == math.ceil(scale.frames(5 * rate) / GROUP)


def test_a_tone_is_loudest_in_its_band() -> None:
    rate = 22_050
    for frequency in (440.0, 3000.0):
        tone = torch.sin(2 * torch.pi * frequency * torch.arange(rate) / rate)
        spectra = log_mel(at_level(tone[None]), rate)[0]
        weights = mel_scale(rate).weights
        loudest = int(spectra.mean(dim=0).argmax())
        centre = float((weights[:, loudest] * torch.linspace(0, rate / 2, len(weights))).sum())
        assert centre == pytest.approx(frequency, rel=0.05)
    assert float(log_mel(torch.zeros(1, rate), rate).max()) == pytest.approx(math.log(FLOOR))


def test_the_components_are_white_and_their_rest_is_noise(music: TrainingMusic) -> None:
    numbers = music.numbers()
    whole = music.spectra.shape[1] // GROUP
    assert numbers.shape == (len(music.rows), music.space.numbers, whole)
    both = torch.cat([music.numbers(offset).mT.flatten(0, 1) for offset in (0, GROUP // 2)])
    covariance = both.T @ both / len(both)
    assert torch.allclose(covariance, torch.eye(len(covariance)), atol=0.02)
    # With the noise put back, spectra vary as much as those of the clips.
    plain = music.space.decode(numbers, None)
    noisy = music.space.decode(numbers, torch.Generator().manual_seed(1))
    variances = [float(s.var(dim=(0, 1)).mean()) for s in (music.spectra, plain, noisy)]
    assert variances[1] < variances[0]
    assert variances[2] == pytest.approx(variances[0], rel=0.1)


def test_tiny_music_has_fewer_components() -> None:
    space = fit_space(torch.randn(1, 8, 16, generator=torch.Generator().manual_seed(1)))
    assert space.numbers == 2
    assert space.encode(torch.zeros(1, 8, 16)).shape == (1, 2, 2)


def test_magnitudes_have_the_bands_asked_for(music: TrainingMusic) -> None:
    scale = mel_scale(music.sampling_rate)
    spectra = music.spectra[:2]
    found = magnitudes(spectra, scale)
    assert float(found.min()) >= 0
    error = ((found @ scale.weights).clamp(min=FLOOR).log() - spectra).abs()
    assert float(error.median()) < 0.05


def test_sound_has_the_spectrum_asked_for(corpus: Corpus, music: TrainingMusic) -> None:
    random = [torch.Generator().manual_seed(1)] * 2
    sound = synthesise(music.spectra[:2], music.sampling_rate, music.samples, random)
    assert sound.shape == (2, music.samples)
    assert sound.square().mean(dim=1).sqrt().tolist() == pytest.approx([LEVEL] * 2, rel=1e-3)
    found = log_mel(sound, music.sampling_rate)
    assert float((found - music.spectra[:2]).abs().mean()) < 0.5
    clips = cut_clips(corpus, music.rows[:2], music.samples)
    other = log_mel(clips.flip(0), music.sampling_rate)
    assert float((found - music.spectra[:2]).abs().mean()) < float((found - other).abs().mean())


def test_the_same_seed_gives_the_same_sound(music: TrainingMusic) -> None:
    sounds = [
        sound_of(
            music.numbers()[:1],
            music.space,
            music.sampling_rate,
            music.samples,
            [torch.Generator().manual_seed(seed)],
        )
        for seed in (1, 1, 2)
    ]
    assert torch.equal(sounds[0], sounds[1])
    assert not torch.equal(sounds[0], sounds[2])


def test_nothing_is_clipped() -> None:
    sound = torch.randn(10_000, generator=torch.Generator().manual_seed(1))
    assert float(match_level(sound, 0.01).square().mean().sqrt()) == pytest.approx(0.01)
    assert float(match_level(sound, 2.0).abs().max()) == pytest.approx(0.999)
    assert not match_level(torch.zeros(10), 0.1).any()


def test_nothing_is_louder_than_the_training_clips(music: TrainingMusic) -> None:
    loud = music.space.decode(100 * music.numbers()[:1], None)
    assert bool((loud <= music.spectra.amax(dim=(0, 1)) + 1e-5).all())
