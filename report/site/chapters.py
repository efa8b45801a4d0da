"""The report's chapters as pages: cuts pandoc's HTML and leads links to the right file."""

import re
from dataclasses import dataclass

from markupsafe import Markup

HEADING = re.compile(r'<h([23])((?: class="[^"]*")?) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A line of the contents: a chapter, or a section under it."""

    level: int
    address: str
    title: Markup


@dataclass(frozen=True)
class Chapter:
    """A page of the report: its file, its first heading and what stands on it."""

    file: str
    title: Markup
    body: str
    entries: tuple[Entry, ...]


def split(html: str) -> list[Chapter]:
    """The pages that `split_pages.lua` cut, links between them pointing to the right file."""
    html = html.replace("<th></th>", "<td></td>")  # an empty cell heads no row
    _, *parts = re.split(r"<!--pagina (.+?)-->\n", html)
    bodies = {_file(name): body.strip() for name, body in zip(*[iter(parts)] * 2, strict=True)}
    home = {
        found: file for file, body in bodies.items() for found in re.findall(r' id="([^"]+)"', body)
    }
    pages = []
    for file, body in bodies.items():
        here = set(re.findall(r' id="([^"]+)"', body))

        def leads(match: re.Match[str], here: set[str] = here) -> str:
            target = match[1]
            return f'href="#{target}"' if target in here else f'href="{home[target]}#{target}"'

        headings = [match for match in HEADING.finditer(body) if "unlisted" not in match[2]]
        entries = [
            Entry(int(level) - 1, f"{file}#{name}", Markup(title))
            for level, _, name, title in (match.groups() for match in headings)
        ]
        body = re.sub(r'href="#([^"]+)"', leads, _raised(body))
        pages.append(Chapter(file, entries[0].title, body, tuple(entries)))
    return pages


def _raised(body: str) -> str:
    """A page whose first heading is of the second level, also where that heads a section."""
    first = re.search(r"<h([2-6])[ >]", body)
    above = int(first[1]) - 2 if first else 0
    return re.sub(r"(</?h)([2-6])(?=[ >])", lambda tag: f"{tag[1]}{int(tag[2]) - above}", body)


def _file(name: str) -> str:
    """The first chapters are the site's door; the rest must not take the name of another page."""
    return "index.html" if name == "index" else f"informe-{name}.html"
