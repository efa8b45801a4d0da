"""The Markdown document: escaping, and errors with file and line."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.customization import Customization
from report.errors import ReportError
from report.language import words
from report.pandoc.convert import convert
from report.paths import TEMPLATES
from report.prose import document, markdown_writer
from report.queries.results import read

WORDS = words.read()
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@settings(max_examples=8, deadline=None)
@given(st.lists(TEXT, min_size=20, max_size=20))
def test_names_are_escaped(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    folder = tmp_path_factory.getbasetemp()
    table = ["| a |", "|---|", *(f"| {markdown_writer.escape(name)} |" for name in names)]
    page = convert("\n".join(table), "json", folder, WORDS, Customization(), None)
    rows = json.loads(page)["blocks"][0]["c"][4][0][3]
    assert [cell_text(row) for row in rows] == names


def cell_text(row: Any) -> str:
    (plain,) = row[1][0][4]
    assert {inline["t"] for inline in plain["c"]} <= {"Str"}
    return "".join(inline["c"] for inline in plain["c"])


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of the templates for a test to edit."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def written(results: Path, templates: Path, chapter: str) -> str:
    (templates / "informe.md").write_text(chapter, encoding="utf-8")
    return document.write(read(results), WORDS, Customization(templates))


@pytest.mark.parametrize("sample", ["whole", "full", "small", "families", "constant"])
def test_nothing_is_escaped_twice(results_folder: Callable[[str], Path], sample: str) -> None:
    text = document.write(read(results_folder(sample)), WORDS, Customization())
    assert re.findall(r".*(?:\\\\|&amp;|&lt;).*", text) == []


def test_numbers_have_provenance(results_folder: Callable[[str], Path], templates: Path) -> None:
    said = written(
        results_folder("whole"), templates, '{{ num("training.classic.9184.best_epoch") }}'
    )
    named = r'\[32\]\{\.n numero="training\\\.classic\\\.9184\\\.best\\_epoch" paso="p\d+"\}'
    assert re.fullmatch(named, said)


@pytest.mark.parametrize(
    ("sample", "expression", "said"),
    [
        ("whole", '"classic" | networks', "las redes"),
        ("families", '"adaptive" | networks', "las redes de la familia adaptativa"),
        ("whole", '[1] | plural("sube", "suben")', "sube"),
        ("whole", '[1, 2] | plural("sube", "suben")', "suben"),
        ("whole", "[1, 2] | at_every_size", "con todos los tamaños"),
        ("whole", '"classic" | in_family', "Aquí"),
        ("families", '"classic" | in_family', "En la familia convolucional"),
        ("whole", '["kad", "pulse"] | map("word", "scores") | join_values(" | ")', "KAD | Pulso"),
        (
            "whole",
            'which([], [3, 2, 1], [True, False, True]) | by_size("sube", "baja", "no cambia")',
            "sube con 3 y 1 números y baja con 2",
        ),
        (
            "whole",
            'which([], [3, 2], [False, False]) | by_size("sube", "baja", "no cambia")',
            "baja con todos los tamaños",
        ),
        (
            "whole",
            'which([], [3], [True]) | by_size("sube", "baja", "no cambia")',
            "sube con el tamaño estudiado",
        ),
    ],
)
def test_phrases_agree_with_what_they_count(
    results_folder: Callable[[str], Path], templates: Path, sample: str, expression: str, said: str
) -> None:
    assert written(results_folder(sample), templates, "{{ " + expression + " }}") == said


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ('uno\n{{ num("reconstruction.classic.9184.snt") }}', r"informe\.md:2: .*9184\.snr"),
        ("uno\n\n{{ nada }}", r"informe\.md:3: 'nada' is undefined"),
        ("uno\n{% if %}", r"informe\.md:2: "),
        ("{{ data.seconds }}", r"informe\.md:1: cannot print 5\.0"),
        ("{{ results.computed | dat }}", r"informe\.md:1: .*dat"),
        ('{% include "nada.md" %}', r"informe\.md:1: .*nada\.md"),
    ],
)
def test_template_error_gives_file_and_line(
    results_folder: Callable[[str], Path], templates: Path, chapter: str, message: str
) -> None:
    with pytest.raises(ReportError, match=message):
        written(results_folder("whole"), templates, chapter)


def test_missing_wording_gives_file_and_line(
    results_folder: Callable[[str], Path], templates: Path
) -> None:
    chapter = (
        '\n{% claim "a", above([number("reconstruction.classic.9184.snr")], [9184], 0) %}\nnone:\n'
    )
    message = r'informe\.md:2: the claim "a" has the outcome "all" .*classic\.9184\.snr = 11\.8978'
    with pytest.raises(ReportError, match=message):
        written(results_folder("whole"), templates, chapter)


TABLE = "\n\n::: {#tbl-a}\nLeyenda.\n\n| a |\n|---|\n| 1 |\n:::\n"


@pytest.mark.parametrize("to", ["html5", "typst"])
@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("Ver la @tbl-b y la @tbl-a." + TABLE, "called @tbl-b; the nearest is tbl-a"),
        ("Ver la @tbl-a." + TABLE + TABLE, "the id #tbl-a is used twice"),
        ("Nada." + TABLE, "nothing refers to #tbl-a"),
        ("::: {#fig-a}\n![](figures/a.svg)\n\nLeyenda.\n:::\n\n@fig-a", "has no alt text"),
        ("::: {#fig-a}\n![Algo](figures/a.svg)\n:::\n\n@fig-a", "has no caption"),
        ("::: {#fig-a}\nNada.\n:::\n\n@fig-a", "has no image"),
        ("::: {#tbl-a}\nNada.\n:::\n\n@tbl-a", "has no table"),
        ("![](a.flac)", "has no alt text"),
        ("# Uno {#sec-a}\n\n# Dos {#sec-a}", "sec-a"),
        ("[x][nada]\n\n[nada]: a\n[nada]: b", "nada"),
    ],
)
def test_a_wrong_document_is_refused(tmp_path: Path, to: str, markdown: str, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        convert(markdown, to, tmp_path, WORDS, Customization(), None)


def test_references_are_numbered_in_both_outputs(tmp_path: Path) -> None:
    markdown = "# Uno {#sec-uno}\n\n## Dos {#sec-dos}\n\nLa @tbl-a, el @sec-dos, [-@tbl-a]." + TABLE
    html = convert(markdown, "html5", tmp_path, WORDS, Customization(), None)
    assert '<a href="#tbl-a">tabla\u00a01</a>' in html
    assert '<a href="#sec-dos">apartado\u00a01.1</a>' in html
    assert '<a href="#tbl-a">1</a>.' in html
    typst = convert(markdown, "typst", tmp_path, WORDS, Customization(), None)
    assert "#ref(<tbl-a>, supplement: [tabla])" in typst
    assert "#ref(<tbl-a>, supplement: none)" in typst


def test_blocks_for_one_output(tmp_path: Path) -> None:
    markdown = "::: {.solo-pdf}\npapel\n:::\n\n::: {.solo-web}\npantalla\n:::"
    assert convert(markdown, "html5", tmp_path, WORDS, Customization(), None) == "<p>pantalla</p>\n"
    assert convert(markdown, "typst", tmp_path, WORDS, Customization(), None).strip() == "papel"
    words = "uno [papel]{.solo-pdf}"
    assert "papel" not in convert(words, "html5", tmp_path, WORDS, Customization(), None)
    typst = convert(words, "typst", tmp_path, WORDS, Customization(), None)
    assert typst.strip() == "uno papel"


def test_a_long_table_may_break(tmp_path: Path) -> None:
    rows = "| 1 |\n" * 30
    markdown = "@tbl-a\n\n::: {#tbl-a}\nL.\n\n| a |\n|---|\n" + rows + ":::\n"
    assert "#larga[" in convert(markdown, "typst", tmp_path, WORDS, Customization(), None)
    assert "#larga[" not in convert(
        "@tbl-a" + TABLE, "typst", tmp_path, WORDS, Customization(), None
    )
