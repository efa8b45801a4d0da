"""Train an adaptive autoencoder: loss in decibels, random windows, averaged weights."""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME, AdaptivePlan
from pipeline.audio.files import to_float
from pipeline.audio.prefetch import prefetch
from pipeline.audio.spectrum import log_mel
from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import device
from pipeline.models.training import TrainedModel, model_seed

TRAINING_WINDOW = 16 * SUPERFRAME
"""Length of the random windows used for training, in samples (1.5 s at 22 050 Hz)."""

COUNTING_CLIPS = 64
"""Maximum training clips, evenly spaced, for counting atoms."""

CLIPS_PER_BATCH = 5
"""Clips per validation batch."""

WINDOW_RATE_FACTOR = 0.3
"""Learning rate of the window angles relative to the networks'."""

AVERAGE_DECAY = 0.98
"""Decay per step of the exponential average of the weights."""

MAX_GRADIENT_NORM = 1.0
"""Gradients are clipped to this norm."""

# Added to energies (full scale is 1) and to the log-mel distance before taking logarithms.
ENERGY_EPSILON, DISTANCE_EPSILON = 1e-6, 1e-4


def loss(originals: Tensor, restored: Tensor, sampling_rate: int) -> Tensor:
    """Training loss in dB, the mean over clips (clips, samples).

    20 log10 of the log-mel distance minus the SNR (both as in `pipeline.evaluation.fidelity`):
    reducing the log-mel distance by 11 % is worth 1 dB of SNR. Neither depends on loudness, so
    loud and soft clips count equally.
    """
    energy = originals.square().sum(dim=1) + ENERGY_EPSILON
    error = (originals - restored).square().sum(dim=1) + ENERGY_EPSILON
    spectra = log_mel(originals, sampling_rate) - log_mel(restored, sampling_rate)
    distance = spectra.abs().mean(dim=(1, 2)) + DISTANCE_EPSILON
    return (10 * (error / energy).log10() + 20 * distance.log10()).mean()


