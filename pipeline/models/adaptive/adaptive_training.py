"""Train an adaptive autoencoder: windows, noise levels and the predictor of the log-mel."""

import math
from collections.abc import Iterable
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
from pipeline.models.adaptive.mel_prediction import PATCH
from pipeline.models.restore import device
from pipeline.models.training import TrainedModel, model_seed

TRAINING_WINDOW = 8 * SUPERFRAME
"""Length of the random windows used for training, in samples (0.7 s at 22 050 Hz)."""

COUNTING_CLIPS = 32
"""Maximum training clips, evenly spaced, for counting atoms."""

CLIPS_PER_BATCH = 4
"""Clips per validation batch."""

VALIDATION_CLIPS = 3
"""Maximum validation clips, evenly spaced, that are decoded after each epoch."""

REMEMBERED_WINDOWS = 1024
"""Maximum windows per epoch on which the predictor is trained again."""

PREDICTOR_STEPS = 6
"""Steps of the predictor alone per step of the whole model; they are cheap."""

CROPS, CROP_FRAMES = 8, 32
"""Batch of a step of the predictor alone."""

ENVELOPE_RATE_FACTOR, WINDOW_RATE_FACTOR = 1.5, 0.3
"""Learning rates of the levels' networks and of the window angles, relative to the predictor."""

AVERAGE_DECAY, PREDICTOR_DECAY = 0.93, 0.99
"""Decay of the exponential average of the weights per step of the whole model and of the predictor
alone: about the same per epoch."""

# Added to energies (full scale is 1) and to the log-mel distance before taking logarithms.
ENERGY_EPSILON, DISTANCE_EPSILON = 1e-6, 1e-4


