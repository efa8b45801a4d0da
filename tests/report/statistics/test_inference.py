"""Statistical tests behind claims: exact Kendall, paired bootstrap and interval comparisons."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from pipeline.results.schema import Number
from report.statistics.inference import above, against_interval, difference, kendall, trend


def number(value: float, interval: tuple[float, float] | None = None) -> Number:
    return Number(name=f"n.{value}", value=value, unit="dB", step="s", interval=interval)


@given(st.permutations(range(7)), st.integers(2, 7))
def test_kendall_matches_scipy(order: list[int], n: int) -> None:
    values, over = order[:n], list(range(n))
    tau, p = kendall(values, over)
    expected = kendalltau(values, over, method="exact")
    assert tau == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


def test_kendall_of_all_permutations_of_four() -> None:
    ps = [kendall(order, range(4))[1] for order in permutations(range(4))]
    assert min(ps) == pytest.approx(2 / 24)
    assert sum(p <= 2 / 24 for p in ps) == 2


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([1, 2, 3, 4, 5], "rises"),
        ([5, 4, 3, 2, 1], "falls"),
        ([1, 3, 2, 5, 4], "unclear"),
        ([2, 2, 2, 2, 2], "unclear"),
        ([1, 2, 3, 4], "few"),
        ([1], "few"),
    ],
)
def test_trends(values: list[float], outcome: str) -> None:
    assert trend([number(value) for value in values], range(len(values))).name == outcome


def clips(values: Sequence[float | None], name: str = "n") -> Number:
    known = [value for value in values if value is not None]
    mean = sum(known) / len(known)
    return Number(name=name, value=mean, unit="dB", step="s", values=tuple(values))


def test_a_single_clip_shows_nothing() -> None:
    ones = [
        clips([float(value)], f"n.{value}").model_copy(update={"clips": 1}) for value in range(6)
    ]
    assert trend(ones, range(6)).name == "unclear"
    assert above(ones, range(6), -1).name == "none"
    assert difference(ones[5], ones[0]).name == "unknown"
    twos = [one.model_copy(update={"clips": 2, "values": (1.0, one.value)}) for one in ones]
    assert above(twos, range(6), -1).name == "all"


EASY_AND_HARD = [3.0, 9.0, 15.0, 21.0, 27.0, 33.0]


def test_small_difference_in_every_clip_is_detected() -> None:
    better = clips([value + 0.5 + 0.01 * place for place, value in enumerate(EASY_AND_HARD)])
    outcome = difference(better, clips(EASY_AND_HARD))
    assert outcome.name == "higher"
    assert outcome.value == pytest.approx(0.525)
    assert 0.5 < outcome.low < 0.525 < outcome.high < 0.55
    assert difference(clips(EASY_AND_HARD), better).name == "lower"


def test_difference_due_to_one_clip_is_unclear() -> None:
    other = [*EASY_AND_HARD[:5], EASY_AND_HARD[5] + 6]
    assert difference(clips(other), clips(EASY_AND_HARD)).name == "unclear"


def test_only_shared_clips_are_compared() -> None:
    scored = clips([None, 10.0, 16.0, None, 28.5, 34.0])
    outcome = difference(scored, clips(EASY_AND_HARD))
    assert outcome.value == pytest.approx((1 + 1 + 1.5 + 1) / 4)
    assert difference(clips([None] * 5 + [1.0]), clips(EASY_AND_HARD)).name == "unknown"
    assert difference(number(1), number(2)).name == "unknown"


def test_interval_matches_an_independent_bootstrap() -> None:
    random = np.random.default_rng(7)
    first, second = random.normal(1, 2, 40), random.normal(0, 1, 40)
    outcome = difference(clips(first.tolist()), clips(second.tolist()))
    gaps = first - second
    means = [random.choice(gaps, 40).mean() for _ in range(20_000)]
    assert (outcome.low, outcome.high) == pytest.approx(
        np.quantile(means, [0.025, 0.975]), abs=0.05
    )


def test_trend_interval_is_over_clips() -> None:
    sure = [clips([size + value for value in EASY_AND_HARD]) for size in range(5)]
    outcome = trend(sure, range(5))
    assert (outcome.name, outcome.low, outcome.high) == ("rises", 1, 1)
    random = np.random.default_rng(3)
    close = [clips((size * 0.1 + random.normal(0, 3, 6)).tolist()) for size in range(5)]
    outcome = trend(close, range(5))
    assert outcome.low < outcome.tau < outcome.high or outcome.tau in (outcome.low, outcome.high)
    bare = [number(size) for size in range(5)]
    assert not trend(bare, range(5)).has_interval


def test_above_sorts_labels() -> None:
    numbers = [number(9, (8, 10)), number(1, (-1, 3)), number(2)]
    assert above(numbers, ["a", "b", "c"], 0).holds == ("a", "c")
    assert above(numbers, ["a", "b", "c"], 0).fails == ("b",)
    assert above(numbers, ["a", "b", "c"], 0).name == "some"
    assert above(numbers[:1], ["a"], 0).name == "all"
    assert above(numbers[1:2], ["b"], 0).name == "none"


def test_against_interval_is_unknown_without_an_interval() -> None:
    songs = [number(8.0), number(12.0)]
    assert against_interval(songs, "ab", number(10.0), 1).name == "unknown"
    found = against_interval(songs, "ab", number(10.0, (9.0, 11.0)), 1)
    assert (found.name, found.fails, found.holds, found.undecided) == ("mixed", ("a",), ("b",), ())
