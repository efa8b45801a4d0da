"""The report as a site: a page a chapter, readable from a folder or under any address."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from pipeline.clock import copy_without_clock
from report import document
from report.front import Front
from report.results import Results
from report.words import TEMPLATES, Words

ASSETS = Path(__file__).parents[1] / "site"
PAGES = Path(__file__).with_name("pages.lua")
HEADING = re.compile(r'<h([23])((?: class="[^"]*")?) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A line of the contents: a chapter, or a section under it."""

    level: int
    address: str
    title: Markup


@dataclass(frozen=True)
class Page:
    """A page of the site: its file, its first heading and what stands on it."""

    file: str
    title: Markup
    body: str
    entries: tuple[Entry, ...]


def build(results: Results, words: Words, front: Front, folder: Path, site: Path) -> None:
    """Write the site into the folder `site`, which is made; `folder` holds the figures.

    The PDF is not written here: each page links to `informe.pdf` beside it.

    Raises:
        ReportError: pandoc refused the document.
    """
    html = document.convert(
        document.write(results, words, ""), "html5", folder, words, "",
        "--mathml", "--lua-filter", str(PAGES),
    )  # fmt: skip
    # pandoc marks a hat as an accent where browsers do not look for it.
    html = re.sub(
        r'<mover>(.*?)<mo accent="true">\u0302</mo>',
        '<mover accent="true">\\1<mo stretchy="false">\u02c6</mo>',
        html,
    )
    pages = split(html)
    layout = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("pagina.html")
    shutil.copytree(ASSETS, site, ignore=shutil.ignore_patterns("*.ttf"))
    shutil.copytree(folder / "figures", site / "figures")
    shutil.copytree(results.folder / "audio", site / "audio")
    copy_without_clock(results.folder / "results.json", site / "results.json")
    for place, page in enumerate(pages):
        text = layout.render(
            front=front,
            pages=pages,
            page=page,
            body=Markup(page.body),
            before=pages[place - 1] if place else None,
            after=pages[place + 1] if place + 1 < len(pages) else None,
        )
        (site / page.file).write_text(text, encoding="utf-8")


def split(html: str) -> list[Page]:
    """The pages of a document that `pages.lua` cut, links among them leading to the right file."""
    _, *parts = re.split(r"<!--pagina (.+?)-->\n", html)
    bodies = {f"{name}.html": body.strip() for name, body in zip(*[iter(parts)] * 2, strict=True)}
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
        pages.append(
            Page(file, entries[0].title, re.sub(r'href="#([^"]+)"', leads, body), tuple(entries))
        )
    return pages
