"""A report of two families is short: pages, figures, tables, blank page bottoms and holes."""

from collections.abc import Callable

from report.render import Rendered
from tests.report.pdf.page_counts import count, holes


def test_a_report_of_two_families_is_short(rendered: Callable[[str], Rendered]) -> None:
    counts = count(rendered("families").pdf)
    body, appendix = counts.parts["body"], counts.parts["appendix"]
    assert counts.pages <= 26
    assert body.pages <= 18.8  # half a page of it tells what listeners answered
    assert body.captions["Figura"] <= 14
    assert body.captions["Tabla"] <= 9
    assert appendix.pages <= 6
    assert sum(counts.blank.values()) < 2
    assert max(holes(rendered("families").pdf)) < 0.15
