"""Learning-rate search with small trainings."""

from dataclasses import asdict

import pytest

from pipeline.errors import StudyError
from pipeline.models.tuning import Trial, best_learning_rate, run_trial
from tests.pipeline.models.test_training import PLAN, a_corpus


def search(trials: int, known: dict[str, Trial] | None = None) -> dict[str, Trial]:
    found = dict(known or {})
    for number in range(len(found) + 1, trials + 1):
        found[f"tuning.{number}"] = run_trial(
            a_corpus(), found, asdict(PLAN), low=1e-4, high=0.3, epochs=4, batch=4, seed=42
        )
    return found


def test_search_resumes_and_is_deterministic() -> None:
    whole = search(5)
    assert search(5, dict(list(whole.items())[:3])) == whole
    rates = [known.learning_rate for known in whole.values()]
    assert len(set(rates)) == 5
    assert all(1e-4 <= rate <= 0.3 for rate in rates)
    assert all(len(known.validation_rmse) == 4 for known in whole.values() if not known.pruned)


def test_best_rate_ignores_pruned_trials() -> None:
    trials = {
        "a": Trial(0.1, (0.5, 0.4), False),
        "b": Trial(0.2, (0.1,), True),
        "c": Trial(0.3, (0.6, 0.3), False),
    }
    assert best_learning_rate(trials) == 0.3


def test_bad_trial_is_pruned() -> None:
    good = {str(n): Trial(0.01 * n, (1e-6, 1e-6, 1e-6, 1e-6), False) for n in range(1, 6)}
    last = run_trial(a_corpus(), good, asdict(PLAN), low=1e-4, high=0.3, epochs=4, batch=4, seed=1)
    assert last.pruned
    assert len(last.validation_rmse) < 4


def test_diverged_trial_counts_as_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pipeline.models.training.dataset_rmse", lambda errors, clips, rows: float("nan")
    )
    lost = run_trial(a_corpus(), {}, asdict(PLAN), low=1e-4, high=0.3, epochs=2, batch=4, seed=1)
    assert lost.pruned
    assert lost.best_rmse == float("inf")
    with pytest.raises(StudyError, match="lower tuning.high"):
        best_learning_rate({"1": lost})
    run_trial(a_corpus(), {"1": lost}, asdict(PLAN), low=1e-4, high=0.3, epochs=1, batch=4, seed=1)
