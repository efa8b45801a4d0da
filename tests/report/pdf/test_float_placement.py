"""Figures and tables never stand over the heading that they come after."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from report.customization import Customization
from report.prose import document, words
from report.render import Rendered
from report.results import read

Place = tuple[int, int]
"""A page, and a line of it."""


def order(results: Path) -> dict[str, str]:
    """The caption of each figure and table, and the title of the chapter or section it is in."""
    markdown = document.write(read(results), words.read(), Customization())
    markdown = re.sub(r"(?ms)^::: \{\.solo-web\}.*?^:::$", "", markdown)
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
    """Where each section begins, by its title without number, and each caption."""
    pages = [
        [
            " ".join(line.split())
            for line in page.extract_text(extraction_mode="layout").splitlines()
        ]
        for page in reader.pages
    ]
    begun: dict[str, Place] = {}

    def walk(items: list[Any]) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
                continue
            page = reader.get_destination_page_number(item)
            title = re.sub(r"^[\dA-Z.]+\s+", "", item.title)
            assert page is not None
            begins = [line for line, said in enumerate(pages[page]) if title[:24] in said]
            begun.setdefault(title, (page, min(i for i in begins if i > 0)))  # not the page's head

    walk(reader.outline)
    shown = {
        f"{caption[1]} {caption[2]}.": (page, line)
        for page, lines in reversed(list(enumerate(pages)))
        for line, said in reversed(list(enumerate(lines)))
        if (caption := re.match(r"(Figura|Tabla) (\d+)\. ", said))
    }
    return begun, shown


@pytest.mark.parametrize("sample", ["whole", "full"])
def test_nothing_stands_over_its_own_heading(
    rendered: Callable[[str], Rendered], results_folder: Callable[[str], Path], sample: str
) -> None:
    reader = PdfReader(rendered(sample).pdf)
    begun, shown = places(reader)
    sections = order(results_folder(sample))
    assert set(shown) <= set(sections)
    assert len(shown) > 40
    over = {name: sections[name] for name in shown if shown[name] < begun[sections[name]]}
    assert over == {}
