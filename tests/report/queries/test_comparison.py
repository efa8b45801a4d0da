from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.comparison import ComparisonQueries
from report.queries.results import read


@pytest.mark.parametrize(("change", "expected"), [(1, ["other", "same"]), (-1, ["same", "other"])])
def test_the_best_family_beats_most_baselines_or_has_the_highest_snr(
    results_folder: Callable[[str], Path], change: float, expected: list[str]
) -> None:
    results = read(results_folder("whole"))
    model = results.models[0]
    models = [model.model_copy(update={"family": name}) for name in ("same", "other")]
    snr = results.number(f"reconstruction.{model.version}.snr")
    baselines = {n: x for n, x in results.numbers.items() if n.startswith("baseline.")}
    higher = snr.model_copy(
        update={
            "value": snr.value + change,
            "values": [None if value is None else value + change for value in snr.values or []],
        }
    )
    numbers = {
        f"reconstruction.same.{model.size}.snr": snr,
        f"reconstruction.other.{model.size}.snr": higher,
    }
    queries = ComparisonQueries(
        results.model_copy(update={"models": models, "numbers": baselines | numbers})
    )
    assert queries.families_best_first == expected
