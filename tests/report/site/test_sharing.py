"""What search engines, networks and reference managers read of the site."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from report.queries.cover import Cover
from report.render import Rendered
from report.site import sharing

Render = Callable[[str], Rendered]
ADDRESS = "https://ejemplo.org/estudio/"


NOT_LISTED = {"404.html", "incrustar.html", "index.html"}
"""Pages that the map of the site does not name; the first has the address of the site."""


def read(rendered: Rendered, name: str = "index") -> str:
    return (rendered.site / f"{name}.html").read_text(encoding="utf-8")


def metas(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html))


def test_every_page_has_a_description_of_its_own(rendered: Render) -> None:
    told = [
        metas(read(rendered("full"), path.stem))
        for path in rendered("full").site.glob("*.html")
        if path.stem != "incrustar"
    ]
    descriptions = [each["description"] for each in told]
    assert len(set(descriptions)) == len(descriptions)
    assert all(20 < len(each) <= 200 for each in descriptions)
    assert all(each["og:title"] and each["og:description"] == each["description"] for each in told)


def test_a_site_with_an_address_is_shared_with_a_picture(rendered: Render) -> None:
    site = rendered("full").site
    for name, address in (("index", ADDRESS), ("escuchar", f"{ADDRESS}escuchar.html")):
        html = read(rendered("full"), name)
        assert f'<link rel="canonical" href="{address}">' in html
        assert metas(html)["og:url"] == address
        assert metas(html)["og:image"] == f"{ADDRESS}tarjeta.png"
    with Image.open(site / "tarjeta.png") as picture:
        assert picture.size == (1200, 630)
    assert (site / "tarjeta.png").stat().st_size < 300_000
    places = [each.text or "" for each in ElementTree.parse(site / "sitemap.xml").iter()]
    found = {place for place in places if place.startswith(ADDRESS)}
    pages = {path.name for path in site.glob("*.html")} - NOT_LISTED
    assert found == {ADDRESS, *(f"{ADDRESS}{name}" for name in pages)}


def test_without_an_address_nothing_claims_one(rendered: Render) -> None:
    site = rendered("whole").site
    assert not {"tarjeta.png", "sitemap.xml", "404.html"} & {path.name for path in site.iterdir()}
    assert "canonical" not in read(rendered("whole"))
    assert "og:image" not in metas(read(rendered("whole")))


def test_the_first_page_can_be_cited(rendered: Render) -> None:
    html = read(rendered("full"))
    found = re.findall(r'<meta name="citation_(\w+)" content="([^"]*)"', html)
    assert ("author", "Ana Pérez") in found
    assert ("author", "Luis Gómez") in found
    assert ("publication_date", "2026/03/02") in found
    assert ("pdf_url", f"{ADDRESS}informe.pdf") in found
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    article = json.loads(text)
    assert article["@type"] == "ScholarlyArticle"
    assert [author["name"] for author in article["author"]] == ["Ana Pérez", "Luis Gómez"]
    assert article["isBasedOn"]["@type"] == "Dataset"
    assert len(article["isBasedOn"]["description"]) > 50
    assert "author = {Ana Pérez and Luis Gómez}" in html


def test_markup_in_names_ends_no_script(rendered: Render) -> None:
    html = read(rendered("hostile"))
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert "<" not in text
    assert json.loads(text)["headline"]


def test_bibtex_escapes_what_tex_reads() -> None:
    cover = Cover(
        "50 % de {todo} & más_", "", ("Ana",), "Casa #1", date(2026, 3, 2), "", f"{ADDRESS}"
    )
    entry = sharing.bibtex(cover)
    assert entry.startswith("@techreport{")
    assert r"title = {{50 \% de \{todo\} \& más\_}}" in entry
    assert r"institution = {Casa \#1}" in entry
    assert entry.count("{") - entry.count("\\{") == entry.count("}") - entry.count("\\}")


@pytest.mark.parametrize("title", ["Corto", "Una palabra larguísima " * 8, "x" * 90])
def test_any_title_fits_the_card(title: str) -> None:
    noise = np.random.default_rng(0).normal(size=22_050)
    with Image.open(io.BytesIO(sharing.card(title, noise, 22_050))) as picture:
        assert picture.size == sharing.CARD
        edge = np.asarray(picture.convert("L"))[:, -30:]
    assert edge.max() < 250, "white letters at the edge"


def test_a_description_is_the_beginning_of_the_text() -> None:
    assert sharing.description("<h2>A</h2><p>Uno &lt; <em>dos</em>.</p><p>Más.</p>") == "Uno < dos."
    assert len(sharing.description(f"<p>{'palabra ' * 60}</p>")) <= sharing.DESCRIPTION
    assert sharing.description("<figure></figure>") == ""
