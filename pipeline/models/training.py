"""Train one convolutional autoencoder: RMSE loss, Adam, weights of the best validation epoch."""

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.layers import Architecture
from pipeline.audio.files import to_float
from pipeline.audio.prefetch import prefetch
from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.models.conv_cpu import CpuAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import device
from pipeline.settings.schema import Plan

MICROBATCH = {"cpu": 5, "cuda": 64}
"""Clips per forward pass, by device. On a CPU the activations of a microbatch must stay in cache
(measured in `benchmarks/training.py`)."""


@dataclass
class TrainedModel:
    """The weights of the best epoch, and the RMSE of every epoch."""

    architecture: Plan
    weights: dict[str, Tensor]
    training_rmse: list[float]
    validation_rmse: list[float]
    best_epoch: int
    device: str

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(weight.numel() for weight in self.weights.values() if weight.is_floating_point())

    @property
    def best_validation_rmse(self) -> float:
        """Validation RMSE of `weights` (full scale is 1)."""
        return self.validation_rmse[self.best_epoch - 1]


def train(
    corpus: Corpus,
    family: str,
    architecture: dict[str, object],
    learning_rate: float,
    epochs: int,
    batch: int,
    seed: int,
    after_epoch: Callable[[float], None] = lambda rmse: None,
    checkpoint: Checkpoint | None = None,
) -> TrainedModel:
    """Train a model on the training clips of a corpus.

    The loss is the root mean square error of a batch, minimised by Adam (Kingma and Ba 2015) at
    a constant learning rate; clips are reshuffled every epoch. The weights of the epoch with
    the lowest RMSE over the validation set are kept. The same seed gives the same weights on
    the same kind of device.

    Args:
        family: part of the model's seed, with the latent size.
        architecture: fields of an `Architecture`.
        after_epoch: called with each epoch's validation RMSE; may raise to stop training.
        checkpoint: to resume from and save to; a resumed training gives the same weights as an
            uninterrupted one.

    Raises:
        StudyError: no epoch gave a finite validation loss.
    """
    plan = Architecture(**architecture)  # type: ignore[arg-type]
    where = device()
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(model_seed(seed, family, plan.latent))
    model = Autoencoder(plan).to(where)
    errors = squared_errors(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    rows, held_out = (np.array(corpus.rows(part)) for part in ("training", "validation"))
    result = TrainedModel(plan, {}, [], [], 0, where.type)
    if checkpoint is not None and (state := checkpoint.load()) is not None:
        _load_state(state, model, optimizer, result)
        for rmse in result.validation_rmse:
            after_epoch(rmse)
    best = result.best_validation_rmse if result.best_epoch else math.inf
    for epoch in range(len(result.validation_rmse) + 1, epochs + 1):
        order = rows[torch.randperm(len(rows)).numpy()]
        starts = range(0, len(order), batch)
        batches = [_microbatches(order[start : start + batch]) for start in starts]
        # Read clips on demand: the corpus may be larger than memory.
        clips = prefetch(corpus.waveforms.__getitem__, chain.from_iterable(batches))
        squares = sum(_step(errors, optimizer, islice(clips, len(batch))) for batch in batches)
        rmse = dataset_rmse(errors, corpus.waveforms, held_out)
        if not math.isfinite(rmse):
            break  # keep the best of the earlier epochs, if any
        result.training_rmse.append(math.sqrt(squares / (len(rows) * plan.samples)))
        result.validation_rmse.append(rmse)
        if rmse < best:
            best, result.best_epoch = rmse, epoch
            result.weights = {
                name: value.detach().cpu().clone() for name, value in model.state_dict().items()
            }
        report_progress(epoch, epochs, f"epoch {epoch}/{epochs}, RMSE {rmse:.4f}")
        after_epoch(rmse)
        if checkpoint is not None:
            checkpoint.save_if_due(lambda: _state(model, optimizer, result))
    if not result.best_epoch:
        raise StudyError(
            f"training diverged: no epoch of {epochs} gave a finite loss; "
            f"lower training.learning_rate (now {learning_rate:g})"
        )
    return result


def _state(
    model: Autoencoder, optimizer: torch.optim.Optimizer, result: TrainedModel
) -> dict[str, Any]:
    """Everything the next epoch depends on, and the results so far."""
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "weights": result.weights,
        "training_rmse": result.training_rmse,
        "validation_rmse": result.validation_rmse,
        "best_epoch": result.best_epoch,
    }


def _load_state(
    state: dict[str, Any],
    model: Autoencoder,
    optimizer: torch.optim.Optimizer,
    result: TrainedModel,
) -> None:
    """Restore a state saved by `_state`."""
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    for name in ("weights", "training_rmse", "validation_rmse", "best_epoch"):
        setattr(result, name, state[name])


class SquaredErrors(Protocol):
    """Sum of squared reconstruction errors of a model, and its gradients."""

    def load(self) -> None:
        """Copy the model's current weights."""

    def forward(self, clips: Tensor) -> float:
        """The sum over clips (at most `MICROBATCH`, samples), float32 on the CPU."""

    def backward(self) -> None:
        """Add the gradients of half the last sum to the parameters' `grad`."""


class AutogradErrors:
    """`SquaredErrors` with PyTorch's autograd, for GPUs."""

    def __init__(self, model: Autoencoder) -> None:
        self.model = model

    def load(self) -> None:
        """Nothing to do: the model's own weights are used."""

    def forward(self, clips: Tensor) -> float:
        """As `SquaredErrors.forward`."""
        where = next(self.model.parameters()).device
        originals = clips.to(where, non_blocking=True)
        self.last = (self.model(originals) - originals).square().sum()
        return self.last.item()

    def backward(self) -> None:
        """As `SquaredErrors.backward`."""
        (self.last / 2).backward()


def squared_errors(model: Autoencoder) -> SquaredErrors:
    """The faster implementation for the model's device."""
    if next(model.parameters()).device.type == "cpu":
        return CpuAutoencoder(model, MICROBATCH["cpu"])
    return AutogradErrors(model)


def _step(
    errors: SquaredErrors, optimizer: torch.optim.Optimizer, batch: Iterable[NDArray[np.int16]]
) -> float:
    """One optimiser step on a batch; returns its sum of squared errors.

    Gradients are accumulated over microbatches (clips, samples). With E the sum of squared errors
    over N samples, the gradient of RMSE = √(E / N) is that of E / 2 divided by N · RMSE, which is
    known after the last microbatch. The step equals that of the whole batch, to rounding.
    """
    optimizer.zero_grad()
    errors.load()
    squares, size = 0.0, 0
    for clips in batch:
        squares += errors.forward(to_float(clips))
        errors.backward()
        size += clips.size
    scale = 1 / (size * max(math.sqrt(squares / size), 1e-12))
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad *= scale
    optimizer.step()
    return squares


@torch.no_grad()
def dataset_rmse(
    errors: SquaredErrors, waveforms: NDArray[np.int16], rows: NDArray[np.intp]
) -> float:
    """Root mean square error of a model over all samples of some rows (full scale is 1)."""
    errors.load()
    batches = prefetch(waveforms.__getitem__, _microbatches(rows))
    squares = sum(errors.forward(to_float(clips)) for clips in batches)
    return math.sqrt(squares / (len(rows) * waveforms.shape[1]))


def _microbatches(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    size = MICROBATCH[device().type]
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def model_seed(seed: int, family: str, latent: int) -> int:
    """Derive a model's seed from the study's."""
    digest = hashlib.sha256(f"{seed}/{family}/{latent}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 2**63
