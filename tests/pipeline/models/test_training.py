"""Training matches a plain PyTorch loop, is deterministic, and keeps the best weights."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.architecture.layers import Architecture
from pipeline.audio.files import to_int16
from pipeline.data.corpus import Clip, Corpus
from pipeline.errors import StudyError
from pipeline.models import training
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import restore
from tests.pipeline import plucked_notes

PLAN = Architecture(1000, (4, 6), (10, 5), (5, 3), (0, 2))
HOW: dict[str, Any] = {"learning_rate": 0.02, "epochs": 6, "batch": 8, "seed": 42}


def a_corpus(clips: int = 16) -> Corpus:
    sound = [plucked_notes.pluck(seed, 0.125, 8000)[:, 0] for seed in range(clips)]
    waveforms = to_int16(torch.from_numpy(np.stack(sound)))
    parts = ["training"] * (clips - 4) + ["validation"] * 2 + ["test"] * 2
    return Corpus(8000, waveforms, [Clip(str(i), "g", "", 0.0, p) for i, p in enumerate(parts)])


def train(**changes: Any) -> training.TrainedModel:
    how: dict[str, Any] = (
        {"corpus": a_corpus(), "family": "own", "architecture": asdict(PLAN)} | HOW | changes
    )
    return training.train(**how)


def test_training_matches_a_plain_loop() -> None:
    corpus = a_corpus()
    torch.manual_seed(training.model_seed(42, "own", PLAN.latent))
    model = Autoencoder(PLAN)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    clips = corpus.floats(corpus.rows("training"))
    held_out = corpus.floats(corpus.rows("validation"))
    plain = []
    for _ in range(6):
        for rows in torch.randperm(len(clips)).split(8):
            optimizer.zero_grad()
            loss = (model(clips[rows]) - clips[rows]).square().mean().sqrt()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            plain.append((model(held_out) - held_out).square().mean().sqrt().item())
    assert train().validation_rmse == pytest.approx(plain, rel=1e-3)


def test_training_is_deterministic_by_seed() -> None:
    first, again, other = train(), train(), train(seed=43)
    assert all(torch.equal(first.weights[name], again.weights[name]) for name in first.weights)
    assert first.validation_rmse == again.validation_rmse != other.validation_rmse


def test_best_epoch_is_kept() -> None:
    # The loss fluctuates at such a high rate: stop at an epoch worse than an earlier one.
    losses = train(learning_rate=0.3, epochs=12).validation_rmse
    worse = next(n for n in range(2, 13) if losses[n - 1] > min(losses[: n - 1]))
    trained = train(learning_rate=0.3, epochs=worse)
    assert trained.best_epoch < worse
    assert trained.best_validation_rmse == min(trained.validation_rmse)
    corpus = a_corpus()
    model = restore(trained.architecture, trained.weights)
    assert isinstance(model, Autoencoder)
    errors = training.squared_errors(model)
    held_out = np.array(corpus.rows("validation"))
    again = training.dataset_rmse(errors, corpus.waveforms, held_out)
    assert again == pytest.approx(trained.best_validation_rmse, rel=1e-6)


def test_loss_decreases() -> None:
    trained = train(epochs=60)
    assert trained.best_validation_rmse < 0.8 * trained.validation_rmse[0]


def test_late_divergence_keeps_the_best_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = iter([0.5, 0.4, float("nan"), 0.1])
    monkeypatch.setattr(training, "dataset_rmse", lambda errors, clips, rows: next(losses))
    trained = train(epochs=4)
    assert trained.validation_rmse == [0.5, 0.4]
    assert trained.best_epoch == 2


def test_divergence_error_suggests_a_lower_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "dataset_rmse", lambda errors, clips, rows: float("nan"))
    with pytest.raises(StudyError, match="lower training.learning_rate"):
        train(epochs=1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_is_deterministic() -> None:
    first, again = train(), train()
    assert first.device == "cuda"
    assert first.validation_rmse == again.validation_rmse
