"""What pandoc makes is kept between renders, and definitions are found where there are any."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from report.customization import Customization
from report.language import words
from report.pandoc.convert import convert

WORDS = words.read()
MARKDOWN = "@fig-a y un libro [@uno].\n\n::: {#fig-a}\n![Una curva](figures/a.svg)\n\nPie.\n:::\n"
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 60"/>'
BOOK = "@book{{uno, title = {{{}}}, author = {{A. Uno}}, year = 2001}}"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Output format of each run of pandoc."""
    formats: list[str] = []
    run = subprocess.run

    def counted(command: list[str], **options: Any) -> Any:
        formats.append(command[command.index("--to") + 1])
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    return formats


def test_a_conversion_is_kept_until_something_that_it_reads_changes(
    tmp_path: Path, runs: list[str]
) -> None:
    own = tmp_path / "own"
    for folder in ("figures", "datos", "own"):
        (tmp_path / folder).mkdir()
    figure, book = tmp_path / "figures" / "a.svg", own / "referencias.bib"
    figure.write_text(FIGURE.format(90))
    book.write_text(BOOK.format("Primero"))

    def html(markdown: str = MARKDOWN, site: str | None = None) -> str:
        cache = tmp_path / "cache"
        made = convert(markdown, "html5", tmp_path, WORDS, Customization(own), site, cache=cache)
        assert len(list(cache.rglob("*"))) == 2  # a folder with a file
        return made

    assert html() == html()
    assert "Primero" in html()
    assert runs == ["html5"]
    figure.write_text(FIGURE.format(75))
    assert 'width="100"' in html()
    book.write_text(BOOK.format("Segundo"))
    assert "Segundo" in html()
    (tmp_path / "datos" / "a.csv").touch()
    assert "datos/a.csv" in html()
    assert "Curva" in html(MARKDOWN.replace("Una curva", "Curva"))
    html(site="https://example.org/")
    assert runs == ["html5"] * 6


@pytest.mark.parametrize(
    "markdown",
    [
        "Término\n\n:   Su definición",
        "Término\n~ Su definición",
        "- Uno\n\n  Término\n  : Su definición",
        "> Término\n>\n> :\tSu definición",
    ],
)
def test_definitions_are_found(tmp_path: Path, markdown: str) -> None:
    html = convert(markdown, "html5", tmp_path, WORDS, Customization(), None)
    assert "<dt>Término</dt>" in html
    assert "Su definición" in html
