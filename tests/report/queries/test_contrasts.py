"""What is said of coding gains, sizes and tallies is what the test clips can bear."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.comparison import ComparisonQueries
from report.queries.rates import RateQueries
from report.queries.results import Results, read


@pytest.fixture
def results(results_folder: Callable[[str], Path]) -> Results:
    return read(results_folder("families"))


def on_one_clip(results: Results, measure: str = "") -> Results:
    """The results if numbers whose names end so were over one clip."""
    numbers = {
        name: number.model_copy(update={"clips": 1, "interval": None, "values": number.values[:1]})
        if name.endswith(measure) and number.values
        else number
        for name, number in results.numbers.items()
    }
    return results.model_copy(update={"numbers": numbers})


def with_long_moments(results: Results) -> Results:
    frames = round(results.data.samples / results.methods.mdct_bins) + 1
    methods = results.methods.model_copy(update={"moment_frames": frames})
    return results.model_copy(update={"methods": methods})


def test_gains_that_are_the_same_are_not_told_apart(results: Results) -> None:
    for found, name, adaptive in (
        (results, "moments", "higher"),
        (with_long_moments(results), "clips", "unknown"),
        (on_one_clip(results), "clip_moments", "unknown"),
        (with_long_moments(on_one_clip(results)), "clip", "unknown"),
    ):
        queries = ComparisonQueries(found)
        assert (queries.coding_gains.name, queries.moment_gain.name) == (name, adaptive)


def test_the_widest_difference(results: Results) -> None:
    queries = ComparisonQueries(results)
    contrast = queries.contrast("choice")
    found = {n: queries.contrast_at(contrast, n, "snr") for n in contrast.sizes}
    gaps = {size: abs(each.value) for size, each in found.items() if each is not None}
    assert queries.widest(contrast, "snr") == max(gaps, key=gaps.__getitem__)
    assert queries.widest(queries.contrast("none"), "snr") is None


def test_a_measure_of_one_clip_has_no_column(results: Results) -> None:
    queries = ComparisonQueries(on_one_clip(results, ".visqol"))
    assert {measure for _, measure in queries.columns} == {"snr", "log_mel"}
    assert not queries.single_size
    rates = RateQueries(on_one_clip(results, ".visqol"))
    assert (rates.tallied, rates.tallies.name) == (["snr", "log_mel"], "some")


def test_nothing_is_tallied_on_one_clip(results: Results) -> None:
    alone = on_one_clip(results)
    assert alone.coding is not None
    coding = alone.coding.model_copy(update={"clips": 1})
    rates = RateQueries(alone.model_copy(update={"coding": coding}))
    assert (rates.tallied, rates.tallies.name) == ([], "single")
    own = coding.model_copy(update={"codecs": {"latente": coding.codecs["latente"]}})
    rates = RateQueries(results.model_copy(update={"coding": own}))
    assert rates.tallies.name == "none"
