"""The `{% claim %}` block renders the wording of the outcome, or fails if there is none."""

import jinja2
import pytest

from pipeline.results.schema import Number
from report.errors import ReportError
from report.prose.claims import Claims
from report.statistics.inference import trend


def number(value: float) -> Number:
    return Number(name=f"n.{value}", value=value, unit="dB", step="s")


TEMPLATE = """\
before
{% claim "size matters", outcome %}
{% wording "rises", "falls" %}{{ claim.name }} by {{ claim.low }}
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


def test_wording_matches_the_outcome() -> None:
    assert "rises by 1" in render([1, 2, 3, 4, 5])
    assert "falls by -1" in render([5, 4, 3, 2, 1])
    assert render([1]).split() == ["before", "few", "1", "after", "False"]


def test_missing_wording_raises() -> None:
    message = r'chapter\.md:2: the claim "size matters" has the outcome "unclear" .*n\.3 = 3'
    with pytest.raises(ReportError, match=message):
        render([1, 3, 2, 5, 4])
