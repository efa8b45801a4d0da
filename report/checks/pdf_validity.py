"""Gate: the PDF is whole, accessible, carries its numbers, and its links lead somewhere."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pypdf import PdfReader

from report.checks.html import Page, target_of
from report.checks.problem import Problem
from report.paths import PDFS

MEND = "build again"


def find_problems(out: Path) -> Iterator[Problem]:
    """What `out`/informe.pdf and the site's copy of it lack."""
    for where in PDFS:
        file = out / where
        try:
            yield from _lacks(where, file)
            yield from _links(where, file, out)
        except Exception as error:  # a broken PDF makes its reader fail in any way
            why = " ".join(str(error).split())
            yield Problem(where, f"cannot be read ({type(error).__name__}: {why})", MEND)


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


def _links(where: str, file: Path, out: Path) -> Iterator[Problem]:
    """Links into the site, by its address or by where the PDF lies, that it does not have."""
    site, stated = (out / "site").resolve(), _address(out)
    page = functools.cache(Page)
    for link in sorted(addresses(file)):
        if stated and f"{link}/".startswith(f"{stated}/"):
            inside, base = link.removeprefix(stated).lstrip("/"), site
        elif _scheme(link) in ("http", "https"):
            continue
        elif _scheme(link) != "":
            yield Problem(where, f'"{link}" is no address of the web', MEND)
            continue
        else:
            inside, base = link, file.parent.resolve()
        path, _, part = inside.partition("#")
        target = target_of(path, base)
        if target == site:
            target = site / "index.html"
        if target is None or not (target.is_relative_to(site) and target.is_file()):
            yield Problem(where, f'"{link}" leads nowhere', MEND)
        elif part and target.suffix == ".html" and unquote(part) not in page(target).ids:
            yield Problem(where, f'"{link}": no such place on that page', MEND)


def _scheme(link: str) -> str | None:
    """What an address begins with, as in http; None for what is no address."""
    try:
        return urlsplit(link).scheme
    except ValueError:
        return None


def addresses(file: Path) -> set[str]:
    """Where the links of a PDF lead, those within it aside."""
    found = set()
    for page in PdfReader(file).pages:
        for each in page.get("/Annots", ()):
            action = each.get_object().get("/A")  # a place of the same PDF has none
            if action is not None and "/URI" in action.get_object():
                found.add(str(action.get_object()["/URI"]))
    return found


def _address(out: Path) -> str | None:
    """The site's address as the study states it, without its last slash."""
    facts = json.loads((out / "results" / "results.json").read_text(encoding="utf-8"))
    site = facts["study"]["report"]["site"]
    return site.rstrip("/") if site else None
