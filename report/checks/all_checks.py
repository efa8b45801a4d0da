"""What must hold before a study goes out: pages, files, privacy, sizes, licences, the PDF."""

from collections.abc import Callable, Iterator
from pathlib import Path

from report.checks import file_integrity, html, licences, page_weight, pdf_validity, privacy
from report.checks.problem import Problem
from report.errors import ReportError
from report.paths import MADE

GATES: tuple[Callable[[Path], Iterator[Problem]], ...] = (
    html.find_problems,
    file_integrity.find_problems,
    pdf_validity.find_problems,
    privacy.find_problems,
    page_weight.find_problems,
    licences.find_problems,
)


def find_problems(out: Path) -> list[Problem]:
    """Everything that keeps the study built in `out` from being published; empty if nothing does.

    Raises:
        ReportError: no study was built there.
    """
    for needed in MADE:
        if not (out / needed).is_file():
            raise ReportError(f"{out / needed}: not there; run latentes build first")
    return [problem for gate in GATES for problem in gate(out)]
