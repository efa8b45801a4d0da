"""Statistical tests behind claims: trends, paired bootstrap and interval comparisons."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.results.schema import Number
from report.statistics.inference import (
    MIN_ELBOW_DEPTH,
    above,
    against_clips,
    compare,
    difference,
    elbow,
    trend,
    which,
)


def number(value: float, interval: tuple[float, float] | None = None) -> Number:
    return Number(name=f"n.{value}", value=value, unit="dB", step="s", interval=interval)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([1, 2, 3, 4, 5], "rises"),
        ([5, 4, 3, 2, 1], "falls"),
        ([1, 3, 2, 5, 4], "unclear"),
        ([2, 2, 2, 2, 2], "unclear"),
        ([1, 2], "rises"),
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
    assert trend(ones, range(6)).name == "few"
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


def test_a_trend_holds_between_all_neighbours() -> None:
    sizes = [100, 300, 200]
    sure = [clips([size + value for value in EASY_AND_HARD]) for size in sizes]
    outcome = trend(sure, sizes)
    assert (outcome.name, outcome.low, outcome.high) == ("rises", 100, 100)
    assert outcome.holds == (300, 200)
    one_clip = [*EASY_AND_HARD[:5], EASY_AND_HARD[5] + 6]
    numbers = [clips(EASY_AND_HARD), clips(one_clip), clips([v + 9 for v in one_clip])]
    outcome = trend(numbers, [1, 2, 3])
    assert (outcome.name, outcome.holds, outcome.undecided) == ("unclear", (3,), (2,))
    assert trend(numbers, [3, 2, 1]).fails == (2,)


def test_few_clips_are_told() -> None:
    nine, ten = (clips(EASY_AND_HARD).model_copy(update={"clips": n}) for n in (9, 10))
    assert difference(nine, ten).few_clips == 9
    assert difference(ten, ten).few_clips is None
    assert trend([number(1), number(2)], [1, 2]).few_clips is None


def test_above_sorts_labels() -> None:
    numbers = [number(9, (8, 10)), number(1, (-1, 3)), number(2)]
    assert above(numbers, ["a", "b", "c"], 0).holds == ("a", "c")
    assert above(numbers, ["a", "b", "c"], 0).fails == ("b",)
    assert above(numbers, ["a", "b", "c"], 0).name == "some"
    assert above(numbers[:1], ["a"], 0).name == "all"
    assert above(numbers[1:2], ["b"], 0).name == "none"


def test_single_songs_are_compared_with_the_clips_and_not_with_their_mean() -> None:
    values = tuple(float(value) for value in range(41))
    mean = number(20.0, (18.0, 22.0)).model_copy(update={"values": values, "clips": 41})
    assert against_clips([number(15.0), number(25.0)], "ab", mean, 1).name == "unclear"
    found = against_clips([number(value) for value in (0.9, 1.0, 39.04, 39.2)], "abcd", mean, 1)
    assert (found.low, found.high) == (1.0, 39.0)
    assert (found.fails, found.undecided, found.holds) == (("a",), ("b", "c"), ("d",))
    assert found.name == "mixed"


def test_a_song_is_not_compared_with_a_single_clip() -> None:
    mean = number(20.0).model_copy(update={"values": (20.0,), "clips": 1})
    assert against_clips([number(15.0)], "a", mean, 1).name == "unknown"


def test_compare_sorts_labels() -> None:
    ours = [clips([3, 4, 5]), clips([0, 1, 2]), clips([1, 2, 3])]
    theirs = [clips([2, 3, 4.1]), clips([2, 3, 4.1]), clips([3, 2, 1])]
    outcome = compare(ours, theirs, ["a", "b", "c"])
    assert (outcome.name, outcome.holds, outcome.fails, outcome.undecided) == (
        "mixed", ("a",), ("b",), ("c",),
    )  # fmt: skip
    assert compare(ours[:1], theirs[:1], ["a"]).name == "higher"
    assert compare(ours[:1], theirs[:1], ["a"], least=2).name == "unclear"
    bare = ours[0].model_copy(update={"values": None})
    assert compare([bare], theirs[:1], ["a"]).name == "unknown"


def test_which_outcomes() -> None:
    numbers = [clips([0, 2])] * 2
    assert which(numbers, "ab", [True, True]).name == "all"
    assert which(numbers, "ab", [True, False]).holds == ("a",)
    assert which(numbers, "ab", [False, False]).name == "none"


def test_elbow_outcomes() -> None:
    assert elbow([10, 9, 8, 7, 6]).name == "straight"
    corner = elbow([100, 50, 10, 9, 8, 7])
    assert (corner.name, corner.holds) == ("bent", (3,))
    assert corner.value > MIN_ELBOW_DEPTH
    assert elbow([4.0]).name == "flat"
    assert elbow([0.0, 0.0, 0.0]).name == "flat"
