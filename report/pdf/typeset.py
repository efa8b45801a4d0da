"""Typeset the PDF: pandoc's Typst output in our template, compiled in process."""

import datetime
import json
import re
import shutil
from pathlib import Path
from typing import Any

import typst

from pipeline.results.reproducible import copy_without_wall_clock
from report.customization import Customization
from report.errors import ReportError
from report.figures.font_coverage import drawable, fallback_fonts
from report.language.words import Words
from report.pandoc.error_lines import explain_typst
from report.paths import FONTS
from report.queries.cover import Cover
from report.queries.results import Results

SOURCE = "informe.typ"

INVISIBLE_CODE = re.compile(
    r'(#(?:link|escuchable)\("(?:[^"\\]|\\.)*"|(?<!\\)<[\w.:-]+>|label\("(?:[^"\\]|\\.)*"\))'
)
"""Typst code of link targets and labels, which are not drawn."""

QR_CODE = re.compile(r'^#escuchable\("((?:[^"\\]|\\.)+)", "(qr/[\w-]+\.svg)"', re.MULTILINE)
"""A QR code requested by report_filter.lua: its URL and file; only at the start of a line."""


def write_inputs(
    results: Results, words: Words, cover: Cover, customization: Customization, folder: Path
) -> None:
    """Write the Typst inputs other than text and figures into `folder`: template, cover, fonts."""
    shutil.copyfile(customization.find("informe.typ"), folder / "plantilla.typ")
    copy_without_wall_clock(
        results.folder / "results.json", folder / "results.json", results.study["report"]
    )
    metadata: dict[str, Any] = {
        "stated": {
            "title": cover.title,
            "authors": cover.authors,
            "description": cover.subtitle,
        },
        "title": drawable(cover.title),
        "subtitle": drawable(cover.subtitle),
        "authors": [drawable(author) for author in cover.authors],
        "institution": cover.institution and drawable(cover.institution),
        "logo": None,
        "keywords": words.word_list("document.keywords"),
        "attached": words("document.attached"),
        "date": {
            "year": cover.date.year,
            "month": cover.date.month,
            "day": cover.date.day,
        },
        "day": cover.date_text,
        "site": cover.site,
    }
    if customization.logo is not None:
        metadata["logo"] = {
            "file": f"logo{customization.logo.suffix.lower()}",
            "alt": words("document.logo"),
        }
        shutil.copyfile(customization.logo, folder / f"logo{customization.logo.suffix.lower()}")
    (folder / "letras").mkdir()
    for font in fallback_fonts():
        shutil.copyfile(font, folder / "letras" / font.name)
    (folder / "portada.json").write_text(json.dumps(metadata), encoding="utf-8")


def compile_pdf(folder: Path, cover: Cover, body: str, customization: Customization) -> Path:
    """Compile the PDF in `folder`, which `write_inputs` has prepared, and return its path.

    The same results give the same bytes: the PDF's timestamp is the report's date.

    Args:
        body: the report as Typst, as converted by pandoc.

    Raises:
        ReportError: Typst failed or warned.
    """
    body = drawable_typst(body)
    for address, file in QR_CODE.findall(body):
        _write_qr_code(re.sub(r"\\(.)", r"\1", address), folder / file)
    (folder / SOURCE).write_text(
        f'#import "plantilla.typ": *\n#show: informe.with(json("portada.json"))\n{body}',
        encoding="utf-8",
    )
    midnight = datetime.datetime.combine(cover.date, datetime.time(), datetime.UTC)
    pdf = folder / "informe.pdf"
    compiler = typst.Compiler(
        str(folder / SOURCE), root=str(folder), font_paths=[str(FONTS), str(folder / "letras")],
        ignore_system_fonts=True,
    )  # fmt: skip
    try:
        _, warnings = compiler.compile_with_warnings(
            output=str(pdf),
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            timestamp=int(midnight.timestamp()),
        )
    except typst.TypstError as error:
        raise explain_typst(error, customization) from None
    if warnings:
        raise ReportError(f"Typst warning in the report: {warnings[0]}")
    return pdf


def drawable_typst(code: str) -> str:
    """Apply `drawable` to the text of Typst code, leaving link targets and labels unchanged."""
    parts = INVISIBLE_CODE.split(code)
    parts[::2] = map(drawable, parts[::2])
    return "".join(parts)


def _write_qr_code(address: str, path: Path) -> None:
    """Write the QR code of a URL as SVG."""
    import segno  # slow, and only needed for a report with a site

    path.parent.mkdir(exist_ok=True)
    code = segno.make(address, error="m", micro=False)
    code.save(str(path), border=0, dark="#1f2528", light=None, xmldecl=True, svgns=True)
