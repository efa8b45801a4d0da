"""Splits pandoc's HTML into one page per chapter and fixes the links between pages."""

import re
from dataclasses import dataclass

from markupsafe import Markup

HEADING = re.compile(r'<h([23])((?: class="[^"]*")?) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
ID = re.compile(r' id="([^"]+)"')
FIRST_PAGE = ("hallazgo", "breve")
"""Parts of the site's first page: the finding in a sentence, and the abstract."""


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


def split(html: str) -> tuple[list[Chapter], dict[str, Markup]]:
    """Return the pages that `split_pages.lua` marked, with links pointing to the right file.

    Also returns the parts of the first page, `FIRST_PAGE`, by name.
    """
    html = html.replace("<th></th>", "<td></td>")  # an empty cell is not a header
    _, *parts = re.split(r"<!--pagina (.+?)-->\n", html)
    named = {name: body.strip() for name, body in zip(*[iter(parts)] * 2, strict=True)}
    first_page = {name: named.pop(name, "") for name in FIRST_PAGE}
    bodies = {_file_name(name): body for name, body in named.items()}
    file_of_id = {name: file for file, body in bodies.items() for name in ID.findall(body)}

    def with_links(body: str, file: str | None = None) -> str:
        def href(match: re.Match[str]) -> str:
            target = file_of_id[match[1]]
            return f'href="{"" if target == file else target}#{match[1]}"'

        return re.sub(r'href="#([^"]+)"', href, body)

    pages = []
    for file, body in bodies.items():
        headings = [match for match in HEADING.finditer(body) if "unlisted" not in match[2]]
        entries = [
            ContentsEntry(int(level) - 1, f"{file}#{name}", Markup(title))
            for level, _, name, title in (match.groups() for match in headings)
        ]
        body = with_links(_promote_headings(body), file)
        pages.append(Chapter(file, entries[0].title, body, tuple(entries)))
    return pages, {name: Markup(with_links(body)) for name, body in first_page.items()}


def _promote_headings(body: str) -> str:
    """Shift all headings so that the page's first one is an `<h2>`."""
    first = re.search(r"<h([2-6])[ >]", body)
    shift = int(first[1]) - 2 if first else 0
    return re.sub(r"(</?h)([2-6])(?=[ >])", lambda tag: f"{tag[1]}{int(tag[2]) - shift}", body)


def _file_name(name: str) -> str:
    """Return a chapter's file; the prefix avoids clashes with the site's other pages."""
    return "informe.html" if name == "informe" else f"informe-{name}.html"
