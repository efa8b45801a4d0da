"""The report as a PDF: pandoc's Typst, set by the project's own template, compiled in process."""

import datetime
import json
import re
import shutil
from pathlib import Path
from typing import Any

import segno
import typst

from pipeline.results.reproducible import copy_without_wall_clock
from report.customization import Customization
from report.errors import ReportError
from report.figures.font_coverage import drawable, fallback
from report.paths import FONTS
from report.pdf.cover import Cover
from report.prose.words import Words
from report.results import Results

SOURCE = "informe.typ"
HOME = "site/"
"""Where the site is from the PDF: in the folder beside it."""

UNSEEN = re.compile(
    r'(#(?:link|escuchable)\("(?:[^"\\]|\\.)*"|(?<!\\)<[\w.:-]+>|label\("(?:[^"\\]|\\.)*"\))'
)
"""Of Typst's code, what leads somewhere or is led to; it is drawn nowhere."""

SCAN = re.compile(r'^#escuchable\("((?:[^"\\]|\\.)+)", "(qr/[\w-]+\.svg)"', re.MULTILINE)
"""Where report_filter.lua asks for a QR code, and its address; only at the start of a line."""


def prepare(
    results: Results, words: Words, cover: Cover, customization: Customization, folder: Path
) -> None:
    """Put into `folder` all that a PDF of the report is compiled from, besides figures and text."""
    shutil.copyfile(customization.find("informe.typ"), folder / "plantilla.typ")
    copy_without_wall_clock(results.folder / "results.json", folder / "results.json")
    day = cover.published
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
        "keywords": words.several("document.keywords"),
        "attached": words("document.attached"),
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "day": cover.day,
        "site": cover.site,
    }
    if customization.logo is not None:
        metadata["logo"] = {
            "file": f"logo{customization.logo.suffix.lower()}",
            "alt": words("document.logo"),
        }
        shutil.copyfile(customization.logo, folder / f"logo{customization.logo.suffix.lower()}")
    (folder / "letras").mkdir()
    for font in fallback():
        shutil.copyfile(font, folder / "letras" / font.name)
    (folder / "portada.json").write_text(json.dumps(metadata), encoding="utf-8")


def compile_(folder: Path, cover: Cover, typeset: str) -> Path:
    """The PDF, in a folder that `prepare` made ready; `typeset` is what pandoc made of the report.

    Links to sounds begin with the site's address, or with `HOME` where it has none. The same
    results give the same bytes: the time in the file is the report's date.

    Raises:
        ReportError: Typst refused the document.
    """
    body = drawable_code(typeset)
    for address, file in SCAN.findall(body):
        _scan(re.sub(r"\\(.)", r"\1", address), folder / file)
    (folder / SOURCE).write_text(
        f'#import "plantilla.typ": *\n#show: informe.with(json("portada.json"))\n{body}',
        encoding="utf-8",
    )
    midnight = datetime.datetime.combine(cover.published, datetime.time(), datetime.UTC)
    made = folder / "informe.pdf"
    # Where figures stay with their headings a layout may not settle; where they only float it does.
    for more in ({"quedan": "1"}, {}):
        compiler = typst.Compiler(
            str(folder / SOURCE), root=str(folder), font_paths=[str(FONTS), str(folder / "letras")],
            ignore_system_fonts=True, sys_inputs={"casa": cover.site or HOME} | more,
        )  # fmt: skip
        try:
            _, warnings = compiler.compile_with_warnings(
                output=str(made),
                format="pdf",
                pdf_standards=["a-3a", "ua-1"],
                timestamp=int(midnight.timestamp()),
            )
        except typst.TypstError as error:
            raise ReportError(f"Typst refused the report: {error}") from None
        if not warnings:
            return made
    raise ReportError(f"Typst warns of the report: {warnings[0]}")


def drawable_code(code: str) -> str:
    """Typst's code whose text is `drawable`; its addresses and labels stay as they are."""
    parts = UNSEEN.split(code)
    parts[::2] = map(drawable, parts[::2])
    return "".join(parts)


def _scan(address: str, path: Path) -> None:
    """Write an address as a QR code."""
    path.parent.mkdir(exist_ok=True)
    code = segno.make(address, error="m", micro=False)
    code.save(str(path), border=0, dark="#1f2528", light=None, xmldecl=True, svgns=True)
