"""The `{% claim %}` tag renders the wording of the outcome, or fails if there is none."""

import jinja2
import pytest

from pipeline.results.schema import Number
from report.errors import ReportError
from report.prose import claims
from report.statistics.inference import trend


def number(value: float) -> Number:
    return Number(name=f"n.{value}", value=value, unit="dB", step="s")


TEMPLATE = """\
before
{% claim "size matters", outcome %}
rises, falls: {{ claim.name }} by {{ claim.low }}
few: few {{ claim.numbers | length }}
after {{ claim is defined }}
"""


def render(values: list[float], template: str = TEMPLATE) -> str:
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"chapter.md": template}),
        extensions=[claims.Claims],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    outcome = trend([number(value) for value in values], range(len(values)))
    return claims.join(environment.get_template("chapter.md").render(outcome=outcome))


def test_wording_matches_the_outcome() -> None:
    assert render([1, 2, 3, 4, 5]) == "before\nrises by 1\nafter False"
    assert "falls by -1" in render([5, 4, 3, 2, 1])
    assert render([1]) == "before\nfew 1\nafter False"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        # A clause joins the sentence before it, and the punctuation after it joins the clause.
        (
            "SNR\n{% claim 'a', outcome %}\nrises: , which rises\n.\n",
            "SNR, which rises.",
        ),
        # Nothing remains of an empty wording, not even the end of a paragraph.
        ("One.\n{% claim 'a', outcome %}\nrises:\nTwo.", "One.\nTwo."),
        # Two claims in a row are two sentences.
        ("{% claim 'a', outcome %}\nrises: One.\n" * 2, "One.\nOne.\n"),
        # A claim that a tag precedes is a sentence of its own, too.
        (
            "One.{% if true %}\n{% claim 'a', outcome %}\nrises: Two.\n{% endif %}",
            "One.\nTwo.",
        ),
        # What a macro's call precedes goes on in its line.
        (
            "{% macro a() -%}\n{% claim 'a', outcome %}\nrises: One.\n{%- endmacro %}\n"
            "{{ a() }} Two.",
            "One. Two.",
        ),
        # A fence after it begins a line.
        (
            "::: {}\n{% claim 'a', outcome %}\nfew: No.\nrises: One.\n:::\n",
            "::: {}\nOne.\n:::",
        ),
        # One with a loop is said of each item.
        (
            "{% claim 'a', outcome for i in [1, 2, 3] if i > 1 %}\nrises: {{ i }}{{ loop.last }}.\n"
            "Two.\n",
            "2False.\n3True.\nTwo.",
        ),
        (
            "{% claim 'a', outcome for i in [1, 2, 3] %}\nrises: {{ 'One.' if i == 1 }}\nTwo.\n",
            "One.\nTwo.",
        ),
        ("One.\n{% claim 'a', outcome for i in [] %}\nrises: No.\nTwo.\n", "One.\nTwo."),
        # A macro of a claim ends where the claim does.
        (
            "{% macro a() -%}\n{% claim 'a', outcome %}\nrises: One.\n{%- endmacro %}\n"
            "- {{ a() }}\nTwo.",
            "- One.\nTwo.",
        ),
    ],
)
def test_a_claim_joins_its_paragraph(template: str, text: str) -> None:
    assert render([1, 2, 3, 4, 5], template).strip("\n") == text.strip("\n")


def test_missing_wording_raises() -> None:
    message = r'chapter\.md:2: the claim "size matters" has the outcome "unclear" .*n\.3 = 3'
    with pytest.raises(ReportError, match=message):
        render([1, 3, 2, 5, 4])


def test_no_wording_raises() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="a claim has no wordings"):
        render([1], "{% claim 'a', outcome %}\nOne.\n")
