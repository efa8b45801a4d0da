"""The site in a real browser: from a folder and over HTTP, on any screen, in both themes."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened

Render = Callable[[str], Rendered]
PAGES = (
    "index", "informe-exploracion", "informe-nuevas", "informe-generar", "informe-comparacion",
    "informe-conclusiones", "informe-apendice", "escuchar", "explorar", "canciones", "generar",
    "laboratorio", "datos",
)  # fmt: skip
ALONE = {"preload": False}
"""axe must not fetch style sheets: the page's policy forbids it."""


OUTSIDE = (
    "[...document.querySelectorAll('body *')].filter(e => !e.closest('.caja, math, .ecuacion, "
    "template') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)"
)
"""What reaches beyond the screen and has no scroll bar of its own."""


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_nothing_overflows(browser: Browser, address: str, width: int) -> None:
    with opened(browser, address, width) as page:
        for name in PAGES:
            page.goto(f"{address}{name}.html")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(OUTSIDE) == [], name


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    browser: Browser, rendered: Render, name: str, width: int, scheme: str
) -> None:
    address = f"{rendered('whole').site.as_uri()}/"
    with opened(browser, address, width, scheme, name=name) as page:
        found = Axe().run(page, options=ALONE)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_images_and_fonts_are_there(browser: Browser, address: str, scheme: str) -> None:
    with opened(browser, address, scheme=scheme) as page:
        images = page.evaluate(
            "[...document.images].map(i => [i.currentSrc, i.naturalWidth, i.complete])"
        )
        assert len(images) == 5
        for _, width, complete in images:
            assert complete
            assert width > 0
        shot = page.locator("figure img").first.screenshot()
        with Image.open(io.BytesIO(shot)) as picture:
            shades = np.asarray(picture.convert("L"), dtype=int)
        paper = shades[1, 1]
        assert (paper > 200) == (scheme == "light")
        # The ink stands out from its paper in both.
        assert abs(shades - paper).max() > 100
        faces = page.evaluate(
            "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded')"
            ".map(x => x.family.replaceAll('\"', '')))"
        )
        assert {"Source Serif 4", "Source Sans 3", "STIX Two Math"} <= set(faces)
        assert page.evaluate("[...document.fonts].every(f => f.status != 'error')")


def heard(page: Page, player: int) -> float:
    """Seconds that a player has played, once it is past 0.2 or has had a minute to get there.

    (Waiting in the page itself would need eval, which the page's policy forbids.)
    """
    for _ in range(600):
        time = float(page.evaluate(f"document.querySelectorAll('audio')[{player}].currentTime"))
        if time > 0.2:
            break
        page.wait_for_timeout(100)
    return time


def test_native_players_play_one_at_a_time(browser: Browser, address: str) -> None:
    play = "i => { const a = document.querySelectorAll('audio')[i]; a.muted = true; a.play() }"
    state = "[...document.querySelectorAll('audio')].flatMap((a, i) => a.paused ? [] : [i])"
    with opened(browser, address) as page:
        page.evaluate(play, 0)
        assert heard(page, 0) > 0.2
        page.evaluate(play, 3)
        assert heard(page, 3) > 0.2
        assert page.evaluate(state) == [3]
        duration = page.evaluate("document.querySelectorAll('audio')[3].duration")
        assert duration == pytest.approx(5, abs=0.1)


def test_without_script_all_but_the_laboratory_is_there(browser: Browser, address: str) -> None:
    with opened(browser, address, script=False) as page:
        assert page.locator("table").count() >= 6
        assert page.locator("audio[controls]").first.is_visible()
        for name, least in (("escuchar", 21), ("canciones", 14), ("generar", 20)):
            page.goto(f"{address}{name}.html")
            assert page.locator("audio[controls]").count() >= least, name
        page.goto(f"{address}explorar.html")
        assert page.locator(".fragmentos li").count() == 240
        assert page.locator("figure img").count() >= 4
        page.goto(f"{address}laboratorio.html")
        assert page.get_by_text("necesita JavaScript").is_visible()


def test_the_keyboard_reaches_the_text_first(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenido"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#contenido"


@pytest.mark.parametrize("sample", ["full", "small", "hostile", "families"])
def test_other_studies_are_as_sound(browser: Browser, rendered: Render, sample: str) -> None:
    site = rendered(sample).site
    with opened(browser, f"{site.as_uri()}/", 360) as page:
        for path in sorted(site.glob("*.html")):
            page.goto(path.as_uri())
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.name
            found = Axe().run(page, options=ALONE)
            assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"
