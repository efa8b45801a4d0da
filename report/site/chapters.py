"""Splits pandoc's HTML into one page per chapter and fixes the links between pages."""

import re
from dataclasses import dataclass

from markupsafe import Markup

HEADING = re.compile(r'<h([23])((?: class="[^"]*")?) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
ID = re.compile(r' id="([^"]+)"')


@dataclass(frozen=True)
class ContentsEntry:
    """A line of the table of contents: a chapter (level 1) or one of its sections (level 2)."""

    level: int
    href: str
    title: Markup


@dataclass(frozen=True)
class Chapter:
    """A page of the report: file name, first heading, HTML body and contents entries."""

    file: str
    title: Markup
    body: str
    entries: tuple[ContentsEntry, ...]


def split(html: str) -> list[Chapter]:
    """Return the pages that `split_pages.lua` marked, with links pointing to the right file."""
    html = html.replace("<th></th>", "<td></td>")  # an empty cell is not a header
    _, *parts = re.split(r"<!--pagina (.+?)-->\n", html)
    bodies = {_file_name(name): body.strip() for name, body in zip(*[iter(parts)] * 2, strict=True)}
    file_of_id = {name: file for file, body in bodies.items() for name in ID.findall(body)}
    pages = []
    for file, body in bodies.items():

        def href(match: re.Match[str], file: str = file) -> str:
            target = file_of_id[match[1]]
            return f'href="{"" if target == file else target}#{match[1]}"'

        headings = [match for match in HEADING.finditer(body) if "unlisted" not in match[2]]
        entries = [
            ContentsEntry(int(level) - 1, f"{file}#{name}", Markup(title))
            for level, _, name, title in (match.groups() for match in headings)
        ]
        body = re.sub(r'href="#([^"]+)"', href, _promote_headings(body))
        pages.append(Chapter(file, entries[0].title, body, tuple(entries)))
    return pages


def _promote_headings(body: str) -> str:
    """Shift all headings so that the page's first one is an `<h2>`."""
    first = re.search(r"<h([2-6])[ >]", body)
    shift = int(first[1]) - 2 if first else 0
    return re.sub(r"(</?h)([2-6])(?=[ >])", lambda tag: f"{tag[1]}{int(tag[2]) - shift}", body)


def _file_name(name: str) -> str:
    """Return `index.html` for the first page; the prefix avoids clashes with the site's pages."""
    return "index.html" if name == "index" else f"informe-{name}.html"
