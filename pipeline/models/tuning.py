"""The learning-rate search: a TPE over one size, a trial a step, so that it goes on anywhere.

Each trial is a step of its own that reads the trials before it and asks optuna for the next
rate. Nothing but the store has to survive an interruption, and adding trials repeats none.
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

STARTUP = 3
"""Trials drawn at random before the estimator, and before any trial may be pruned."""


@dataclass(frozen=True)
class Trial:
    """One rate and the validation RMSE after each epoch; fewer epochs if it was pruned."""

    learning_rate: float
    validation_rmse: tuple[float, ...]
    pruned: bool

    @property
    def best(self) -> float:
        """The lowest validation RMSE that the rate reached; infinite if training diverged."""
        return min(self.validation_rmse, default=math.inf)


class _Pruned(Exception):
    pass


def trial(
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
    """Train with the next rate that a tree-structured Parzen estimator proposes.

    Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", NIPS
    2011; rates between `low` and `high` on a logarithmic scale. A trial that after an epoch is
    worse than the median of those before it at that epoch is pruned.

    Args:
        earlier: the trials before this one, in order.
        checkpoint: as in `train`.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed + len(earlier), n_startup_trials=STARTUP),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
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
    except (_Pruned, StudyError):  # the latter where a rate made training diverge
        pruned = True
    return Trial(rate, tuple(losses), pruned)


def best(trials: dict[str, Trial]) -> float:
    """The learning rate of the trial with the lowest loss among those not pruned.

    Raises:
        StudyError: every trial diverged.
    """
    whole = [known for known in trials.values() if not known.pruned]
    if not whole:
        raise StudyError("no trial of the learning-rate search ended well; lower tuning.high")
    return min(whole, key=lambda known: known.best).learning_rate


def _frozen(known: Trial, rates: FloatDistribution) -> FrozenTrial:
    return create_trial(
        state=TrialState.PRUNED if known.pruned else TrialState.COMPLETE,
        value=known.best,
        params={"learning_rate": known.learning_rate},
        distributions={"learning_rate": rates},
        intermediate_values=dict(enumerate(known.validation_rmse, start=1)),
    )
