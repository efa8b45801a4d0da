"""Generated clips: measures with known values, samples with the expected statistics."""

import numpy as np
import pytest
import torch

from pipeline.analysis.latents import encode_corpus
from pipeline.generation import latent_means
from pipeline.models.convolutional import Autoencoder
from pipeline.models.training import TrainedModel
from tests.pipeline.models.test_training import PLAN, a_corpus


def a_model() -> TrainedModel:
    torch.manual_seed(1)
    weights = Autoencoder(PLAN).state_dict()
    return TrainedModel(PLAN, weights, [1.0], [1.0], 1, "cpu")


def test_flatness_of_white_noise() -> None:
    noise = torch.randn(400_000, generator=torch.Generator().manual_seed(1))
    expected = np.exp(-np.euler_gamma)
    assert latent_means.spectral_flatness(0.1 * noise) == pytest.approx(expected, abs=0.01)


def test_flatness_of_a_tone_and_of_silence() -> None:
    tone = torch.sin(torch.arange(22_050) * 0.3)
    assert latent_means.spectral_flatness(tone) < 0.001
    assert latent_means.spectral_flatness(torch.zeros(22_050)) == 0.0


def test_flatness_does_not_depend_on_loudness() -> None:
    noise = torch.randn(50_000, generator=torch.Generator().manual_seed(1)).cumsum(0)
    noise /= noise.abs().max()
    loud, soft = (latent_means.spectral_flatness(noise * gain) for gain in (1.0, 0.01))
    assert loud == pytest.approx(soft, rel=1e-3)


def test_similarity_is_the_correlation_with_the_mix() -> None:
    random = torch.Generator().manual_seed(1)
    songs = torch.randn(3, 5000, generator=random)
    weights = torch.full((3,), 1 / 3)
    mix = songs.mean(dim=0)
    assert latent_means.similarity(0.5 * mix, songs, weights) == pytest.approx(1)
    assert latent_means.similarity(-mix, songs, weights) == pytest.approx(-1)
    other = torch.randn(5000, generator=random)
    assert abs(latent_means.similarity(other, songs, weights)) < 0.05
    assert latent_means.similarity(torch.zeros(5000), songs, weights) == 0


def test_uniform_samples_stay_in_range() -> None:
    latents = torch.stack([torch.rand(2, 300), torch.rand(2, 300)]) * torch.tensor([[1.0], [9.0]])
    drawn = latent_means.sample_uniform(latents, torch.Generator().manual_seed(1))
    assert drawn.shape == (2, 300)
    for channel in range(2):
        assert drawn[channel].min() >= latents[:, channel].min()
        assert drawn[channel].max() <= latents[:, channel].max()
    assert drawn[1].max() > 5


def test_gaussian_samples_have_the_fitted_autocorrelation() -> None:
    random = torch.Generator().manual_seed(1)
    white = torch.randn(200, 1, 2048, generator=random)
    # A moving average of two samples: autocorrelation 1/2 at a lag of one, 0 beyond.
    latents = 0.3 + (white + white.roll(1, dims=2)) / 2**0.5
    drawn = torch.cat([latent_means.sample_gaussian(latents, random) for _ in range(200)])
    assert drawn.mean().item() == pytest.approx(0.3, abs=0.02)
    centred = drawn - 0.3
    for lag, expected in ((0, 1.0), (1, 0.5), (2, 0.0), (10, 0.0)):
        measured = (centred * centred.roll(lag, dims=1)).mean().item()
        assert measured == pytest.approx(expected, abs=0.02), lag


def test_all_kinds_are_generated_deterministically() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    clips = latent_means.generate(corpus, model, latents, seed=42)
    kinds = [clip.kind for clip in clips]
    assert kinds == ["songs", "genre_songs", "genre"] + ["path"] * 9 + [
        "uniform",
        "uniform",
        "gaussian",
        "gaussian",
    ]
    again = latent_means.generate(corpus, model, latents, seed=42)
    for one, other in zip(clips, again, strict=True):
        assert np.array_equal(one.waveform, other.waveform)
        assert (one.similarity is None) == (not one.sources)
        if one.sources:
            assert sum(one.sources.values()) == pytest.approx(1)


def test_path_ends_are_reconstructions() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    path = [c for c in latent_means.generate(corpus, model, latents, 1) if c.kind == "path"]
    network = Autoencoder(PLAN)
    network.load_state_dict(model.weights)
    for clip in (path[0], path[-1]):
        (song,) = [row for row, weight in clip.sources.items() if weight == 1]
        with torch.no_grad():
            expected = network(corpus.floats([song]))[0]
        assert np.abs(clip.waveform / 32768 - expected.numpy()).max() < 1e-4


def test_latents_are_in_corpus_order() -> None:
    corpus, model = a_corpus(20), a_model()
    network = Autoencoder(PLAN)
    network.load_state_dict(model.weights)
    with torch.no_grad():
        expected = network.encode(corpus.floats(list(range(20))))
    latents = encode_corpus(corpus, model)
    assert latents.dtype == np.float32
    np.testing.assert_allclose(latents, expected.numpy(), atol=1e-6)
