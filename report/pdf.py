"""The report as a PDF: pandoc's Typst, set by the project's own template, compiled in process."""

import datetime
import json
import shutil
from pathlib import Path

import typst

from pipeline.clock import copy_without_clock
from report import document
from report.figures.style import FONTS
from report.front import Front
from report.results import ReportError, Results
from report.words import TEMPLATES, Words


def prepare(results: Results, words: Words, front: Front, folder: Path) -> None:
    """Put into `folder` what every PDF of a report is made from, beside its figures."""
    shutil.copyfile(TEMPLATES / "informe.typ", folder / "plantilla.typ")
    copy_without_clock(results.folder / "results.json", folder / "results.json")
    day = front.published
    cover = {
        "title": front.title,
        "subtitle": front.subtitle,
        "authors": front.authors,
        "keywords": words.several("document.keywords"),
        "attached": words("document.attached"),
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "day": front.day,
    }
    (folder / "portada.json").write_text(json.dumps(cover), encoding="utf-8")


def build(results: Results, words: Words, front: Front, home: str, folder: Path, name: str) -> None:
    """Write NAME.pdf into a folder that `prepare` made ready.

    `home` leads from the PDF to the site's folder, for when the site has no address. The same
    results give the same bytes: the time in the file is the report's date.

    Raises:
        ReportError: a template, pandoc or Typst refused the document.
    """
    markdown = document.write(results, words, home)
    body = document.convert(markdown, "typst", folder, words, front.site or home)
    source = folder / f"{name}.typ"
    source.write_text(
        f'#import "plantilla.typ": *\n#show: informe.with(json("portada.json"))\n{body}',
        encoding="utf-8",
    )
    midnight = datetime.datetime.combine(front.published, datetime.time(), datetime.UTC)
    compiler = typst.Compiler(
        str(source), root=str(folder), font_paths=[str(FONTS)], ignore_system_fonts=True
    )
    try:
        _, warnings = compiler.compile_with_warnings(
            output=str(folder / f"{name}.pdf"),
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            timestamp=int(midnight.timestamp()),
        )
    except typst.TypstError as error:
        raise ReportError(f"Typst refused the report: {error}") from None
    if warnings:
        raise ReportError(f"Typst warns of the report: {warnings[0]}")