def loss(originals: Tensor, restored: Tensor, sampling_rate: int) -> Tensor:
    """Validation loss in dB, the mean over clips (clips, samples).

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
        rates = [
            (self.model.predictor.parameters(), 1.0),
            (self.model.envelope.parameters(), ENVELOPE_RATE_FACTOR),
            ([self.model.window_angles], WINDOW_RATE_FACTOR),
        ]
        self.optimizer = torch.optim.Adam(
            [{"params": list(part), "scale": learning_rate * factor} for part, factor in rates]
        )
        self.result = TrainedModel(plan, {}, [], [], 0, where.type)
        self.best, self.steps = math.inf, 0
        self.prices, self.splits = torch.zeros(0), torch.zeros(0)
        self.remembered: list[tuple[Tensor, Tensor]] = []

    def start(self, clips: Tensor, sampling_rate: int) -> None:
        """Initialise to the closed form: count atoms on `clips`, with zero network output."""
        self.model.count_atoms(clips)
        self.model.sampling_rate.fill_(sampling_rate)
        self.average.load_state_dict(self.model.state_dict())

    def divide(self, batches: Iterable[Tensor]) -> None:
        """Find prices and splits of all training windows once; only atoms are selected again."""
        found = [self.model.divide(windows) for windows in batches]
        self.prices, self.splits = (torch.cat(part) for part in zip(*found, strict=True))

    def step(self, windows: Tensor, rows: NDArray[np.intp], progress: float) -> float:
        """A step of the whole model on a batch of windows; returns the energy dropped.

        Minimises the mean absolute error of the predicted log-mel, for the networks, plus log10
        of the fraction of energy dropped, for the windows' angles.

        Args:
            rows: of the windows in the order of `divide`.
            progress: fraction of the training done, 0 to 1.
        """
        selection = self.model.select(windows, (self.prices[rows], self.splits[rows]))
        spectra = log_mel(windows, int(self.model.sampling_rate))
        energy = windows.square().sum(dim=1) + ENERGY_EPSILON
        dropped = selection.coefficients.masked_fill(selection.kept, 0).square().sum(dim=(1, 2))
        start, planes = self.model.describe_selection(selection, windows.shape[1])
        error = (start + self.model.predictor(planes) - spectra).abs().mean()
        share = ((dropped + ENERGY_EPSILON) / energy).log10().mean()
        self._descend(error + share, progress, AVERAGE_DECAY)
        if len(self.remembered) * len(windows) < REMEMBERED_WINDOWS:
            self.remembered.append((planes.detach().half(), (spectra - start).detach().half()))
        return float(dropped.detach().sum())

    def train_predictor(self, epoch: int, epochs: int) -> None:
        """Train the predictor alone on random crops of the epoch's windows, then forget them."""
        count = PREDICTOR_STEPS * len(self.remembered)
        planes, corrections = (torch.cat(part) for part in zip(*self.remembered, strict=True))
        self.remembered = []
        last = planes.shape[3] // PATCH - min(CROP_FRAMES, planes.shape[3]) // PATCH
        for done in range(count):
            rows = torch.randint(len(planes), (CROPS,)).tolist()
            firsts = (PATCH * torch.randint(last + 1, (CROPS,))).tolist()
            crops = [
                (row, slice(first, first + CROP_FRAMES))
                for row, first in zip(rows, firsts, strict=True)
            ]
            batch = torch.stack([planes[row, :, :, span] for row, span in crops]).float()
            wanted = torch.stack([corrections[row, :, span] for row, span in crops]).float()
            error = (self.model.predictor(batch) - wanted).abs().mean()
            self._descend(error, (epoch - 1 + done / count) / epochs, PREDICTOR_DECAY)

    def _descend(self, loss: Tensor, progress: float, decay: float) -> None:
        """One step of Adam with a cosine schedule, and of the average of the weights."""
        for group in self.optimizer.param_groups:
            warm = min(1.0, (self.steps + 1) / 10)
            group["lr"] = group["scale"] * warm * (0.5 + 0.5 * math.cos(math.pi * progress))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        # Average over fewer steps at first, so that the initial weights are soon forgotten.
        decay = min(decay, self.steps / (self.steps + 10))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
            for mean, parameter in pairs:
                if parameter.grad is not None:
                    mean.lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def validate(self, waveforms: NDArray[np.int16], rows: NDArray[np.intp]) -> tuple[float, float]:
        """Loss (dB) and RMSE of the averaged weights over whole clips; sets the prediction's
        error, on which decoding depends."""
        model, rate = self.average, int(self.average.sampling_rate)
        starts = range(0, len(rows), CLIPS_PER_BATCH)
        batches = [rows[start : start + CLIPS_PER_BATCH] for start in starts]
        found, errors = [], 0.0
        for clips in prefetch(waveforms.__getitem__, batches):
            originals = to_float(clips).to(model.window_angles.device)
            selection = model.select(originals)
            start, planes = model.describe_selection(selection, originals.shape[1])
            difference = start + model.predictor(planes) - log_mel(originals, rate)
            errors += float(difference.abs().mean(dim=(1, 2)).sum())
            found.append((originals, selection))
        model.prediction_error.fill_(errors / len(rows) + DISTANCE_EPSILON)
        total, squares = 0.0, 0.0
        for originals, selection in found:
            restored = model.decode_selection(selection, originals.shape[1])
            total += float(loss(originals, restored, rate)) * len(originals)
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
            "divisions": (self.prices, self.splits),
            "random": torch.get_rng_state(),
            "progress": (self.result, self.best, self.steps),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore a state saved by `state`."""
        model, average, optimizer = state["modules"]
        self.model.load_state_dict(model)
        self.average.load_state_dict(average)
        self.optimizer.load_state_dict(optimizer)
        self.prices, self.splits = state["divisions"]
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

    Training starts at the closed form (see `noise_envelope` and `mel_prediction`). Adam with a
    cosine schedule (Loshchilov and Hutter 2017) trains windows, levels and predictor together on
    one random window of each clip, then the predictor alone on the same ones. After each epoch an
    exponential average of the weights (Polyak and Juditsky 1992) is validated, and the best
    average by `loss` is kept. The training RMSE is of the atoms without noise. The same
    seed gives the same weights on the same kind of device.

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
    held_out = held_out[:: -(-len(held_out) // VALIDATION_CLIPS)]
    window = min(TRAINING_WINDOW, plan.samples)
    starts = torch.randint(plan.samples - window + 1, (len(rows),)).numpy()

    def windows(chosen: NDArray[np.intp]) -> Tensor:
        """The windows of these indices into `rows`."""
        found = [
            corpus.waveforms[row, start : start + window]
            for row, start in zip(rows[chosen], starts[chosen], strict=True)
        ]
        return to_float(np.stack(found)).to(where)

    def batches(order: NDArray[np.intp]) -> list[NDArray[np.intp]]:
        return [order[first : first + batch] for first in range(0, len(order), batch)]

    if checkpoint is not None and (state := checkpoint.load()) is not None:
        fit.load_state(state)
    else:
        counted = rows[:: -(-len(rows) // COUNTING_CLIPS)]
        fit.start(to_float(corpus.waveforms[counted]).to(where), rate)
        fit.divide(map(windows, batches(np.arange(len(rows)))))
    for epoch in range(len(fit.result.validation_rmse) + 1, epochs + 1):
        squares, done = 0.0, 0
        for chosen in batches(torch.randperm(len(rows)).numpy()):
            progress = (epoch - 1 + done / len(rows)) / epochs
            squares += fit.step(windows(chosen), chosen, progress)
            done += len(chosen)
        fit.train_predictor(epoch, epochs)
        validation_loss, rmse = fit.validate(corpus.waveforms, held_out)
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
