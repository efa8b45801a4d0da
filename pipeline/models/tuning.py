"""Learning-rate search: TPE on one latent size, with one step per trial.

Each trial reads the results of the earlier ones and asks Optuna for the next rate. The search
therefore resumes from the store alone, and adding trials repeats none.
"""

import math
from dataclasses import dataclass

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from pipeline.data.corpus import Corpus
from pipeline.engine.checkpoint import Checkpoint
from pipeline.errors import StudyError
from pipeline.models.training import train

STARTUP_TRIALS = 3
"""Trials with random rates before TPE and pruning start."""


@dataclass(frozen=True)
class Trial:
    """One learning rate and its validation RMSE per epoch (fewer epochs if pruned)."""

    learning_rate: float
    validation_rmse: tuple[float, ...]
    pruned: bool

    @property
    def best_rmse(self) -> float:
        """Lowest validation RMSE; infinite if training diverged."""
        return min(self.validation_rmse, default=math.inf)


class _Pruned(Exception):
    pass


def run_trial(
    corpus: Corpus,
    earlier: dict[str, Trial],
    architecture: dict[str, object],
    low: float,
    high: float,
    epochs: int,
    batch: int,
    seed: int,
    checkpoint: Checkpoint | None = None,
) -> Trial:
    """Train with the next rate proposed by a tree-structured Parzen estimator (TPE).

    Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", NIPS
    2011; rates from `low` to `high` on a logarithmic scale. A trial is pruned after an epoch at
    which it is worse than the median of the earlier trials.

    Args:
        earlier: previous trials, in order.
        checkpoint: as in `train`.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(
            seed=seed + len(earlier), n_startup_trials=STARTUP_TRIALS
        ),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIALS),
    )
    rates = FloatDistribution(low, high, log=True)
    for known in earlier.values():
        study.add_trial(_frozen(known, rates))
    asked = study.ask({"learning_rate": rates})
    losses: list[float] = []

    def after_epoch(loss: float) -> None:
        losses.append(loss)
        asked.report(loss, len(losses))
        if len(losses) < epochs and asked.should_prune():
            raise _Pruned

    rate = float(asked.params["learning_rate"])
    try:
        train(
            corpus,
            "tuning",
            architecture,
            rate,
            epochs,
            batch,
            seed,
            after_epoch,
            checkpoint,
        )
        pruned = False
    except (_Pruned, StudyError):  # StudyError if training diverged
        pruned = True
    return Trial(rate, tuple(losses), pruned)


def best_learning_rate(trials: dict[str, Trial]) -> float:
    """Learning rate of the trial with the lowest loss among those not pruned.

    Raises:
        StudyError: every trial diverged.
    """
    finished = [known for known in trials.values() if not known.pruned]
    if not finished:
        raise StudyError("every trial of the learning-rate search diverged; lower tuning.high")
    return min(finished, key=lambda known: known.best_rmse).learning_rate


def _frozen(known: Trial, rates: FloatDistribution) -> FrozenTrial:
    return create_trial(
        state=TrialState.PRUNED if known.pruned else TrialState.COMPLETE,
        value=known.best_rmse,
        params={"learning_rate": known.learning_rate},
        distributions={"learning_rate": rates},
        intermediate_values=dict(enumerate(known.validation_rmse, start=1)),
    )