class _Training:
    """State of a training run: everything the next epoch depends on."""

    def __init__(self, plan: AdaptivePlan, learning_rate: float, where: torch.device) -> None:
        self.model = AdaptiveAutoencoder(plan).to(where)
        self.average = AdaptiveAutoencoder(plan).to(where).requires_grad_(False)
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.model.envelope.parameters(), "scale": learning_rate},
                {"params": [self.model.window_angles], "scale": learning_rate * WINDOW_RATE_FACTOR},
            ]
        )
        self.result = TrainedModel(plan, {}, [], [], 0, where.type)
        self.best, self.steps = math.inf, 0

    def start(self, clips: Tensor) -> None:
        """Initialise to the closed form: count atoms on `clips`, with zero network output."""
        self.model.count_atoms(clips)
        self.average.load_state_dict(self.model.state_dict())

    def step(self, windows: Tensor, sampling_rate: int, progress: float) -> float:
        """One optimiser step; returns the sum of squared errors before it.

        Args:
            progress: fraction of the training done, 0 to 1.
        """
        for group in self.optimizer.param_groups:
            warm = min(1.0, (self.steps + 1) / 10)
            group["lr"] = group["scale"] * warm * (0.5 + 0.5 * math.cos(math.pi * progress))
        restored = self.model.decode_selection(self.model.select(windows), windows.shape[1])
        self.optimizer.zero_grad()
        loss(windows, restored, sampling_rate).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.steps += 1
        # Average over fewer steps at first, so that the initial weights are soon forgotten.
        decay = min(AVERAGE_DECAY, self.steps / (self.steps + 10))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
            for mean, parameter in pairs:
                mean.lerp_(parameter, 1 - decay)
            return float((windows - restored).square().sum())

    @torch.no_grad()
    def validate(
        self, waveforms: NDArray[np.int16], rows: NDArray[np.intp], sampling_rate: int
    ) -> tuple[float, float]:
        """Loss (dB) and RMSE of the averaged weights over whole clips."""
        total, squares, where = 0.0, 0.0, self.average.window_angles.device
        starts = range(0, len(rows), CLIPS_PER_BATCH)
        batches = [rows[start : start + CLIPS_PER_BATCH] for start in starts]
        for clips in prefetch(waveforms.__getitem__, batches):
            originals = to_float(clips).to(where)
            restored = self.average(originals)
            total += float(loss(originals, restored, sampling_rate)) * len(originals)
            squares += float((originals - restored).square().sum())
        return total / len(rows), math.sqrt(squares / (len(rows) * waveforms.shape[1]))

    def save_best(self, loss_: float) -> None:
        """Keep the averaged weights of this epoch as the best so far."""
        self.best, self.result.best_epoch = loss_, len(self.result.validation_rmse)
        self.result.weights = {
            name: value.detach().cpu().clone() for name, value in self.average.state_dict().items()
        }

    def state(self) -> dict[str, Any]:
        """State to resume from."""
        return {
            "modules": [part.state_dict() for part in (self.model, self.average, self.optimizer)],
            "random": torch.get_rng_state(),
            "progress": (self.result, self.best, self.steps),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore a state saved by `state`."""
        model, average, optimizer = state["modules"]
        self.model.load_state_dict(model)
        self.average.load_state_dict(average)
        self.optimizer.load_state_dict(optimizer)
        torch.set_rng_state(state["random"])
        self.result, self.best, self.steps = state["progress"]


def train(
    corpus: Corpus,
    family: str,
    architecture: dict[str, int],
    learning_rate: float,
    epochs: int,
    batch: int,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> TrainedModel:
    """Train an adaptive model on the training clips of a corpus.

    Training starts at the closed form (see `noise_envelope`) and minimises `loss` on random
    windows, by Adam with a cosine schedule (Loshchilov and Hutter 2017) and gradient clipping.
    After each epoch an exponential average of the weights (Polyak and Juditsky 1992) is
    validated, and the best average is kept. The same seed gives the same weights on the same
    kind of device.

    Args:
        family: part of the model's seed, with the latent size.
        architecture: fields of an `AdaptivePlan`.
        checkpoint: to resume from and save to; a resumed training gives the same weights as an
            uninterrupted one.

    Raises:
        StudyError: no epoch gave a finite validation loss.
    """
    plan, where, rate = AdaptivePlan(**architecture), device(), corpus.sampling_rate
    torch.use_deterministic_algorithms(True, warn_only=where.type == "cuda")
    torch.manual_seed(model_seed(seed, family, plan.latent))
    fit = _Training(plan, learning_rate, where)
    rows = np.array(corpus.rows("training"))
    held_out = np.array(corpus.rows("validation"))
    if checkpoint is not None and (state := checkpoint.load()) is not None:
        fit.load_state(state)
    else:
        counted = rows[:: -(-len(rows) // COUNTING_CLIPS)]
        fit.start(to_float(corpus.waveforms[counted]).to(where))
    window = min(TRAINING_WINDOW, plan.samples)

    def windows(offsets: list[tuple[int, int]]) -> NDArray[np.int16]:
        """Windows at (row, start) offsets."""
        return np.stack([corpus.waveforms[row, start : start + window] for row, start in offsets])

    for epoch in range(len(fit.result.validation_rmse) + 1, epochs + 1):
        order = rows[torch.randperm(len(rows)).numpy()]
        starts = torch.randint(plan.samples - window + 1, (len(rows),)).numpy()
        offsets = list(zip(order, starts, strict=True))
        firsts = range(0, len(rows), batch)
        batches = prefetch(windows, (offsets[first : first + batch] for first in firsts))
        squares = 0.0
        for first, clips in zip(firsts, batches, strict=True):
            progress = (epoch - 1 + first / len(rows)) / epochs
            squares += fit.step(to_float(clips).to(where), rate, progress)
        validation_loss, rmse = fit.validate(corpus.waveforms, held_out, rate)
        if not math.isfinite(validation_loss):
            break  # keep the best of the earlier epochs, if any
        fit.result.training_rmse.append(math.sqrt(squares / (len(rows) * window)))
        fit.result.validation_rmse.append(rmse)
        if validation_loss < fit.best:
            fit.save_best(validation_loss)
        report_progress(epoch, epochs, f"epoch {epoch}/{epochs}, validation RMSE {rmse:.4f}")
        if checkpoint is not None:
            checkpoint.save_if_due(fit.state)
    if not fit.result.best_epoch:
        raise StudyError(
            f"training diverged: no epoch of {epochs} gave a finite loss; "
            f"lower training.adaptive.learning_rate (now {learning_rate:g})"
        )
    return fit.result
