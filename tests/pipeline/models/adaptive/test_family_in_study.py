"""Adaptive models in songs, generation, analysis and results."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.analysis import vectors
from pipeline.analysis.latents import encode_corpus
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.audio.files import to_int16
from pipeline.evaluation.whole_song import encode_file, reconstruct_in_windows
from pipeline.generation import latent_means
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.sections.trained_models import trained_models
from tests.pipeline import plucked_notes
from tests.pipeline.models.adaptive.test_adaptive_training import PLAN, a_corpus


@cache
def a_model() -> TrainedModel:
    model = AdaptiveAutoencoder(PLAN).requires_grad_(False)
    corpus = a_corpus()
    model.count_atoms(corpus.floats(corpus.rows("training")))
    return TrainedModel(PLAN, model.state_dict(), [1.0], [1.0], 1, "cpu")


def test_latents_of_a_corpus() -> None:
    corpus = a_corpus()
    latents = encode_corpus(corpus, a_model())
    assert latents.shape == (16, 2400)
    model = restore(PLAN, a_model().weights)
    again = model.decode(torch.from_numpy(latents[:2]))
    torch.testing.assert_close(again, model(corpus.floats([0, 1])))


def test_generation() -> None:
    corpus = a_corpus()
    latents = encode_corpus(corpus, a_model())
    clips = latent_means.generate(corpus, a_model(), latents, True, 42)
    kinds = {clip.recipe.kind for clip in clips}
    assert kinds == {"songs", "genre_songs", "genre", "path", "line", "uniform", "gaussian"}
    assert all(np.abs(clip.waveform).max() > 0 for clip in clips)
    path = [clip for clip in clips if clip.recipe.kind == "path"]
    model = restore(PLAN, a_model().weights)
    for end in (path[0], path[-1]):  # the ends of a path are the songs themselves
        row = next(row for row, weight in end.recipe.sources.items() if weight == 1)
        np.testing.assert_array_equal(end.waveform, to_int16(model(corpus.floats([row]))[0]))


def test_averaged_vectors_are_band_energies() -> None:
    corpus = a_corpus()
    latents = encode_corpus(corpus, a_model())
    assert vectors.select_vectors(corpus, False, latents, a_model()) is latents
    averaged = np.asarray(vectors.select_vectors(corpus, True, latents, a_model()), np.float64)
    assert averaged.shape == (16, 2 * PLAN.bands)
    model = restore(PLAN, a_model().weights)
    assert isinstance(model, AdaptiveAutoencoder)
    profile = model.band_energies(torch.from_numpy(latents)).numpy()
    np.testing.assert_allclose(averaged[:, : PLAN.bands], profile.mean(axis=2), rtol=1e-5)


@pytest.mark.parametrize("length", [1, 15_999, 16_000, 31_234])
def test_song_of_any_length(length: int) -> None:
    model = restore(PLAN, a_model().weights)
    song = torch.from_numpy(plucked_notes.pluck(1, 4, 8000)[:length, 0])
    assert torch.cat(list(reconstruct_in_windows(model, song[None]))).shape == song.shape


def test_file_is_encoded(tmp_path: Path) -> None:
    path = plucked_notes.write(tmp_path / "a.wav", plucked_notes.pluck(1, 5.1, 8000), 8000)
    folder = tmp_path / "out"
    folder.mkdir()
    encode_file(str(path), plucked_notes.digest(path), {"adaptive.2400": a_model()}, 8000, folder)
    assert json.loads((folder / "fidelity.json").read_text())["adaptive.2400"]["snr"] > 3


def test_results_contain_the_latent_layout(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [])
    history = {"training.adaptive.2400": {"seconds": 1.0}}
    (model,) = trained_models(out, {"adaptive.2400": a_model()}, history)
    assert (model.grid, model.layers) == (None, [])
    assert sum(part.numbers for part in model.layout) == 2400
    assert [part.name for part in model.layout][:4] == [
        "splits",
        "levels",
        "places.1",
        "values.1",
    ]
    trainable = sum(p.numel() for p in AdaptiveAutoencoder(AdaptivePlan(16_000, 2400)).parameters())
    assert model.parameters == trainable
