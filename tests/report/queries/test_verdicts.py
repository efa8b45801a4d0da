"""Verdicts on the hypotheses follow from the numbers."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from report.queries.results import Results, read
from report.queries.verdicts import VerdictQueries


@pytest.fixture
def results(results_folder: Callable[[str], Path]) -> Results:
    return read(results_folder("families"))


def changed(results: Results, values: Mapping[str, float]) -> VerdictQueries:
    """The verdicts if numbers had these values."""
    numbers = dict(results.numbers)
    for name, value in values.items():
        numbers[name] = numbers[name].model_copy(update={"value": value})
    return VerdictQueries(results.model_copy(update={"numbers": numbers}))


def test_the_first_step_is_told_when_it_costs_most(results: Results) -> None:
    family = results.models[0].family
    names = [f"reconstruction.{m.version}.snr" for m in results.families[family]]
    falling = dict(zip(names, (30, 20, 18, 16, 15), strict=False))
    found = changed(results, falling).first_step(family)
    assert (found.name, found.value) == ("largest", 10)
    falling[names[0]] = 21
    assert changed(results, falling).first_step(family).name == "smaller"


def test_the_smallest_acceptable_size_before_training(results: Results) -> None:
    rule = results.choice
    bounds = {"snr": rule.snr, "log_mel": rule.log_mel, "visqol": rule.visqol}
    sizes = [model.size for model in results.families["adaptive"]]
    values = {
        f"untrained.adaptive.{size}.{measure}": float(bounds[measure] or 0)
        for size in sizes
        for measure in rule.measures
    }
    assert changed(results, values).untrained_choice("adaptive").holds == (sizes[-1],)
    values[f"untrained.adaptive.{sizes[-1]}.snr"] = rule.snr - 1
    assert changed(results, values).untrained_choice("adaptive").holds == (sizes[-2],)
    assert changed(results, {}).untrained_choice("classic").name == "unknown"
