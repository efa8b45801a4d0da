"""Runs every check that a built study must pass before it is published."""

from collections.abc import Callable, Iterator
from pathlib import Path

from report.checks import file_integrity, html, licences, page_weight, pdf_validity, privacy
from report.checks.problem import Problem
from report.errors import ReportError
from report.paths import OUTPUTS

CHECKS: tuple[Callable[[Path], Iterator[Problem]], ...] = (
    html.find_problems,
    file_integrity.find_problems,
    pdf_validity.find_problems,
    privacy.find_problems,
    page_weight.find_problems,
    licences.find_problems,
)


def find_problems(out: Path) -> list[Problem]:
    """Return everything that must be fixed before the study in `out` is published.

    Raises:
        ReportError: `out` contains no built study.
    """
    for name in OUTPUTS:
        if not (out / name).is_file():
            raise ReportError(f"{out / name}: not found; run latentes build first")
    return [problem for check in CHECKS for problem in check(out)]
