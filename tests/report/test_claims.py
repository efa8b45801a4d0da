"""A claim says what its numbers say, and stops the build where it has no words for it."""

from itertools import permutations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from report.claims import Claims, above, difference, kendall, trend
from report.results import Number, ReportError


def number(value: float, interval: tuple[float, float] | None = None) -> Number:
    return Number(name=f"n.{value}", value=value, unit="dB", step="s", interval=interval)


@given(st.permutations(range(7)), st.integers(2, 7))
def test_kendall_is_that_of_scipy(order: list[int], n: int) -> None:
    values, over = order[:n], list(range(n))
    tau, p = kendall(values, over)
    expected = kendalltau(values, over, method="exact")
    assert tau == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


def test_kendall_of_all_orders_of_four() -> None:
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


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ((8, 10), (3, 5), "higher"),
        ((3, 5), (8, 10), "lower"),
        ((3, 8), (7, 10), "unclear"),
        (None, (7, 10), "unknown"),
    ],
)
def test_differences(
    first: tuple[float, float] | None, second: tuple[float, float] | None, outcome: str
) -> None:
    assert difference(number(0, first), number(0, second)).name == outcome


def test_above_names_who_is_and_who_is_not() -> None:
    numbers = [number(9, (8, 10)), number(1, (-1, 3)), number(2)]
    assert above(numbers, ["a", "b", "c"], 0).holds == ("a", "c")
    assert above(numbers, ["a", "b", "c"], 0).fails == ("b",)
    assert above(numbers, ["a", "b", "c"], 0).name == "some"
    assert above(numbers[:1], ["a"], 0).name == "all"
    assert above(numbers[1:2], ["b"], 0).name == "none"


TEMPLATE = """\
before
{% claim "size matters", outcome %}
{% wording "rises", "falls" %}tau {{ claim.tau }}
{% wording "few" %}few {{ claim.numbers | length }}
{% endclaim %}
after {{ claim is defined }}
"""


def render(values: list[float]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"chapter.md": TEMPLATE}),
        extensions=[Claims],
        undefined=jinja2.StrictUndefined,
    )
    outcome = trend([number(value) for value in values], range(len(values)))
    return environment.get_template("chapter.md").render(outcome=outcome)


def test_the_wording_is_that_of_the_outcome() -> None:
    assert "tau 1.0" in render([1, 2, 3, 4, 5])
    assert "tau -1.0" in render([5, 4, 3, 2, 1])
    assert render([1, 2]).split() == ["before", "few", "2", "after", "False"]


def test_a_claim_without_a_wording_stops_the_build() -> None:
    message = r'chapter\.md:2: the claim "size matters" came out as "unclear" .*n\.3 = 3'
    with pytest.raises(ReportError, match=message):
        render([1, 3, 2, 5, 4])
