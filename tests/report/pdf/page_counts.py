"""Count a report's pages, figures, tables and blank page bottoms.

.venv/bin/python -m tests.report.pdf.page_counts build/informe.pdf
"""

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader

TOP, BOTTOM = 2.3, 2.1
"""Margins of informe.typ, in centimetres."""

POINTS_PER_CM = 72 / 2.54
CAPTION = re.compile(r"(Figura|Tabla)\s(\d+)\.")
MIN_BLANK = 0.08
"""Blank bottoms of less than this fraction of a page are the last lines of a paragraph."""


@dataclass
class PartCount:
    """The pages of a part of the report, in fractions, and its figures and tables."""

    pages: float = 0.0
    captions: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class PageCounts:
    """`parts` has body, references and appendix; `blank` is by page number, fraction of a page."""

    pages: int
    parts: dict[str, PartCount]
    blank: dict[int, float]


def _lines(page: PageObject) -> list[tuple[float, str]]:
    """Return the height above the page's lower edge, in points, and text of each run of text."""
    found: list[tuple[float, str]] = []

    def keep(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if text.strip():
            x, y = tm[4], tm[5]
            found.append((cm[1] * x + cm[3] * y + cm[5], text))

    page.extract_text(visitor_text=keep)
    return found


def count(path: Path) -> PageCounts:
    """Count what is in a report."""
    reader = PdfReader(path)
    height = float(reader.pages[0].mediabox.height)
    low, high = BOTTOM * POINTS_PER_CM, height - TOP * POINTS_PER_CM
    parts = {name: PartCount() for name in ("body", "references", "appendix")}
    starts = _part_starts(reader)
    blank: dict[int, float] = {}
    for index, page in enumerate(reader.pages):
        inside = [(y, text) for y, text in _lines(page) if low - 2 <= y <= high + 2]
        empty = (min((y for y, _ in inside), default=high) - low) / (high - low)
        if empty > MIN_BLANK:
            blank[index + 1] = empty
        edges = [high, *(y for number, y, _ in starts if number == index), low]
        before = [name for number, _, name in starts if number < index]
        names = [before[-1] if before else "body"]
        names += [name for number, _, name in starts if number == index]
        for name, above, below in zip(names, edges, edges[1:], strict=False):
            parts[name].pages += (above - below) / (high - low)
        for noun, _ in CAPTION.findall(_own_captions(page.extract_text())):
            parts[names[-1]].captions[noun] += 1
    return PageCounts(len(reader.pages), parts, blank)


def _own_captions(text: str) -> str:
    """Return the lines that begin with a caption's number."""
    return "\n".join(line for line in text.splitlines() if CAPTION.match(line.strip()))


def _part_starts(reader: PdfReader) -> list[tuple[int, float, str]]:
    """Return page index, height and name of the parts after the body, in order."""
    starts = []
    for entry in reader.outline:
        if isinstance(entry, list):
            continue
        title, name = str(entry.title), ""
        if title == "Referencias":
            name = "references"
        elif "procedencia" in title:
            name = "appendix"
        if name:
            page = reader.get_destination_page_number(entry) or 0
            starts.append((page, float(entry.top or 0), name))
    return starts


def main() -> None:
    counts = count(Path(sys.argv[1]))
    print(f"{counts.pages} pages")
    for name, part in counts.parts.items():
        figures, tables = part.captions["Figura"], part.captions["Tabla"]
        print(f"  {name}: {part.pages:.1f} pages, {figures} figures, {tables} tables")
    print(f"blank bottoms: {sum(counts.blank.values()):.1f} pages")
    for page, empty in counts.blank.items():
        print(f"  page {page}: {100 * empty:.0f} %")


if __name__ == "__main__":
    main()
