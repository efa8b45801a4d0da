"""The site's pages: links resolve, names are escaped, nothing is loaded from elsewhere."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report.render import Rendered

Render = Callable[[str], Rendered]
SAMPLES = ("whole", "full", "small", "hostile", "families")


class Page(HTMLParser):
    """Tags with attributes, and the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def read_page(rendered: Rendered, name: str = "informe") -> Page:
    return Page((rendered.site / f"{name}.html").read_text(encoding="utf-8"))


def pages(rendered: Rendered) -> dict[str, Page]:
    return {
        path.name: read_page(rendered, path.stem) for path in sorted(rendered.site.glob("*.html"))
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_url_resolves(rendered: Render, sample: str) -> None:
    site, every = rendered(sample).site, pages(rendered(sample))
    ids = {
        file: [attributes["id"] for _, attributes in read.tags if "id" in attributes]
        for file, read in every.items()
    }
    for file, read in every.items():
        assert len(ids[file]) == len(set(ids[file]))
        for _, attributes in read.tags:
            for name in ("src", "href", "srcset"):
                address = attributes.get(name)
                if address is None or address.startswith("https://"):
                    continue
                if file == "404.html":  # opened at any depth
                    assert address.startswith(("/estudio/", "#")), address
                    address = address.removeprefix("/estudio/")
                path, _, part = address.partition("#")
                assert not path or (site / path).is_file(), address
                assert not part or part in ids[path or file], address
            for name in ("aria-labelledby", "aria-describedby"):
                assert set((attributes.get(name) or "").split()) <= set(ids[file])


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_links_are_external(rendered: Render, sample: str) -> None:
    tags = [tag for read in pages(rendered(sample)).values() for tag in read.tags]
    for tag, attributes in tags:
        external = [value for value in attributes.values() if re.match(r"(https?:)?//", value)]
        told = tag in ("a", "math", "meta") or attributes.get("rel") == "canonical"
        assert not external or told, (tag, attributes)
    style = (rendered(sample).site / "style.css").read_text(encoding="utf-8")
    assert "//" not in re.sub(r"/\*.*?\*/", "", style)


@pytest.mark.parametrize("sample", SAMPLES)
def test_pages_comply_with_a_strict_content_security_policy(rendered: Render, sample: str) -> None:
    for read in pages(rendered(sample)).values():
        check_policy(read)


def check_policy(read: Page) -> None:
    (policy,) = [meta["content"] for meta in read.all("meta") if "http-equiv" in meta]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, attributes in read.tags:
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert not read.all("style")
    executed = [tag for tag in read.all("script") if tag.get("type") != "application/ld+json"]
    assert all("src" in script for script in executed)


def test_names_are_escaped(rendered: Render) -> None:
    read = read_page(rendered("hostile"))
    for name in ("<script>alert(1)</script>", "a\"b'c", "#*_x_*@y$z$ {{ 1 }} \\n"):
        assert name in read.text
    song = "*no* _es_ $x^2$ <i>@nota #1 `a|b` {}"
    assert f"«{song}»" in read.text
    assert f"song.{song}.classic.9184.snr" in {
        attributes.get("title") for attributes in read.all("a")
    }
    assert all("src" in script for script in read.all("script"))
    assert all("aria-hidden" in tag for tag in read.all("b"))  # those of the page itself


@pytest.mark.parametrize("sample", SAMPLES)
def test_size_limits(rendered: Render, sample: str) -> None:
    site = rendered(sample).site
    for path in site.glob("*.html"):
        assert path.stat().st_size <= 150_000, path
    assert sum(path.stat().st_size for path in site.glob("*.css")) <= 25_000
    assert sum(path.stat().st_size for path in site.glob("*.js")) <= 90_000
    assert not list(site.rglob("*.ttf"))
    assert not list(site.rglob("*.flac"))


PAGES = ("escuchar", "prueba", "explorar", "canciones", "generar", "laboratorio", "datos")


def test_every_page_links_to_every_other(rendered: Render) -> None:
    every = pages(rendered("whole"))
    assert {"index.html", "informe.html", *(f"{name}.html" for name in PAGES)} <= set(every)
    del every["incrustar.html"]  # for frames of other pages
    for file, read in every.items():
        (place,) = [number for number, (tag, attributes) in enumerate(read.tags)
                    if tag == "nav" and attributes.get("class") == "paginas"]  # fmt: skip
        after = [attributes for tag, attributes in read.tags[place:] if tag == "a"]
        links = after[: 1 + len(PAGES)]
        assert [link["href"] for link in links] == [
            "informe.html", *(f"{name}.html" for name in PAGES)
        ]  # fmt: skip
        here = [link["href"] for link in links if "aria-current" in link]
        assert here == [re.sub("informe-.*", "informe.html", file)] * (file != "index.html")


def test_without_new_songs_there_is_no_page_for_them(rendered: Render) -> None:
    assert "canciones.html" not in pages(rendered("small"))
    assert "canciones.html" not in {
        link.get("href") for link in read_page(rendered("small")).all("a")
    }


def test_every_version_has_a_player(rendered: Render) -> None:
    results = json.loads((rendered("whole").site / "results.json").read_text(encoding="utf-8"))
    every = pages(rendered("whole"))
    players = {
        name: {player["src"] for player in every[f"{name}.html"].all("audio")} for name in PAGES
    }
    for song in results["songs"]:
        files = {
            each["audio"].replace(".flac", ".mp3")
            for each in song["versions"]
            if song["role"] == "test" or not each["version"].startswith("baseline.")
        }
        assert files <= players["escuchar" if song["role"] == "test" else "canciones"]
    generated = {
        clip["audio"].replace(".flac", ".mp3")
        for clip in results["generated"] + results["new_music"]
    }
    assert players["generar"] == generated
    for read in every.values():
        tags = read.all("audio")
        assert all(tag["preload"] == "none" and "controls" in tag for tag in tags)
        assert len({tag["aria-label"] for tag in tags}) == len(tags)


def test_images_have_a_text_alternative_and_a_size(rendered: Render) -> None:
    every = read_page(rendered("whole")).all("img")
    images = [image for image in every if image["src"].startswith("figures/")]
    assert len(images) == 7
    for image in images:
        assert len(image["alt"]) > 80
        assert int(image["width"]) > int(image["height"]) > 100


def test_the_site_contains_the_pdf_and_the_results(rendered: Render) -> None:
    site = rendered("whole").site
    assert (site / "informe.pdf").is_file()
    assert (site / "results.json").is_file()


def test_licences_of_new_songs_come_from_the_results(rendered: Render) -> None:
    page = (rendered("hostile").site / "datos.html").read_text(encoding="utf-8")
    assert len(re.findall(r"<li>«[^»]*»: CC BY 4\.0</li>", page)) == 1


FONTS_OF_LICENCE = {
    "LatentesSerif": "SourceSerif4",
    "LatentesDisplay": "SourceSerif4",
    "LatentesSans": "SourceSans3",
}
"""Fonts whose licence reserves their original name, by that of our modified versions."""


def test_fonts_come_with_their_licence(rendered: Render) -> None:
    fonts: Path = rendered("whole").site / "fonts"
    assert sum(path.stat().st_size for path in fonts.glob("*.woff2")) < 180_000
    for path in fonts.glob("*.woff2"):
        family = path.stem.partition("-")[0]
        family = FONTS_OF_LICENCE.get(family, family)
        licence = (fonts / f"OFL-{family}.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
