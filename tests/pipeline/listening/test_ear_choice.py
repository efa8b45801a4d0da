"""The smallest acceptable size by ear, and the measures in its place without enough answers."""

from typing import Any

import pytest

from pipeline.listening.ear_choice import choose_by_ear
from pipeline.results.listening_schema import AbxFamily, AbxSize, Listening, Rating


def heard(size: int, trials: int, correct: int) -> AbxSize:
    return AbxSize(
        size=size, trials=trials, correct=correct, listeners=3, told_apart=0, power=0.9,
        adaptive_trials=0, adaptive_correct=0,
    )  # fmt: skip


def content(
    abx: list[AbxSize], ratings: dict[int, tuple[int, float]], reason: str | None = None
) -> dict[str, Any]:
    """A results.json with three sizes, of which measures chose 2000."""
    listening = Listening(
        tests=3, listeners=3, min_trials=30, min_listeners=5, good=60,
        abx=[AbxFamily(family="net", sizes=abx, curve=None)],
        ratings=[Rating(version=f"net.{size}", listeners=n) for size, (n, _) in ratings.items()],
    )  # fmt: skip
    scores = {
        f"listening.mushra.net.{size}.score": {"value": score}
        for size, (_, score) in ratings.items()
    }
    family = {"family": "net", "size": 2000, "by_rule": 2000, "reason": reason}
    return {
        "listening": listening.model_dump(),
        "models": [{"family": "net", "size": size} for size in (4000, 2000, 1000)],
        "choice": {"families": [family]},
        "numbers": {"choice.net.size": {"value": 2000}} | scores,
    }


@pytest.mark.parametrize(
    ("abx", "ratings", "size", "by"),
    [
        ([heard(1000, 40, 36), heard(2000, 40, 33), heard(4000, 40, 22)], {}, 4000, "ear"),
        ([heard(1000, 40, 22)], {}, 1000, "ear"),
        ([heard(1000, 40, 36)], {1000: (6, 66.0)}, 1000, "ear"),
        ([heard(1000, 40, 36), heard(2000, 40, 36)], {2000: (6, 59.0)}, None, "ear"),
        ([heard(1000, 29, 15)], {1000: (4, 99.0)}, 2000, None),
        ([], {}, 2000, None),
    ],
)
def test_listeners_choose_where_there_are_enough_answers(
    abx: list[AbxSize], ratings: dict[int, tuple[int, float]], size: int | None, by: str | None
) -> None:
    results = content(abx, ratings)
    choose_by_ear(results)
    (found,) = results["choice"]["families"]
    assert (found["size"], found.get("by"), found["by_rule"]) == (size, by, 2000)
    assert results["numbers"].get("choice.net.size", {}).get("value") == size


def test_a_size_that_the_user_chose_stays() -> None:
    results = content([heard(1000, 40, 20)], {}, reason="because")
    choose_by_ear(results)
    assert results["choice"]["families"][0]["size"] == 2000
