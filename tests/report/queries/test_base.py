"""The model that the site opens on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.base import Queries
from report.queries.results import read


@pytest.mark.parametrize(
    ("change", "acceptable", "expected"),
    [(1, (None, None), "other"), (-1, (None, None), "same"), (1, (1, None), "same")],
)
def test_the_best_model_is_acceptable_or_has_the_highest_snr(
    results_folder: Callable[[str], Path],
    change: float,
    acceptable: tuple[int | None, int | None],
    expected: str,
) -> None:
    results = read(results_folder("whole"))
    model = results.models[0]
    families = ("same", "other")
    snr = results.number(f"reconstruction.{model.version}.snr")
    higher = snr.model_copy(update={"value": snr.value + change})
    choices = [
        results.choice.families[0].model_copy(
            update={"family": family, "size": model.size if size else None}
        )
        for family, size in zip(families, acceptable, strict=True)
    ]
    queries = Queries(
        results.model_copy(
            update={
                "models": [model.model_copy(update={"family": family}) for family in families],
                "choice": results.choice.model_copy(update={"families": choices}),
                "numbers": {
                    f"reconstruction.same.{model.size}.snr": snr,
                    f"reconstruction.other.{model.size}.snr": higher,
                },
            }
        )
    )
    assert queries.best_model.family == expected
