"""Fit an adaptive autoencoder: both distances in decibels, random windows, averaged weights."""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME, AdaptivePlan
from pipeline.audio.files import to_float
from pipeline.audio.prefetch import prefetch
from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.evaluation.fidelity import log_mel
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.restore import device
from pipeline.models.training import Trained, model_seed

WINDOW = 16 * SUPERFRAME
"""Samples of a clip that a step sees, from anywhere in it (1.5 s at 22 050 Hz)."""

COUNTED = 64
"""Training clips, evenly spaced, on which the atoms of each size are counted."""

PIECE = 5
"""Clips validated at once."""

BEND_RATE = 0.3
"""The windows' learning rate beside the networks'."""

MEMORY = 0.98
"""How much of the averaged weights stays at a step."""

STEEPEST = 1.0
"""Gradients are cut to this norm."""

# Added to energies (of full scale 1) and to the log-mel distance before their logarithms.
SILENT, SAME = 1e-6, 1e-4


def loss(originals: Tensor, restored: Tensor, sampling_rate: int) -> Tensor:
    """What training lowers, in dB, the mean over clips (clips, samples).

    Minus the SNR, plus 20 log10 of the log-mel distance (both as in `evaluation.fidelity`): 1 dB
    of SNR weighs as much as an eighth of the log-mel distance. Neither depends on loudness, so
    loud and soft clips count alike.
    """
    energy = originals.square().sum(dim=1) + SILENT
    error = (originals - restored).square().sum(dim=1) + SILENT
    spectra = log_mel(originals, sampling_rate) - log_mel(restored, sampling_rate)
    distance = spectra.abs().mean(dim=(1, 2)) + SAME
    return (10 * (error / energy).log10() + 20 * distance.log10()).mean()


class _Fit:
    """A training under way: all that the next epoch depends on."""

    def __init__(self, plan: AdaptivePlan, learning_rate: float, where: torch.device) -> None:
        self.model = AdaptiveAutoencoder(plan).to(where)
        self.average = AdaptiveAutoencoder(plan).to(where).requires_grad_(False)
        self.optimizer = torch.optim.Adam(
            [
                {"params": self.model.envelope.parameters(), "scale": learning_rate},
                {"params": [self.model.window_angles], "scale": learning_rate * BEND_RATE},
            ]
        )
        self.result = Trained(plan, {}, [], [], 0, where.type)
        self.best, self.steps = math.inf, 0

    def start(self, clips: Tensor) -> None:
        """The closed form: atoms counted on some clips, no correction by any network."""
        self.model.count_atoms(clips)
        self.average.load_state_dict(self.model.state_dict())

    def step(self, windows: Tensor, sampling_rate: int, share: float) -> float:
        """One step of the optimiser, `share` (0 to 1) of training done; returns the sum of the
        squared errors before it."""
        for group in self.optimizer.param_groups:
            warm = min(1.0, (self.steps + 1) / 10)
            group["lr"] = group["scale"] * warm * (0.5 + 0.5 * math.cos(math.pi * share))
        restored = self.model.restore(self.model.choose(windows), windows.shape[1])
        self.optimizer.zero_grad()
        loss(windows, restored, sampling_rate).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), STEEPEST)
        self.optimizer.step()
        self.steps += 1
        # The average is of few steps at first: the start must not linger in it.
        stays = min(MEMORY, self.steps / (self.steps + 10))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.model.parameters(), strict=True)
            for mean, parameter in pairs:
                mean.lerp_(parameter, 1 - stays)
            return float((windows - restored).square().sum())

    @torch.no_grad()
    def validate(
        self, waveforms: NDArray[np.int16], rows: NDArray[np.intp], sampling_rate: int
    ) -> tuple[float, float]:
        """The averaged weights' loss (dB) and RMSE over some rows, whole clips."""
        total, squares, where = 0.0, 0.0, self.average.window_angles.device
        pieces = [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]
        for clips in prefetch(waveforms.__getitem__, pieces):
            originals = to_float(clips).to(where)
            restored = self.average(originals)
            total += float(loss(originals, restored, sampling_rate)) * len(originals)
            squares += float((originals - restored).square().sum())
        return total / len(rows), math.sqrt(squares / (len(rows) * waveforms.shape[1]))

    def keep(self, found: float) -> None:
        """Keep the averaged weights of this epoch, the best so far."""
        self.best, self.result.best_epoch = found, len(self.result.validation_rmse)
        self.result.weights = {
            name: value.detach().cpu().clone() for name, value in self.average.state_dict().items()
        }

    def state(self) -> dict[str, Any]:
        """Everything, to go on from."""
        return {
            "modules": [part.state_dict() for part in (self.model, self.average, self.optimizer)],
            "random": torch.get_rng_state(),
            "rest": (self.result, self.best, self.steps),
        }

    def go_on(self, state: dict[str, Any]) -> None:
        """Bring everything to where `state` found it."""
        model, average, optimizer = state["modules"]
        self.model.load_state_dict(model)
        self.average.load_state_dict(average)
        self.optimizer.load_state_dict(optimizer)
        torch.set_rng_state(state["random"])
        self.result, self.best, self.steps = state["rest"]


