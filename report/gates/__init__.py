"""What must hold before a study goes out: pages, files, privacy, sizes, licences, the PDF."""

from collections.abc import Callable, Iterator
from pathlib import Path

from report.errors import ReportError
from report.gates import files, licences, pages, portable, privacy, sizes
from report.gates.problem import Problem
from report.places import MADE

GATES: tuple[Callable[[Path], Iterator[Problem]], ...] = (
    pages.problems,
    files.problems,
    portable.problems,
    privacy.problems,
    sizes.problems,
    licences.problems,
)


def problems(out: Path) -> list[Problem]:
    """Everything that keeps the study built in `out` from being published; empty if nothing does.

    Raises:
        ReportError: no study was built there.
    """
    for needed in MADE:
        if not (out / needed).is_file():
            raise ReportError(f"{out / needed}: not there; run latentes build first")
    return [problem for gate in GATES for problem in gate(out)]
