"""Customized reports: templates, chapters, cover, bibliography, and errors in them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from report.customization import CHAPTERS, Customization
from report.errors import ReportError
from report.language import words
from report.pandoc.convert import convert
from report.prose import document
from report.queries.results import read
from report.render import render

Folder = Callable[[str], Path]
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">'
    '<rect width="30" height="10" fill="#804020"/></svg>'
)
CHAPTER = """# Nuestra mirada {#sec-nuestra .pagina}

La SNR es de {{ num("reconstruction.propia.9184.snr") }} [@nuestra2026].
{% claim "nuestra", above([number("reconstruction.propia.9184.snr")], [9184], 0) %}
all: Es mejor que el silencio.
none: No es mejor que el silencio.

La @fig-comparacion lo muestra.
"""
BOOK = """@book{nuestra2026,
  author = {Pérez, Ana}, title = {Mirar la música}, publisher = {Editorial}, year = {2026}
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of templates that replaces the summary and adds a chapter."""
    customization = tmp_path / "propias"
    customization.mkdir()
    (customization / "resumen.md").write_text(
        "::: {.resumen}\nUn resumen propio.\n:::\n", encoding="utf-8"
    )
    (customization / "nuestra.md").write_text(CHAPTER, encoding="utf-8")
    (customization / "words.toml").write_text(
        '[genres]\ntango = "tango rioplatense"\n', encoding="utf-8"
    )
    (tmp_path / "libros.bib").write_text(BOOK, encoding="utf-8")
    (tmp_path / "emblema.svg").write_text(LOGO, encoding="utf-8")
    return customization


def report_settings(**settings: Any) -> dict[str, Any]:
    return {"title": "Nuestro estudio", "institution": "Universidad de Ejemplo", **settings}


def test_full_customization(results_folder: Folder, folder: Path, tmp_path: Path) -> None:
    chapters = ["resumen", "introduccion", "nuestra", "codificar", "comparacion", "referencias"]
    customization = Customization(
        folder,
        tmp_path / "libros.bib",
        tmp_path / "emblema.svg",
        report_settings(chapters=chapters),
    )
    made = render(results_folder("small"), tmp_path / "out", customization)
    reader = PdfReader(made.pdf)
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for phrase in (
        "Nuestro estudio", "Universidad de Ejemplo", "Un resumen propio.", "Nuestra mirada",
        "Es mejor que el silencio.", "(Pérez, 2026)", "Mirar la música", "tango rioplatense",
    ):  # fmt: skip
        assert phrase in text
    assert "Qué contienen los vectores" not in text
    assert "Conclusiones" not in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Nuestro estudio"
    page = (made.site / "informe-nuestra.html").read_text(encoding="utf-8")
    assert 'title="reconstruction.propia.9184.snr"' in page


def converted(results: Path, customization: Customization, folder: Path) -> str:
    markdown = document.write(read(results), words.read(), customization)
    return convert(markdown, "typst", folder, words.read(), customization, None)


@pytest.mark.parametrize("sample", ["small", "families"])
@pytest.mark.parametrize("missing", CHAPTERS)
def test_any_chapter_can_be_left_out(
    results_folder: Folder, tmp_path: Path, sample: str, missing: str
) -> None:
    customization = Customization(
        report_settings={"chapters": [name for name in CHAPTERS if name != missing]}
    )
    assert converted(results_folder(sample), customization, tmp_path)


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ('uno\n{{ num("reconstruction.propia.9184.snt") }}', r"nuestra\.md:2: .*is .*9184\.snr"),
        ("uno\n\n{{ familis }}", r"nuestra\.md:3: .*nearest is families"),
        ("{{ data.clips | listin }}", r"nuestra\.md:1: .*nearest is listing"),
        ("\n{{ data.clip }}", r"nuestra\.md:2: .*nearest is clips"),
        ('\n{% include "dato.md" %}', r"nuestra\.md:2: .*nearest is datos\.md"),
        ("\n\nVer la @fig-comparasion.", r"nuestra\.md:3: .*nearest is fig-comparacion"),
        (
            "\nVer [-@sec-arquitectura; -@sec-entrenamiento].",
            r"nuestra\.md:2: the range from @sec-arquitectura must have figures only",
        ),
        (
            "\nVer [-@fig-comparacion; -@tbl-fidelidad].",
            r"nuestra\.md:2: the range from @fig-comparacion must have figures only",
        ),
        ("\nDice [@bergstra2012].", r"nuestra\.md:2: .*nearest is bergstra2011"),
    ],
)
def test_error_gives_location_and_nearest_name(
    results_folder: Folder, folder: Path, tmp_path: Path, chapter: str, message: str
) -> None:
    (folder / "nuestra.md").write_text(chapter, encoding="utf-8")
    customization = Customization(folder, report_settings={"chapters": [*CHAPTERS, "nuestra"]})
    with pytest.raises(ReportError, match=message):
        converted(results_folder("small"), customization, tmp_path)


def test_unknown_chapter_suggests_the_nearest(folder: Path) -> None:
    with pytest.raises(ReportError, match=r"no template nuestras\.md; the nearest is nuestra"):
        Customization(folder, report_settings={"chapters": ["nuestras"]}).chapters()


@pytest.mark.parametrize("what", ["templates", "bibliography", "logo"])
def test_missing_file_is_named(results_folder: Folder, tmp_path: Path, what: str) -> None:
    customization = replace(Customization(), **{what: tmp_path / "nada"})  # type: ignore[arg-type]
    with pytest.raises(ReportError, match=r"nada: no such (file|folder)"):
        render(results_folder("small"), tmp_path / "out", customization)