def train(
    corpus: Corpus,
    family: str,
    architecture: dict[str, int],
    learning_rate: float,
    epochs: int,
    batch: int,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Fit an adaptive model to the training clips of a corpus.

    Training begins at the closed form (see `noise_envelope`). Adam with a cosine
    schedule (Loshchilov and Hutter 2017) and clipped gradients lowers `loss` on random windows;
    what is validated after each epoch, and kept where it is best, is an exponential average of
    the weights (Polyak and Juditsky 1992). The same seed gives the same weights on the same
    kind of device.

    Args:
        family: it and the latent size set the model's own seed apart from the others'.
        architecture: the fields of an `AdaptivePlan`.
        checkpoint: where to go on from, to the same weights as without a stop, and where to
            leave the state of the last epoch.

    Raises:
        StudyError: no epoch gave a finite validation loss.
    """
    plan, where, rate = AdaptivePlan(**architecture), device(), corpus.sampling_rate
    torch.use_deterministic_algorithms(True, warn_only=where.type == "cuda")
    torch.manual_seed(model_seed(seed, family, plan.latent))
    fit = _Fit(plan, learning_rate, where)
    rows = np.array(corpus.rows("training"))
    held_out = np.array(corpus.rows("validation"))
    if checkpoint is not None and (state := checkpoint.load()) is not None:
        fit.go_on(state)
    else:
        counted = rows[:: -(-len(rows) // COUNTED)]
        fit.start(to_float(corpus.waveforms[counted]).to(where))
    window = min(WINDOW, plan.samples)

    def windows(places: list[tuple[int, int]]) -> NDArray[np.int16]:
        """The windows that begin there: rows of the corpus, samples into them."""
        return np.stack([corpus.waveforms[row, start : start + window] for row, start in places])

    for epoch in range(len(fit.result.validation_rmse) + 1, epochs + 1):
        order = rows[torch.randperm(len(rows)).numpy()]
        starts = torch.randint(plan.samples - window + 1, (len(rows),)).numpy()
        places = list(zip(order, starts, strict=True))
        firsts = range(0, len(rows), batch)
        some = prefetch(windows, (places[first : first + batch] for first in firsts))
        squares = 0.0
        for first, clips in zip(firsts, some, strict=True):
            share = (epoch - 1 + first / len(rows)) / epochs
            squares += fit.step(to_float(clips).to(where), rate, share)
        found, rmse = fit.validate(corpus.waveforms, held_out, rate)
        if not math.isfinite(found):
            break  # its weights are lost; those of an earlier epoch may be kept
        fit.result.training_rmse.append(math.sqrt(squares / (len(rows) * window)))
        fit.result.validation_rmse.append(rmse)
        if found < fit.best:
            fit.keep(found)
        report_progress(epoch, epochs, f"epoch {epoch}/{epochs}, validation RMSE {rmse:.4f}")
        if checkpoint is not None:
            checkpoint.offer(fit.state)
    if not fit.result.best_epoch:
        raise StudyError(
            f"training diverged: no epoch of {epochs} gave a finite loss; "
            f"lower training.adaptive.learning_rate (now {learning_rate:g})"
        )
    return fit.result
