"""The step of an experiment: train a variant for a short time and measure it on test clips."""

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.architecture.layers import Architecture
from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.evaluation.fidelity import log_mel_distance, snr
from pipeline.models.experiments import train_on_crops

CLIPS_PER_BATCH = 4

DIVERGED = 1.0
"""RMSE, of full scale 1, that stands for one that is not finite."""

LOUDEST = 100.0
"""Limit of the output of a network that diverged, of full scale 1."""


@dataclass
class MeasuredVariant:
    """A variant after a number of epochs.

    Attributes:
        epochs: training and validation RMSE over the crops of each epoch so far.
        validation_rmse: over the whole validation clips, of full scale 1.
        snr, log_mel: of each test clip, shape (test clips,); see `pipeline.evaluation.fidelity`.
        parameters: number of weights and biases.
    """

    epochs: list[tuple[float, float]]
    validation_rmse: float
    snr: NDArray[np.float64]
    log_mel: NDArray[np.float64]
    parameters: int


def run_experiment(
    corpus: Corpus,
    architecture: dict[str, object],
    activation: str,
    bounded: bool,
    learning_rate: float,
    batch: int,
    epochs: list[int],
    crop: int,
    seed: int,
) -> dict[int, MeasuredVariant]:
    """Train a variant and measure it after each number of `epochs`, which are in increasing order.

    As in `pipeline.models.training.train`, the weights measured are those of the best epoch so far.

    Args:
        architecture: fields of an `Architecture`.
        activation, bounded, learning_rate, batch, crop, seed: see `train_on_crops`.
    """
    plan = Architecture(**architecture)  # type: ignore[arg-type]
    trained = train_on_crops(corpus, plan, activation, bounded, learning_rate, batch, crop, seed)
    losses: list[tuple[float, float]] = []
    found: dict[int, MeasuredVariant] = {}
    best: dict[str, Tensor] = {}
    for epoch, (model, *rmse) in enumerate(islice(trained, epochs[-1]), start=1):
        if not best or rmse[1] < min(validation for _, validation in losses):
            best = {name: value.clone() for name, value in model.state_dict().items()}
        training, validation = (loss if math.isfinite(loss) else DIVERGED for loss in rmse)
        losses.append((training, validation))
        if epoch in epochs:
            latest = {name: value.clone() for name, value in model.state_dict().items()}
            model.load_state_dict(best)
            found[epoch] = _measure(corpus, model, list(losses))
            model.load_state_dict(latest)
        report_progress(epoch, epochs[-1], f"epoch {epoch}/{epochs[-1]}, RMSE {rmse[1]:.4f}")
    return found


@torch.no_grad()
def _measure(
    corpus: Corpus, model: nn.Module, losses: list[tuple[float, float]]
) -> MeasuredVariant:
    held_out = corpus.floats(corpus.rows("validation"))
    error = _reconstruct(model, held_out) - held_out
    clips = corpus.floats(corpus.rows("test"))
    rebuilt = _reconstruct(model, clips)
    return MeasuredVariant(
        losses,
        math.sqrt(error.square().mean(dtype=torch.float64).item()),
        snr(clips, rebuilt).numpy(),
        log_mel_distance(clips, rebuilt, corpus.sampling_rate).numpy(),
        sum(parameter.numel() for parameter in model.parameters()),
    )


def _reconstruct(model: nn.Module, clips: Tensor) -> Tensor:
    """Encode and decode clips (clips, samples); what is not finite becomes silence, and what is
    louder than `LOUDEST` is limited to it."""
    where = next(model.parameters()).device
    batches = clips.unsqueeze(1).split(CLIPS_PER_BATCH)
    rebuilt = torch.cat([model(batch.to(where)).cpu() for batch in batches]).squeeze(1)
    return rebuilt.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0).clamp(-LOUDEST, LOUDEST)
