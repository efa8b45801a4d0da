"""Gate: every page is valid HTML, its links and sounds resolve, and every picture has words."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import soundfile

from report.gates.problem import Problem

ADDRESSES = ("href", "src", "poster", "data-src")
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


def problems(out: Path) -> Iterator[Problem]:
    """What is wrong with the pages and sounds of `out`/site."""
    site = out / "site"
    pages = {file.relative_to(site).as_posix(): Page(file) for file in sorted(site.rglob("*.html"))}
    for name, page in pages.items():
        where = f"site/{name}"
        for line, code in page.errors:
            yield Problem(f"{where}:{line}", f"not valid HTML ({code})", REBUILD)
        for repeated in sorted({one for one in page.ids if page.ids.count(one) > 1}):
            yield Problem(where, f'the id "{repeated}" stands twice', REBUILD)
        yield from _links(where, site / name, page, site, pages)
        yield from _pictures(where, page)
    for file in sorted(site.rglob("*")):
        if file.suffix in (".flac", ".mp3", ".wav", ".ogg"):
            yield from _sound(file, out)


def _links(
    where: str, file: Path, page: Page, site: Path, pages: dict[str, Page]
) -> Iterator[Problem]:
    for element in page.root.iter():
        for attribute in ADDRESSES:
            address = element.get(attribute)
            if address is None or urlsplit(address).scheme:
                continue
            path, _, part = address.partition("#")
            target = (file.parent / unquote(path.partition("?")[0])).resolve() if path else file
            if not target.is_relative_to(site.resolve()) and path:
                yield Problem(where, f'"{address}" leads out of the site', REBUILD)
            elif not target.is_file():
                yield Problem(where, f'"{address}" leads nowhere', REBUILD)
            elif part and target.suffix == ".html":
                name = target.relative_to(site.resolve() if path else site).as_posix()
                if unquote(part) not in pages[name].ids:
                    yield Problem(where, f'"{address}": no such place on that page', REBUILD)


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
            (tag == "img" and element.get("alt") is None)
            or (tag == "svg" and not named and element.find(".//{*}title") is None)
            or (tag == "canvas" and not named)
        )
        if silent:
            source = element.get("src") or element.get("id") or tag
            yield Problem(where, f"{source} has no text alternative", REBUILD)


def _sound(file: Path, out: Path) -> Iterator[Problem]:
    where = file.relative_to(out).as_posix()
    try:
        empty = soundfile.info(file).frames == 0
    except soundfile.SoundFileError:
        yield Problem(where, "cannot be decoded", "build the site again")
    else:
        if empty:
            yield Problem(where, "holds no sound", "build the site again")
