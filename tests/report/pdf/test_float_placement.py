"""Figures and tables stay in their chapter, near where the text first mentions them."""

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
    """Map each caption to the title of the chapter that it is in."""
    found: dict[str, str] = {}
    chapter, counts, divs = "", {"fig": 0, "tbl": 0}, [False]
    for line in document.write(read(results), words.read(), Customization()).splitlines():
        if re.match(r":::+ *\{", line):
            divs.append(divs[-1] or "{.solo-web}" in line)
        elif re.fullmatch(r":::+", line):
            divs.pop()
        if divs[-1]:
            continue
        if heading := re.match(r"# (.+?) \{#", line):
            chapter = heading[1].replace("*", "")
        if named := re.match(r":::+ \{#(fig|tbl)-", line):
            counts[named[1]] += 1
            noun = "Figura" if named[1] == "fig" else "Tabla"
            found[f"{noun} {counts[named[1]]}."] = chapter
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


@pytest.mark.parametrize("sample", ["whole", "full", "families"])
def test_floats_stay_in_their_chapter(
    rendered: Callable[[str], Rendered], results_folder: Callable[[str], Path], sample: str
) -> None:
    reader = PdfReader(rendered(sample).pdf)
    starts, shown = places(reader)
    chapters = order(results_folder(sample))
    assert set(shown) == set(chapters)
    assert len(shown) > 20
    starts["Resumen"] = (0, 0)  # on the cover, and not in the outline
    titles = [str(item.title) for item in reader.outline if not isinstance(item, list)]
    begun = sorted(starts[re.sub(r"^[\dA-Z.]+\s+", "", title)] for title in titles)
    for name, place in shown.items():
        start = starts[chapters[name]]
        assert start <= place, f"{name} is above its chapter"
        assert place < min((other for other in begun if other > start), default=(999, 0)), (
            f"{name} is below the next chapter"
        )


@pytest.mark.parametrize("sample", ["whole", "families"])
def test_figures_are_near_their_first_mention(
    rendered: Callable[[str], Rendered], sample: str
) -> None:
    reader = PdfReader(rendered(sample).pdf)
    _, shown = places(reader)
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    for name, (page, _) in shown.items():
        if name.startswith("Figura"):
            mention = re.compile(rf"figuras? {name[7:-1]}\b")
            first = next(number for number, said in enumerate(pages) if mention.search(said))
            assert abs(page - first) <= 2, name
