"""Figures and tables never float above the heading of their section."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from report.customization import Customization
from report.language import words
from report.prose import document
from report.queries.results import read
from report.render import Rendered

Place = tuple[int, int]
"""Page index and line index."""


def order(results: Path) -> dict[str, str]:
    """Map each caption to the title of the chapter or section that it is in."""
    markdown = document.write(read(results), words.read(), Customization())
    markdown = re.sub(r"(?ms)^(:::+) \{\.solo-web\}.*?^\1$", "", markdown)
    found, title, counts = {}, "", {"fig": 0, "tbl": 0}
    for line in markdown.splitlines():
        if heading := re.match(r"##? (.+?) \{#", line):
            title = heading[1].replace("*", "")
        if named := re.match(r"::: \{#(fig|tbl)-", line):
            counts[named[1]] += 1
            noun = "Figura" if named[1] == "fig" else "Tabla"
            found[f"{noun} {counts[named[1]]}."] = title
    return found


def places(reader: PdfReader) -> tuple[dict[str, Place], dict[str, Place]]:
    """Return where each section starts, by title without number, and where each caption is."""
    pages = [
        [
            " ".join(line.split())
            for line in page.extract_text(extraction_mode="layout").splitlines()
        ]
        for page in reader.pages
    ]
    starts: dict[str, Place] = {}

    def walk(items: list[Any]) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
                continue
            page = reader.get_destination_page_number(item)
            title = re.sub(r"^[\dA-Z.]+\s+", "", item.title)
            assert page is not None
            begins = [line for line, said in enumerate(pages[page]) if title[:24] in said]
            starts.setdefault(title, (page, min(i for i in begins if i > 0)))  # 0: header

    walk(reader.outline)
    shown = {
        f"{caption[1]} {caption[2]}.": (page, line)
        for page, lines in reversed(list(enumerate(pages)))
        for line, said in reversed(list(enumerate(lines)))
        if (caption := re.match(r"(Figura|Tabla) (\d+)\. ", said))
    }
    return starts, shown


@pytest.mark.parametrize("sample", ["whole", "full"])
def test_no_float_is_above_its_heading(
    rendered: Callable[[str], Rendered], results_folder: Callable[[str], Path], sample: str
) -> None:
    reader = PdfReader(rendered(sample).pdf)
    starts, shown = places(reader)
    sections = order(results_folder(sample))
    assert set(shown) <= set(sections)
    assert len(shown) > 20
    starts["Resumen"] = (0, 0)  # on the cover, and not in the outline
    over = {name: sections[name] for name in shown if shown[name] < starts[sections[name]]}
    assert over == {}
