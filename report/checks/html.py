"""Gate: every page is valid HTML, its links resolve, and every picture and player has words."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from report.checks.problem import Problem

LOADED = ("src", "poster", "srcset", "data")
"""Attributes whose files a browser asks for by itself."""
URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
NAMING = ("aria-label", "aria-labelledby")
REBUILD = "build the site again, or mend the template it came from"


class Page:
    """A page as a browser would parse it: elements, ids, and the parser's complaints."""

    def __init__(self, file: Path) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(file.read_text(encoding="utf-8"))
        self.errors: list[tuple[int, str]] = [
            (position[0], code) for position, code, _ in parser.errors
        ]
        self.ids = [element.get("id", "") for element in self.root.iter() if element.get("id")]


def find_problems(out: Path) -> Iterator[Problem]:
    """What is wrong with the pages and style sheets of `out`/site."""
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
        for repeated in sorted({one for one in page.ids if page.ids.count(one) > 1}):
            yield Problem(where, f'the id "{repeated}" stands twice', REBUILD)
        for address, loaded in _addresses(page):
            yield from _leads(file, address, loaded, site, pages)
        yield from _pictures(where, page)
    for file in sorted(site.rglob("*.css")):
        for match in URL.finditer(file.read_text(encoding="utf-8", errors="replace")):
            yield from _leads(file, match[1] or match[2], True, site, pages)


def _where(file: Path, site: Path) -> str:
    return f"site/{file.relative_to(site).as_posix()}"


def _addresses(page: Page) -> Iterator[tuple[str, bool]]:
    """Where a page's elements lead, and whether a browser goes there unasked."""
    for element in page.root.iter():
        for attribute in ("href", *LOADED):
            value = element.get(attribute)
            if value is None:
                continue
            loaded = attribute in LOADED or element.tag == "link"
            if attribute != "srcset":
                yield value.strip(), loaded
                continue
            for candidate in filter(None, map(str.split, value.split(","))):
                yield candidate[0], loaded  # after it, for which width or density


def _leads(
    file: Path, address: str, loaded: bool, site: Path, pages: dict[Path, Page]
) -> Iterator[Problem]:
    """What is wrong with an address that stands in a file of the site."""
    where = _where(file, site)
    try:
        parts = urlsplit(address)
    except ValueError:
        yield Problem(where, f'"{address}" is no address of the web', REBUILD)
        return
    if parts.scheme == "data" and loaded:
        return
    if parts.scheme or parts.netloc:
        if loaded:
            yield Problem(where, f'"{address}" is asked of another server', REBUILD)
        elif parts.scheme not in ("http", "https", "mailto"):
            yield Problem(where, f'"{address}" is no address of the web', REBUILD)
        return
    path, _, part = address.partition("#")
    target = target_of(path, file.parent) if path else file
    if target is not None and not target.is_relative_to(site):
        yield Problem(where, f'"{address}" leads out of the site', REBUILD)
    elif target is None or not target.is_file():
        yield Problem(where, f'"{address}" leads nowhere', REBUILD)
    elif part and target in pages and unquote(part) not in pages[target].ids:
        yield Problem(where, f'"{address}": no such place on that page', REBUILD)


def target_of(path: str, folder: Path) -> Path | None:
    """Which file the path of an address means in a folder; None for what no file can be called."""
    target = folder / unquote(path.partition("?")[0])
    try:
        target.lstat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError):  # names that are too long, or hold a zero
        return None
    return target.resolve()


def _pictures(where: str, page: Page) -> Iterator[Problem]:
    # What is hidden from screen readers needs no words; what a named whole is made of has them.
    hidden = {
        inside
        for element in page.root.iter()
        if element.get("aria-hidden") == "true"
        or (element.get("role") and element.get("aria-label"))
        for inside in element.iter()
    }
    for element in page.root.iter():
        if element in hidden or not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        named = any(element.get(name) for name in NAMING)
        silent = (
            (tag == "img" and not (element.get("alt") or "").strip())
            or (tag == "svg" and not named and element.find(".//{*}title") is None)
            or (tag in ("canvas", "audio", "video") and not named)
            or (element.get("role") == "img" and not named)
        )
        if silent:
            source = element.get("src") or element.get("id") or tag
            yield Problem(where, f"{source} has no text alternative", REBUILD)
