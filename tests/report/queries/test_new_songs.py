"""How new songs compare with the test clips."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.exploration import ExplorationQueries
from report.queries.results import read


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ((-90, -90), "lower"),
        ((-90, None), "some_lower"),
        ((-90, 90), "some_of_each"),
        ((None, None), "unclear"),
        ((None, 90), "some_higher"),
        ((90, 90), "higher"),
    ],
)
def test_songs_are_unlike_the_clips(
    results_folder: Callable[[str], Path], values: tuple[float | None, ...], outcome: str
) -> None:
    results = read(results_folder("whole"))
    model = results.models[0]
    inside = results.number(f"reconstruction.{model.version}.snr").value
    numbers = dict(results.numbers)
    for song, value in zip(("rap", "trap"), values, strict=True):
        name = f"song.{song}.{model.version}.snr"
        update = {"value": inside if value is None else value}
        numbers[name] = numbers[name].model_copy(update=update)
    queries = ExplorationQueries(results.model_copy(update={"numbers": numbers}))
    assert queries.songs_and_clips(model).name == outcome
