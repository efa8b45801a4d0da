"""Adaptive training improves on the closed form, is deterministic and resumes."""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import Architecture
from pipeline.audio import files as audio_files
from pipeline.data.corpus import Clip, Corpus
from pipeline.data.demo.rendering import render_genre
from pipeline.engine.checkpoint import Checkpoint
from pipeline.errors import StudyError
from pipeline.evaluation import baselines
from pipeline.evaluation.fidelity import log_mel_distance, snr
from pipeline.evaluation.reconstruction import reconstruct_untrained
from pipeline.models import training
from pipeline.models.adaptive import adaptive_training as adaptive
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import restore, restore_start
from tests.pipeline import plucked_notes

PLAN = AdaptivePlan(16_000, 2400)
HOW: dict[str, Any] = {"learning_rate": 0.006, "epochs": 2, "batch": 4, "seed": 42}


@cache
def a_corpus(clips: int = 16) -> Corpus:
    sound = [plucked_notes.pluck(seed, 2, 8000)[:, 0] for seed in range(clips)]
    waveforms = audio_files.to_int16(torch.from_numpy(np.stack(sound)))
    parts = ["training"] * (clips - 4) + ["validation"] * 2 + ["test"] * 2
    return Corpus(8000, waveforms, [Clip(str(i), "g", "", 0.0, p) for i, p in enumerate(parts)])


def train(**changes: Any) -> training.TrainedModel:
    how: dict[str, Any] = (
        {"corpus": a_corpus(), "family": "adaptive", "architecture": asdict(PLAN)} | HOW | changes
    )
    return adaptive.train(**how)


def test_training_improves_on_the_closed_form() -> None:
    corpus, trained = a_corpus(), train(epochs=6)
    start = AdaptiveAutoencoder(PLAN).requires_grad_(False)
    start.count_atoms(corpus.floats(corpus.rows("training")))
    held_out = corpus.floats(corpus.rows("validation"))
    model = restore(trained.architecture, trained.weights)
    before = float(adaptive.loss(held_out, start(held_out), 8000))
    after = float(adaptive.loss(held_out, model(held_out), 8000))
    assert after < before - 0.3


def test_the_untrained_model_is_the_one_that_training_started_from() -> None:
    corpus, trained = a_corpus(), train()
    start = AdaptiveAutoencoder(PLAN).requires_grad_(False)
    start.count_atoms(corpus.floats(corpus.rows("training")))
    clips = corpus.floats(corpus.rows("test"))
    found = reconstruct_untrained(corpus, trained, corpus.rows("test")[0], 0, 42)
    expected = audio_files.to_float(audio_files.to_int16(start(clips)))
    torch.testing.assert_close(
        torch.from_numpy(found.fidelity["snr"]), snr(clips, expected).double(), atol=0.01, rtol=0
    )
    with pytest.raises(TypeError, match="closed form"):
        restore_start(Architecture(16_000, (4,), (20,), (10,), (5,)), {})


def test_training_is_deterministic_by_seed() -> None:
    first, again, other = train(), train(), train(seed=43)
    assert all(torch.equal(first.weights[name], again.weights[name]) for name in first.weights)
    assert first.validation_rmse == again.validation_rmse != other.validation_rmse


def test_resumed_training_gives_the_same_weights(tmp_path: Path) -> None:
    whole = train(epochs=3)
    checkpoint = Checkpoint(tmp_path / "state")
    checkpoint.cost_seconds = 0.0
    stopped = {"left": 2}

    class Stop(Exception):
        pass

    def report_progress(done: float, total: float, note: str) -> None:
        stopped["left"] -= 1
        if stopped["left"] < 0:
            raise Stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adaptive, "report_progress", report_progress)
        with pytest.raises(Stop):
            train(epochs=3, checkpoint=checkpoint)
    state = checkpoint.load()
    assert state is not None
    assert 1 <= len(state["progress"][0].validation_rmse) <= 2
    resumed = train(epochs=3, checkpoint=Checkpoint(tmp_path / "state"))
    assert resumed.validation_rmse == whole.validation_rmse
    assert all(torch.equal(resumed.weights[name], whole.weights[name]) for name in whole.weights)


def test_loss_combines_both_measures_in_decibels() -> None:
    corpus = a_corpus(6)
    x = corpus.floats([0])
    y = x + 0.01 * torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    distance = log_mel_distance(x, y, 8000)
    expected = float(-snr(x, y) + 20 * distance.log10())
    assert float(adaptive.loss(x, y, 8000)) == pytest.approx(expected, abs=0.05)


def test_divergence_error_suggests_a_lower_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    never = (float("nan"), float("nan"))
    monkeypatch.setattr(adaptive._Training, "validate", lambda fit, clips, rows: never)
    with pytest.raises(StudyError, match="lower training.adaptive.learning_rate"):
        train(epochs=1)


def assert_better_than_codec(corpus: Corpus, numbers: int, epochs: int) -> None:
    plan = AdaptivePlan(corpus.waveforms.shape[1], numbers)
    trained = train(corpus=corpus, architecture=asdict(plan), epochs=epochs)
    clips = corpus.floats(corpus.rows("test"))
    rate = corpus.sampling_rate
    ours = restore(trained.architecture, trained.weights)(clips)
    codec = baselines.codec(clips, numbers)
    assert snr(clips, ours).mean() > snr(clips, codec).mean() + 0.5
    distance = log_mel_distance(clips, ours, rate).mean()
    assert distance < 0.95 * log_mel_distance(clips, codec, rate).mean()


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [27_556, 4592])
def test_better_than_the_codec_on_embedded_music(numbers: int) -> None:
    from pipeline.data.corpus import from_bytes

    files = {name: render_genre(name, 4, 42) for name in ("jazz", "metal", "classical")}
    corpus = from_bytes(
        files,
        sampling_rate=22_050,
        samples=55_125,
        clips_per_file=1,
        validation=0.1,
        test=0.3,
        seed=42,
    )
    assert_better_than_codec(corpus, numbers, epochs=3)


@pytest.mark.slow
def test_better_than_the_codec_on_real_music(real_music: Path) -> None:
    from pipeline.data.corpus import from_folder
    from pipeline.music_folder.scan import find_music

    folder = real_music / "gtzan-250"
    files = plucked_notes.hashed(folder, find_music(folder).files[::5])
    corpus = from_folder(
        str(folder),
        files,
        sampling_rate=22_050,
        samples=110_250,
        clips_per_file=1,
        validation=0.1,
        test=0.2,
        seed=42,
    )
    assert_better_than_codec(corpus, 18_376, epochs=2)
