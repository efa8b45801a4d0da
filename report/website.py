"""The report as a site: one page with its players, readable from a folder or under any address."""

import re
import shutil
from pathlib import Path

import jinja2
from markupsafe import Markup

from report import document
from report.front import Front
from report.results import Results
from report.words import TEMPLATES, Words

ASSETS = Path(__file__).parents[1] / "site"


def build(results: Results, words: Words, front: Front, folder: Path, site: Path) -> None:
    """Write the site into the folder `site`, which is made; `folder` holds the figures.

    The PDF is not written here: the page links to `informe.pdf` beside it.

    Raises:
        ReportError: pandoc refused the document.
    """
    page = document.convert(
        document.write(results, words, ""), "html5", folder, words, "",
        "--mathml", "--toc", "--toc-depth=3", f"--template={TEMPLATES / 'partes.html'}",
    )  # fmt: skip
    toc, _, body = page.partition("<!--cuerpo-->")
    layout = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
    ).get_template("pagina.html")
    # pandoc marks a hat as an accent where browsers do not look for it.
    body = re.sub(
        r'<mover>(.*?)<mo accent="true">\u0302</mo>',
        '<mover accent="true">\\1<mo stretchy="false">\u02c6</mo>',
        body,
    )
    # The contents stand twice, for wide and for narrow screens: links there need no ids.
    toc = re.sub(r' id="toc-[^"]*"', "", toc)
    html = layout.render(front=front, toc=Markup(toc.strip()), body=Markup(body.strip()))
    shutil.copytree(ASSETS, site, ignore=shutil.ignore_patterns("*.ttf"))
    shutil.copytree(folder / "figures", site / "figures")
    for song in results.songs:
        for version in song.versions:
            (site / version.audio).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(results.folder / version.audio, site / version.audio)
    shutil.copyfile(results.folder / "results.json", site / "results.json")
    (site / "index.html").write_text(html, encoding="utf-8")
