"""Generated clips: measures with known values, samples with the expected statistics."""

from dataclasses import replace

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
    channels = latent_means.fit_channels(latents)
    drawn = torch.cat([channels.sample(random) for _ in range(200)])
    assert drawn.mean().item() == pytest.approx(0.3, abs=0.02)
    centred = drawn - 0.3
    for lag, expected in ((0, 1.0), (1, 0.5), (2, 0.0), (10, 0.0)):
        measured = (centred * centred.roll(lag, dims=1)).mean().item()
        assert measured == pytest.approx(expected, abs=0.02), lag


def test_all_kinds_are_generated_deterministically() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    clips = latent_means.generate(corpus, model, latents, shown=True, seed=42)
    kinds = [clip.recipe.kind for clip in clips]
    assert kinds == ["songs", "genre_songs", "genre"] + ["path"] * 9 + ["line"] * 3 + [
        "uniform",
        "uniform",
        "gaussian",
        "gaussian",
    ]
    again = latent_means.generate(corpus, model, latents, shown=True, seed=42)
    for one, other in zip(clips, again, strict=True):
        assert np.array_equal(one.waveform, other.waveform)
        sources = one.recipe.sources
        assert (one.similarity is None) == (not sources) == (one.noise_flatness is not None)
        if sources and one.recipe.kind != "line":
            assert sum(sources.values()) == pytest.approx(1)
    few = latent_means.generate(corpus, model, latents, shown=False, seed=42)
    assert [clip.recipe.kind for clip in few] == ["songs", "genre_songs"]
    for one, other in zip(clips[:2], few, strict=True):
        assert np.array_equal(one.waveform, other.waveform)


def test_there_is_no_mean_of_one_clip() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    first, *others, last = corpus.clips  # one clip of its genre, and another the only one of test
    clips = [replace(first, genre="alone"), *others, replace(last, split="validation")]
    few = replace(corpus, clips=clips)
    found = [clip.recipe for clip in latent_means.generate(few, model, latents, True, 42)]
    means = [(recipe.kind, recipe.genre) for recipe in found if recipe.kind != "line"]
    assert means[:2] == [("genre_songs", "g"), ("genre", "g")]
    assert {kind for kind, _ in means[2:]} == {"uniform", "gaussian"}


def test_path_ends_are_reconstructions() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    clips = latent_means.generate(corpus, model, latents, True, 1)
    path = [clip for clip in clips if clip.recipe.kind == "path"]
    network = Autoencoder(PLAN)
    network.load_state_dict(model.weights)
    for clip in (path[0], path[-1]):
        (song,) = [row for row, weight in clip.recipe.sources.items() if weight == 1]
        with torch.no_grad():
            expected = network(corpus.floats([song]))[0]
        assert np.abs(clip.waveform / 32768 - expected.numpy()).max() < 1e-4


def test_what_has_no_level_of_its_own_gets_that_of_the_music_unclipped() -> None:
    corpus, model = a_corpus(), a_model()
    latents = 30 * encode_corpus(corpus, model)  # random vectors would be clipped
    clips = latent_means.generate(corpus, model, latents, True, 1)
    level = float(corpus.floats(corpus.rows("training")).square().mean().sqrt())
    for clip in clips:
        if clip.recipe.kind in ("line", "uniform", "gaussian"):
            sound = clip.waveform / 32768
            assert np.abs(sound).max() < 1
            assert np.sqrt((sound**2).mean()) < 1.001 * level
    lines = [clip for clip in clips if clip.recipe.kind == "line"]
    assert [list(clip.recipe.sources.values()) for clip in lines] == [[1.0], [2.0], [4.0]]
    # The first point is the song itself.
    (song,) = lines[0].recipe.sources
    network = Autoencoder(PLAN)
    network.load_state_dict(model.weights)
    with torch.no_grad():
        decoded = network.decode(torch.from_numpy(latents[[song]]))[0].numpy()
    assert np.corrcoef(decoded, lines[0].waveform)[0, 1] > 0.99


def test_latents_are_in_corpus_order() -> None:
    corpus, model = a_corpus(20), a_model()
    network = Autoencoder(PLAN)
    network.load_state_dict(model.weights)
    with torch.no_grad():
        expected = network.encode(corpus.floats(list(range(20))))
    latents = encode_corpus(corpus, model)
    assert latents.dtype == np.float32
    np.testing.assert_allclose(latents, expected.numpy(), atol=1e-6)
