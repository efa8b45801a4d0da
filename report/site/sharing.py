"""What search engines, networks and reference managers read of the site, and its card."""

import html
import io
import re
import textwrap
from datetime import date
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.results.schema import Song
from report.paths import FONTS
from report.queries.cover import Cover
from report.queries.results import Results
from report.site.spectrogram_image import spectrogram_image

CARD = (1200, 630)
"""Width and height in pixels that Open Graph recommends for a picture."""
BACKGROUND = np.array([12, 16, 28])
COLOURS = 96
"""Colours of the card, few to keep the file small."""
TITLE_LINE = 27
"""Characters of the title in a line of the card."""
DESCRIPTION = 160
"""Characters of a description that search engines show."""
PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
TEX_SPECIAL = re.compile(r"([&%$#_{}])")


def write(results: Results, cover: Cover, song: Song, files: list[str], site: Path) -> None:
    """Write what only a site with an address needs: `tarjeta.png`, its card, and `sitemap.xml`."""
    samples, rate = soundfile.read(results.folder / song.audio("original"), always_2d=True)
    (site / "tarjeta.png").write_bytes(card(cover.title, samples.mean(axis=1), rate))
    address = str(cover.site)
    (site / "sitemap.xml").write_text(sitemap(address, files, cover.date), encoding="utf-8")


def description(body: str) -> str:
    """Return the beginning of the first paragraph of a page's HTML, cut between words."""
    found = PARAGRAPH.search(body)
    text = html.unescape(re.sub(r"<[^>]*>", "", found[1] if found else ""))
    return textwrap.shorten(text, DESCRIPTION, placeholder="…")


def bibtex(cover: Cover) -> str:
    """Return the report's BibTeX entry."""
    fields = {
        "title": f"{{{_tex(cover.title)}}}",
        "author": " and ".join(map(_tex, cover.authors)),
        "institution": _tex(cover.institution or ""),
        "year": str(cover.date.year),
        "url": cover.site or "",
        "language": "spanish",
    }
    kind = "techreport" if cover.institution else "misc"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{latentes{cover.date.year},\n" + ",\n".join(lines) + "\n}"


def _tex(text: str) -> str:
    return TEX_SPECIAL.sub(r"\\\1", text.replace("\\", r"\textbackslash "))


def sitemap(site: str, files: list[str], day: date) -> str:
    """Return the sitemap (sitemaps.org) of the pages `files` under the address `site`."""
    urls = (
        f"<url><loc>{html.escape(site + file.removesuffix('index.html'))}</loc>"
        f"<lastmod>{day.isoformat()}</lastmod></url>\n"
        for file in files
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n' + "".join(urls)
    ) + "</urlset>\n"


def card(title: str, samples: NDArray[np.float64], rate: int) -> bytes:
    """Return a PNG of the title over the spectrogram of a sound of shape (samples,)."""
    from PIL import Image, ImageDraw, ImageFont  # slow, and only needed for a site's address

    width, height = CARD
    picture = spectrogram_image(samples, rate, width, height)
    shade = np.clip(np.linspace(-0.6, 1.7, height), 0, 0.86)[:, None, None]
    card = Image.fromarray((picture * (1 - shade) + shade * BACKGROUND).astype(np.uint8))
    lines = textwrap.wrap(title, TITLE_LINE, max_lines=3, placeholder="…")
    font = ImageFont.truetype(FONTS / "SourceSerif4Display-Semibold.ttf", 80)
    ImageDraw.Draw(card).multiline_text(
        (64, height - 64), "\n".join(lines), "white", font, anchor="ld", spacing=12
    )
    buffer = io.BytesIO()
    card.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
