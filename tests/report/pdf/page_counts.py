"""Count a report's pages, figures, tables, blank page bottoms and holes within pages.

.venv/bin/python -m tests.report.pdf.page_counts build/informe.pdf
"""

import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import typst
from PIL import Image
from pypdf import PageObject, PdfReader

TOP, BOTTOM = 2.3, 2.1
"""Margins of informe.typ, in centimetres."""

POINTS_PER_CM = 72 / 2.54
CAPTION = re.compile(r"(Figura|Tabla)\s(\d+)\.")
MIN_BLANK = 0.08
"""Blank bottoms of less than this fraction of a page are the last lines of a paragraph."""

DOTS_PER_INCH = 36
"""Resolution at which pages are looked at for holes."""


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


def holes(path: Path) -> list[float]:
    """Return each page's largest white gap above its last line, by height of the text."""
    return [_largest_hole(page) for page in _pictures(path)]


def _pictures(path: Path) -> list[bytes]:
    """Draw the pages, as PNG: Typst draws the pages of a PDF as images."""
    count = len(PdfReader(path).pages)
    width, height = PdfReader(path).pages[0].mediabox[2:]
    pages = (f'#image("x.pdf", page: {number + 1}, width: 100%)' for number in range(count))
    code = f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n" + "\n".join(pages)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(path, Path(folder, "x.pdf"))
        Path(folder, "x.typ").write_text(code, encoding="utf-8")
        made = typst.compile(Path(folder, "x.typ"), format="png", ppi=DOTS_PER_INCH)
    return made if isinstance(made, list) else [made]


def _largest_hole(picture: bytes) -> float:
    dark = np.asarray(Image.open(BytesIO(picture)).convert("L")).min(axis=1) < 250
    top, bottom = (round(cm / 2.54 * DOTS_PER_INCH) for cm in (TOP, BOTTOM))
    rows = np.flatnonzero(dark[top : len(dark) - bottom])
    return float(np.diff(rows, prepend=-1).max(initial=0) - 1) / (len(dark) - bottom - top)


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
    print("holes of a tenth of a page or more:")
    for number, hole in enumerate(holes(Path(sys.argv[1])), 1):
        if hole >= 0.1:
            print(f"  page {number}: {100 * hole:.0f} %")


if __name__ == "__main__":
    main()
