"""Fit one autoencoder, as the study did: RMSE, Adam, the weights of the best validation loss."""

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

CLIPS_AT_ONCE = {"cpu": 5, "cuda": 64}
"""Clips that go through a network at once: on a processor so few that what lies between two
layers stays in its cache (measured in `benchmarks/training.py`)."""


@dataclass
class Trained:
    """A fitted model: its best weights, and how it got there, an entry an epoch."""

    architecture: Plan
    weights: dict[str, Tensor]
    training_rmse: list[float]
    validation_rmse: list[float]
    best_epoch: int
    device: str

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(weight.numel() for weight in self.weights.values() if weight.is_floating_point())

    @property
    def best_validation_rmse(self) -> float:
        """Validation RMSE of the weights kept (of full scale 1)."""
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
) -> Trained:
    """Fit a model to the training clips of a corpus.

    The loss is the root mean square error over a batch, minimised by Adam (Kingma and Ba 2015)
    at a constant rate; clips are shuffled anew each epoch. After each epoch the RMSE over the
    whole validation set is taken, and the weights of the best epoch are kept. The same seed
    gives the same weights on the same kind of device.

    Args:
        family: it and the latent size set the model's own seed apart from the others'.
        architecture: the fields of an `Architecture`.
        after_epoch: called with each epoch's validation RMSE; may raise to stop training.
        checkpoint: where to go on from, to the same weights as without a stop, and where to
            leave the state of the last epoch.

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
    result = Trained(plan, {}, [], [], 0, where.type)
    if checkpoint is not None and (state := checkpoint.load()) is not None:
        _go_on(state, model, optimizer, result)
        for rmse in result.validation_rmse:
            after_epoch(rmse)
    best = result.best_validation_rmse if result.best_epoch else math.inf
    for epoch in range(len(result.validation_rmse) + 1, epochs + 1):
        order = rows[torch.randperm(len(rows)).numpy()]
        batches = [_pieces(order[start : start + batch]) for start in range(0, len(order), batch)]
        # Clips are read as they are needed: the corpus may be larger than memory.
        clips = prefetch(corpus.waveforms.__getitem__, chain.from_iterable(batches))
        squares = sum(_step(errors, optimizer, islice(clips, len(batch))) for batch in batches)
        rmse = rmse_over(errors, corpus.waveforms, held_out)
        if not math.isfinite(rmse):
            break  # its weights are lost; those of an earlier epoch may be kept
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
            checkpoint.offer(lambda: _state(model, optimizer, result))
    if not result.best_epoch:
        raise StudyError(
            f"training diverged: no epoch of {epochs} gave a finite loss; "
            f"lower training.learning_rate (now {learning_rate:g})"
        )
    return result


def _state(model: Autoencoder, optimizer: torch.optim.Optimizer, result: Trained) -> dict[str, Any]:
    """All that the next epoch depends on, and what the epochs so far gave."""
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "weights": result.weights,
        "training_rmse": result.training_rmse,
        "validation_rmse": result.validation_rmse,
        "best_epoch": result.best_epoch,
    }


def _go_on(
    state: dict[str, Any], model: Autoencoder, optimizer: torch.optim.Optimizer, result: Trained
) -> None:
    """Bring everything to where `_state` found it."""
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"])
    for name in ("weights", "training_rmse", "validation_rmse", "best_epoch"):
        setattr(result, name, state[name])


class SquaredErrors(Protocol):
    """A model's sum of squared errors over some clips, and its gradients."""

    def load(self) -> None:
        """Take the model's present weights."""

    def forward(self, clips: Tensor) -> float:
        """The sum over clips (up to `CLIPS_AT_ONCE`, samples), float32 on the processor."""

    def backward(self) -> None:
        """Add half the gradients of the last sum to the `grad` of the model's parameters."""


class AutomaticErrors:
    """`SquaredErrors` by automatic differentiation, for a GPU."""

    def __init__(self, model: Autoencoder) -> None:
        self.model = model

    def load(self) -> None:
        """The model's own weights are used as they are."""

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
    """The faster way to a model's errors and gradients on its device."""
    if next(model.parameters()).device.type == "cpu":
        return CpuAutoencoder(model, CLIPS_AT_ONCE["cpu"])
    return AutomaticErrors(model)


def _step(
    errors: SquaredErrors, optimizer: torch.optim.Optimizer, batch: Iterable[NDArray[np.int16]]
) -> float:
    """One step of the optimiser on a batch; returns the sum of its squared errors.

    The batch goes through in its pieces (clips, samples), whose gradients add up. With E the sum
    of squared errors over N samples, the gradient of RMSE = √(E / N) is that of E / 2 divided by
    N · RMSE, known once all pieces are through: the step is that of the whole batch, to rounding.
    """
    optimizer.zero_grad()
    errors.load()
    squares, size = 0.0, 0
    for piece in batch:
        squares += errors.forward(to_float(piece))
        errors.backward()
        size += piece.size
    scale = 1 / (size * max(math.sqrt(squares / size), 1e-12))
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad *= scale
    optimizer.step()
    return squares


@torch.no_grad()
def rmse_over(errors: SquaredErrors, waveforms: NDArray[np.int16], rows: NDArray[np.intp]) -> float:
    """Root mean square error of a model over all samples of some rows (of full scale 1)."""
    errors.load()
    clips = prefetch(waveforms.__getitem__, _pieces(rows))
    squares = sum(errors.forward(to_float(piece)) for piece in clips)
    return math.sqrt(squares / (len(rows) * waveforms.shape[1]))


def _pieces(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    size = CLIPS_AT_ONCE[device().type]
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def model_seed(seed: int, family: str, latent: int) -> int:
    """A seed of a model's own, from the study's."""
    digest = hashlib.sha256(f"{seed}/{family}/{latent}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 2**63
