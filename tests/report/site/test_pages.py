"""The site's files: links that resolve, text that stays text, nothing from outside."""

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
    """Tags with their attributes, ids, and the visible text of a page."""

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
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def page(rendered: Rendered, name: str = "index") -> Page:
    return Page((rendered.site / f"{name}.html").read_text(encoding="utf-8"))


def pages(rendered: Rendered) -> dict[str, Page]:
    return {path.name: page(rendered, path.stem) for path in sorted(rendered.site.glob("*.html"))}


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_address_resolves(rendered: Render, sample: str) -> None:
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
                path, _, part = address.partition("#")
                assert not path or (site / path).is_file(), address
                assert not part or part in ids[path or file], address
            for name in ("aria-labelledby", "aria-describedby"):
                assert attributes.get(name, ids[file][0]) in ids[file]


@pytest.mark.parametrize("sample", SAMPLES)
def test_only_links_lead_outside(rendered: Render, sample: str) -> None:
    tags = [tag for read in pages(rendered(sample)).values() for tag in read.tags]
    for tag, attributes in tags:
        outside = [value for value in attributes.values() if re.match(r"(https?:)?//", value)]
        assert not outside or tag in ("a", "math"), (tag, attributes)
    style = (rendered(sample).site / "style.css").read_text(encoding="utf-8")
    assert "//" not in re.sub(r"/\*.*?\*/", "", style)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_policy_is_strict_and_kept(rendered: Render, sample: str) -> None:
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
    assert all("src" in script for script in read.all("script"))


def test_names_of_any_kind_are_only_names(rendered: Render) -> None:
    read = page(rendered("hostile"))
    for name in ("<script>alert(1)</script>", "a\"b'c", "#*_x_*@y$z$ {{ 1 }} \\n"):
        assert name in read.text
    song = "*no* _es_ $x^2$ <i>@nota #1 `a|b` {}"
    assert f"«{song}»" in read.text
    assert f"song.{song}.classic.9184.snr" in {
        attributes.get("title") for attributes in read.all("a")
    }
    assert all("src" in script for script in read.all("script"))
    assert not read.all("b")


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_light(rendered: Render, sample: str) -> None:
    site = rendered(sample).site
    for path in site.glob("*.html"):
        assert path.stat().st_size <= 150_000, path
    assert sum(path.stat().st_size for path in site.glob("*.css")) <= 20_000
    assert sum(path.stat().st_size for path in site.glob("*.js")) <= 60_000
    assert not list(site.rglob("*.ttf"))
    assert not list(site.rglob("*.flac"))


TOOLS = ("escuchar", "explorar", "canciones", "generar", "laboratorio", "datos")


def test_every_page_leads_to_every_other(rendered: Render) -> None:
    every = pages(rendered("whole"))
    assert {"index.html", *(f"{name}.html" for name in TOOLS)} <= set(every)
    for file, read in every.items():
        (place,) = [number for number, (tag, attributes) in enumerate(read.tags)
                    if tag == "nav" and attributes.get("class") == "paginas"]  # fmt: skip
        after = [attributes for tag, attributes in read.tags[place:] if tag == "a"]
        links = after[: 1 + len(TOOLS)]
        assert [link["href"] for link in links] == [
            "index.html", *(f"{name}.html" for name in TOOLS)
        ]  # fmt: skip
        here = [link["href"] for link in links if "aria-current" in link]
        assert here == [file if not file.startswith("informe-") else "index.html"]


def test_a_study_without_new_songs_has_no_page_for_them(rendered: Render) -> None:
    assert "canciones.html" not in pages(rendered("small"))
    assert "canciones.html" not in {link.get("href") for link in page(rendered("small")).all("a")}


def test_there_is_a_player_for_each_version(rendered: Render) -> None:
    results = json.loads((rendered("whole").site / "results.json").read_text(encoding="utf-8"))
    every = pages(rendered("whole"))
    heard = {
        name: {player["src"] for player in every[f"{name}.html"].all("audio")} for name in TOOLS
    }
    for song in results["songs"]:
        files = {
            each["audio"].replace(".flac", ".mp3")
            for each in song["versions"]
            if song["role"] == "test" or not each["version"].startswith("baseline.")
        }
        assert files <= heard["escuchar" if song["role"] == "test" else "canciones"]
    made = {clip["audio"].replace(".flac", ".mp3") for clip in results["generated"]}
    assert heard["generar"] == made
    for read in every.values():
        players = read.all("audio")
        assert all(player["preload"] == "none" and "controls" in player for player in players)
        assert len({player["aria-label"] for player in players}) == len(players)


def test_images_have_words_and_room(rendered: Render) -> None:
    images = page(rendered("whole")).all("img")
    assert len(images) == 5
    for image in images:
        assert len(image["alt"]) > 80
        assert int(image["width"]) > int(image["height"]) > 100


def test_the_pdf_lies_beside_the_page(rendered: Render) -> None:
    made = rendered("whole")
    assert (made.site / "informe.pdf").is_file()
    assert (made.site / "results.json").is_file()


def test_licences_of_new_songs_are_those_that_the_results_state(rendered: Render) -> None:
    page = (rendered("hostile").site / "datos.html").read_text(encoding="utf-8")
    assert len(re.findall(r"<li>«[^»]*»: CC BY 4\.0</li>", page)) == 1


def test_fonts_bring_their_licence(rendered: Render) -> None:
    fonts: Path = rendered("whole").site / "fonts"
    for path in fonts.glob("*.woff2"):
        family = re.sub(r"(Display)?-.*", "", path.stem)
        family = {"STIXTwoMath": "STIXTwoMath"}.get(family, family)
        licence = (fonts / f"OFL-{family}.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert path.stat().st_size < 1_000_000
