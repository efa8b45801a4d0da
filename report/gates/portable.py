"""Gate: the PDF is whole, accessible and carries its numbers."""

from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PdfReadError

from report.gates.problem import Problem

MEND = "build again"


def problems(out: Path) -> Iterator[Problem]:
    """What `out`/informe.pdf and the site's copy of it lack."""
    for file in (out / "informe.pdf", out / "site" / "informe.pdf"):
        where = file.relative_to(out).as_posix()
        try:
            yield from _lacks(where, file)
        except (PdfReadError, OSError, ValueError) as error:
            yield Problem(where, f"cannot be read ({error})", MEND)


def _lacks(where: str, file: Path) -> Iterator[Problem]:
    pdf = PdfReader(file)
    catalog = pdf.root_object
    if not (pdf.metadata and pdf.metadata.title):
        yield Problem(where, "has no title", "give [report] title in study.toml")
    if "/StructTreeRoot" not in catalog or "/Lang" not in catalog:
        yield Problem(where, "is not tagged for screen readers", MEND)
    if "results.json" not in pdf.attachments:
        yield Problem(where, "does not carry results.json", MEND)
    for element in _structure(catalog.get("/StructTreeRoot")):
        if element.get("/S") == "/Figure" and not element.get("/Alt"):
            yield Problem(where, "a figure has no text alternative", MEND)


def _structure(node: object) -> Iterator[dict[str, object]]:
    """All elements of a PDF's structure tree, depth first."""
    waiting = [node]
    while waiting:
        entry = waiting.pop()
        entry = entry.get_object() if hasattr(entry, "get_object") else entry
        if isinstance(entry, list):
            waiting.extend(entry)
        elif isinstance(entry, dict):
            yield entry
            if "/K" in entry:
                waiting.append(entry["/K"])
