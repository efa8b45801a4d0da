"""Chapters of the user's own: what Pandoc's Markdown has, and what is wrong in one line."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.image import imsave
from pypdf import PdfReader

from report.customization import CHAPTERS, Customization
from report.errors import ReportError
from report.language import words
from report.pandoc.convert import convert
from report.pdf import typeset
from report.prose import document
from report.queries.cover import make_cover
from report.queries.results import read
from report.render import copy_pictures

WORDS = words.read()
TABLE = "| a | b |\n|---|--:|\n| uno | 2 |\n"
LONG = "| Canción | Duración |\n|---|---:|\n" + "".join(
    f"| Número {k} | {k},5 |\n" for k in range(1, 91)
)
CHAPTER = f"""# Mía {{#sec-mia .pagina}}

{TABLE}
: Tabla *corta*

{TABLE}
{LONG}
: Tabla larga {{#tbl-larga}}

![Un pie de *figura*](mi foto.png){{#fig-foto alt="lo que se ve" width=40%}}

![Otra](mi%20foto.png)

Véanse la @tbl-larga[ (la @fig-foto)]{{.opcional}}[ (@fig-nada)]{{.opcional}}, y la @fig-foto;
vale $x^2$.

$$\\sum_k a_k$$

En línea: ![un gráfico](mi foto.png){{width=1cm}}

::: aviso
- [ ] pendiente
:::

***
"""


@pytest.fixture
def chapter(tmp_path: Path) -> Callable[[str | bytes], Customization]:
    """A folder of templates with a chapter and a picture beside it."""

    def of(text: str | bytes, bibliography: bytes | None = None) -> Customization:
        folder = tmp_path / "propias"
        folder.mkdir(exist_ok=True)
        content = text if isinstance(text, bytes) else text.encode()
        (folder / "mia.md").write_bytes(content)
        imsave(folder / "mi foto.png", [[0.0, 1.0], [1.0, 0.0]])
        (folder / "rota.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        books = tmp_path / "libros.bib"
        books.write_bytes(bibliography or b"")
        own = books if bibliography else None
        return Customization(folder, own, report_settings={"chapters": ["mia"]})

    return of


def test_pandocs_markdown_becomes_the_reports(chapter: Any, tmp_path: Path) -> None:
    html = convert(CHAPTER, "html5", _with_pictures(chapter(CHAPTER), tmp_path), WORDS,
                   chapter(CHAPTER), None, "--mathml")  # fmt: skip
    said = re.sub(r"<[^>]*>", "", html)
    for phrase in ("Tabla\u00a01. Tabla corta", "Tabla\u00a02. Tabla larga",
                   "Figura\u00a01. Un pie de figura", "Figura\u00a02. Otra",
                   "Véanse la tabla\u00a02 (la figura\u00a01), y la figura\u00a01;"):  # fmt: skip
        assert phrase in said
    assert (
        '<img class="propia" src="mi%20foto.png" width="2" height="2" alt="lo que se ve">' in html
    )
    assert "style=" not in html


def _with_pictures(customization: Customization, folder: Path) -> Path:
    copy_pictures(customization, CHAPTER, folder)
    return folder


def test_the_pdf_of_an_own_chapter(
    chapter: Any, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    customization, work = chapter(CHAPTER), tmp_path / "work"
    work.mkdir()
    results = read(results_folder("small"))
    cover = make_cover(results, WORDS)
    typeset.write_inputs(results, WORDS, cover, customization, work)
    body = convert(
        CHAPTER, "typst", _with_pictures(customization, work), WORDS, customization, None
    )
    pdf = typeset.compile_pdf(work, cover, body, customization)  # PDF/UA-1, or an error
    reader = PdfReader(io.BytesIO(pdf.read_bytes()))
    rows: list[list[str]] = []
    for page in reader.pages:
        rows.append(re.findall(r"Número \d+", page.extract_text()))
    assert sum(map(len, rows)) == 90
    assert sum(map(bool, rows)) in {2, 3}
    assert max(map(len, rows)) < 60
    nodes: list[Any] = [reader.get_object(k) for k in range(1, len(reader.xref[0]) + 1)]
    formulas = [node for node in nodes if isinstance(node, dict) and node.get("/S") == "/Formula"]
    assert sorted(str(node["/Alt"]) for node in formulas) == ["\\sum_k a_k", "x^2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n![x](nada.png)", r"mia\.md:2: there is no picture nada\.png beside the chapters"),
        ("\n\n![x](rota.png)", r"mia\.md:3: the image rota\.png cannot be read"),
        ("\n\n![](rota.png)", r"mia\.md:3: the image rota\.png has no alt text"),
        ("uno\n\nVale $\\foo{3}$.", r"mia\.md:3: the formula \\foo\{3\} .*unexpected control"),
        ("\nVer @fig-grupos.", r"mia\.md:2: @fig-grupos is defined in .*exploracion\.md:\d+, whi"),
        ("::: nota\nuno", r"mia\.md:1: Div unclosed"),
        ("\n[^1]: Nota", r"mia\.md:2: Note .* not used"),
        ("# A {#sec-a}\n# B {#sec-a}", r"mia\.md:1: the id #sec-a is used twice"),
        ('\n[x]{alt="y"}', r"mia\.md:2: alt must be on a single formula"),
    ],
)
def test_what_is_wrong_in_a_chapter_is_one_line(
    chapter: Any, tmp_path: Path, text: str, message: str
) -> None:
    customization = chapter(text)
    copy_pictures(customization, text, tmp_path)
    with pytest.raises(ReportError, match=message) as error:
        convert(text, "html5", tmp_path, WORDS, customization, None, "--mathml")
    assert "lua" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "bibliography", "message"),
    [
        ("uno\nVale ñ.".encode("latin-1"), None, r"mia\.md:2: not UTF-8 \(byte 0xF1\); save"),
        ("[@a]", "\n@book{a, title={ñ}}".encode("latin-1"), r"libros\.bib:2: not UTF-8"),
        ("[@a]", b"\n@book{a title={x}}", r"libros\.bib:2: not BibTeX: unexpected"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    chapter: Any, tmp_path: Path, text: str | bytes, bibliography: bytes | None, message: str
) -> None:
    def check_and_convert() -> None:
        customization = chapter(text, bibliography)
        customization.files  # noqa: B018 (checks them)
        convert(str(text), "html5", tmp_path, WORDS, customization, None)

    with pytest.raises(ReportError, match=message) as error:
        check_and_convert()
    assert "lua" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# A\n\n### C", r"mia\.md:3: C: .*skipped from heading level 1 to 3"),
        ("# A\n\n[x](#nada)", r"mia\.md:3: nothing in the report has the id #nada"),
        ("# A\n\n![x](rota.png)", r"mia\.md:3: rota\.png: failed to decode image"),
    ],
)
def test_what_typst_rejects_is_one_line(
    chapter: Any, results_folder: Callable[[str], Path], tmp_path: Path, text: str, message: str
) -> None:
    customization, work = chapter(text), tmp_path / "work"
    work.mkdir()
    results = read(results_folder("small"))
    cover = make_cover(results, WORDS)
    typeset.write_inputs(results, WORDS, cover, customization, work)
    copy_pictures(customization, text, work)
    body = convert(text, "typst", work, WORDS, customization, None)
    with pytest.raises(ReportError, match=message):
        typeset.compile_pdf(work, cover, body, customization)


@pytest.mark.parametrize(
    "chapters",
    [["generar"], ["apendice", "codificar"], ["resumen", "codificar"], ["generar", "resumen"] * 2,
     list(reversed(CHAPTERS))],
)  # fmt: skip
def test_any_choice_of_chapters_in_any_order(
    results_folder: Callable[[str], Path], tmp_path: Path, chapters: list[str]
) -> None:
    customization = Customization(report_settings={"chapters": chapters})
    markdown = document.write(read(results_folder("full")), WORDS, customization)
    typst = convert(markdown, "typst", tmp_path, WORDS, customization, None)
    assert ("<tbl-excluidos>, supplement" in typst) == ({"codificar", "apendice"} <= set(chapters))


def test_a_pdf_leads_to_pages_of_the_site_only_at_its_address(tmp_path: Path) -> None:
    def typst(site: str | None) -> str:
        return convert(
            "Una [prueba](prueba.html).", "typst", tmp_path, WORDS, Customization(), site
        )

    assert typst(None) == "Una prueba.\n"
    assert typst("https://ejemplo.org/") == (
        'Una #link("https://ejemplo.org/prueba.html")[prueba].\n'
    )
