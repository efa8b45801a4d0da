"""Check: the PDF is readable and accessible, has results.json attached and no broken links."""

import functools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pypdf import PdfReader

from report.checks.html import Page, published_url, resolve_path
from report.checks.problem import Problem
from report.paths import PDFS

REBUILD = "run latentes build again"


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield the problems of `out`/informe.pdf and of its copy in the site."""
    for where in PDFS:
        file = out / where
        try:
            yield from _missing_features(where, file)
            yield from _broken_links(where, file, out)
        except Exception as error:  # pypdf may raise anything on a broken file
            reason = " ".join(str(error).split())
            yield Problem(where, f"cannot be read ({type(error).__name__}: {reason})", REBUILD)


def _missing_features(where: str, file: Path) -> Iterator[Problem]:
    pdf = PdfReader(file)
    catalog = pdf.root_object
    if not (pdf.metadata and pdf.metadata.title):
        yield Problem(where, "has no title", "set [report] title in study.toml")
    if "/StructTreeRoot" not in catalog or "/Lang" not in catalog:
        yield Problem(where, "is not tagged for screen readers", REBUILD)
    if "results.json" not in pdf.attachments:
        yield Problem(where, "results.json is not attached", REBUILD)
    for element in _structure_elements(catalog.get("/StructTreeRoot")):
        if element.get("/S") == "/Figure" and not element.get("/Alt"):
            yield Problem(where, "a figure has no text alternative", REBUILD)


def _structure_elements(node: object) -> Iterator[dict[str, object]]:
    """Yield the elements of a PDF's structure tree, depth first."""
    stack = [node]
    while stack:
        entry = stack.pop()
        entry = entry.get_object() if hasattr(entry, "get_object") else entry
        if isinstance(entry, list):
            stack.extend(entry)
        elif isinstance(entry, dict):
            yield entry
            if "/K" in entry:
                stack.append(entry["/K"])


def _broken_links(where: str, file: Path, out: Path) -> Iterator[Problem]:
    """Yield links into the site, by its URL or by relative path, that have no target."""
    site, site_url = (out / "site").resolve(), published_url(out)
    page = functools.cache(Page)
    for link in sorted(link_urls(file)):
        if site_url and f"{link}/".startswith(f"{site_url}/"):
            relative, base = link.removeprefix(site_url).lstrip("/"), site
        elif _scheme(link) in ("http", "https"):
            continue
        elif _scheme(link) != "":
            yield Problem(where, f'"{link}" is not a web address', REBUILD)
            continue
        else:
            relative, base = link, file.parent.resolve()
        path, _, fragment = relative.partition("#")
        target = resolve_path(path, base)
        if target == site:
            target = site / "index.html"
        if target is None or not (target.is_relative_to(site) and target.is_file()):
            yield Problem(where, f'broken link "{link}": no such page', REBUILD)
        elif fragment and target.suffix == ".html" and unquote(fragment) not in page(target).ids:
            yield Problem(where, f'broken link "{link}": no such id on that page', REBUILD)


def _scheme(link: str) -> str | None:
    """Return the scheme of a URL, such as http; None if it is not a URL."""
    try:
        return urlsplit(link).scheme
    except ValueError:
        return None


def link_urls(file: Path) -> set[str]:
    """Return the targets of a PDF's links, except links within the PDF."""
    urls = set()
    for page in PdfReader(file).pages:
        for annotation in page.get("/Annots", ()):
            action = annotation.get_object().get("/A")  # links within the PDF have none
            if action is not None and "/URI" in action.get_object():
                urls.add(str(action.get_object()["/URI"]))
    return urls
