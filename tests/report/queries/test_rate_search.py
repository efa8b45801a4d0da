"""The search of the learning rate against the rate in use."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.results.model_schema import Trial, Tuning
from report.queries.base import Queries
from report.queries.results import read


@pytest.mark.parametrize(
    ("used", "losses", "expected"),
    [
        (True, (0.2, 0.3), "used"),
        (False, (0.2, 0.3), "same"),
        (False, (0.301, 0.3), "tied"),
        (False, (0.31, 0.3), "apart"),
    ],
)
def test_the_best_rate_against_the_one_in_use(
    results_folder: Callable[[str], Path],
    used: bool,
    losses: tuple[float, float],
    expected: str,
) -> None:
    results = read(results_folder("full"))
    rate = results.study["training"]["learning_rate"]
    trials = [
        Trial(learning_rate=rate * factor, validation_rmse=[loss], pruned=False)
        for factor, loss in zip((1.1, 10), losses, strict=True)
    ]
    best = min(trials, key=lambda trial: trial.validation_rmse)
    number = results.number("tuning.best").model_copy(update={"value": best.learning_rate})
    search = Tuning(size=1, epochs=1, used=used, trials=trials)
    numbers = {**results.numbers, "tuning.best": number}
    queries = Queries(results.model_copy(update={"numbers": numbers, "tuning": search}))
    found = queries.rate_search(search)
    assert found.name == expected
    assert found.holds[1] == best
