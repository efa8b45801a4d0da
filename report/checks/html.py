"""Check: pages are valid HTML, links resolve, images and players have text alternatives."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from report.checks.problem import Problem

LOADED_ATTRIBUTES = ("src", "poster", "srcset", "data")
"""Attributes with URLs that a browser loads without a click."""
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
LABEL_ATTRIBUTES = ("aria-label", "aria-labelledby")
REBUILD = "fix its template, or run latentes build again"


class Page:
    """A page parsed as browsers do: its elements, ids and parse errors (line, code)."""

    def __init__(self, file: Path) -> None:
        # justhtml 3.16 is maintained but misses most parse errors that html5lib reports.
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(file.read_text(encoding="utf-8"))
        self.errors: list[tuple[int, str]] = [
            (position[0], code) for position, code, _ in parser.errors
        ]
        self.ids = [element.get("id", "") for element in self.root.iter() if element.get("id")]


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield the problems of the pages and style sheets of `out`/site."""
    site = (out / "site").resolve()
    pages: dict[Path, Page] = {}
    for file in sorted(site.rglob("*.html")):
        try:
            pages[file] = Page(file)
        except UnicodeDecodeError:
            yield Problem(_where(file, site), "is not UTF-8", REBUILD)
    for file, page in pages.items():
        where = _where(file, site)
        for line, code in page.errors:
            yield Problem(f"{where}:{line}", f"not valid HTML ({code})", REBUILD)
        for name in sorted({name for name in page.ids if page.ids.count(name) > 1}):
            yield Problem(where, f'duplicate id "{name}"', REBUILD)
        for url, loaded in _urls(page):
            if file.name == "404.html" and url.startswith("/"):  # it is shown at any depth
                url = url.removeprefix(urlsplit(published_url(out) or "").path).lstrip("/")
            yield from _broken_link(file, url, loaded, site, pages)
        yield from _missing_text_alternatives(where, page)
    for file in sorted(site.rglob("*.css")):
        for match in CSS_URL.finditer(file.read_text(encoding="utf-8", errors="replace")):
            yield from _broken_link(file, match[1] or match[2], True, site, pages)


def published_url(out: Path) -> str | None:
    """Return the site's URL from the study's settings, without a trailing slash."""
    facts = json.loads((out / "results" / "results.json").read_text(encoding="utf-8"))
    site = facts["study"]["report"]["site"]
    return site.rstrip("/") if site else None


def _where(file: Path, site: Path) -> str:
    return f"site/{file.relative_to(site).as_posix()}"


def _urls(page: Page) -> Iterator[tuple[str, bool]]:
    """Yield the URLs of a page, each with True if a browser loads it without a click."""
    for element in page.root.iter():
        for attribute in ("href", *LOADED_ATTRIBUTES):
            value = element.get(attribute)
            if value is None:
                continue
            loaded = attribute in LOADED_ATTRIBUTES or (
                element.tag == "link" and element.get("rel") != "canonical"
            )
            if attribute != "srcset":
                yield value.strip(), loaded
                continue
            for candidate in filter(None, map(str.split, value.split(","))):
                yield candidate[0], loaded  # a width or density may follow


def _broken_link(
    file: Path, url: str, loaded: bool, site: Path, pages: dict[Path, Page]
) -> Iterator[Problem]:
    """Yield the problem of a URL in a file of the site, if it has one."""
    where = _where(file, site)
    try:
        parts = urlsplit(url)
    except ValueError:
        yield Problem(where, f'"{url}" is not a web address', REBUILD)
        return
    if parts.scheme == "data" and loaded:
        return
    if parts.scheme or parts.netloc:
        if loaded:
            yield Problem(where, f'"{url}" is loaded from another server', REBUILD)
        elif parts.scheme not in ("http", "https", "mailto"):
            yield Problem(where, f'"{url}" is not a web address', REBUILD)
        return
    path, _, fragment = url.partition("#")
    target = resolve_path(path, file.parent) if path else file
    if target is not None and not target.is_relative_to(site):
        yield Problem(where, f'link "{url}" points outside the site', REBUILD)
    elif target is None or not target.is_file():
        yield Problem(where, f'broken link "{url}": no such file', REBUILD)
    elif fragment and target in pages and unquote(fragment) not in pages[target].ids:
        yield Problem(where, f'broken link "{url}": no such id on that page', REBUILD)


def resolve_path(path: str, folder: Path) -> Path | None:
    """Return the file that a URL's path refers to from a folder; None if no file can have it."""
    target = folder / unquote(path.partition("?")[0])
    try:
        target.lstat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError):  # too long, or contains a null character
        return None
    return target.resolve()


def _missing_text_alternatives(where: str, page: Page) -> Iterator[Problem]:
    # Elements hidden from screen readers, or inside a labelled element, need no alternative.
    exempt = {
        descendant
        for element in page.root.iter()
        if element.get("aria-hidden") == "true"
        or (element.get("role") and element.get("aria-label"))
        for descendant in element.iter()
    }
    for element in page.root.iter():
        if element in exempt or not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        labelled = any(element.get(name) for name in LABEL_ATTRIBUTES)
        missing = (
            (tag == "img" and not (element.get("alt") or "").strip())
            or (tag == "svg" and not labelled and element.find(".//{*}title") is None)
            or (tag in ("canvas", "audio", "video") and not labelled)
            or (element.get("role") == "img" and not labelled)
        )
        if missing:
            source = element.get("src") or element.get("id") or tag
            yield Problem(where, f"{source} has no text alternative", REBUILD)
