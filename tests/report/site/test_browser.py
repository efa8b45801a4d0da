"""The site in a real browser: from a folder and over HTTP, screen sizes, colour schemes."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
PAGES = (
    "index", "informe", "informe-exploracion", "informe-nuevas", "informe-generar",
    "informe-comparacion", "informe-conclusiones", "informe-apendice", "escuchar", "prueba",
    "explorar", "canciones", "generar", "laboratorio", "datos",
)  # fmt: skip
AXE_OPTIONS = {"preload": False}
"""The page's policy forbids axe to fetch style sheets."""

OVERFLOWING = (
    "[...document.querySelectorAll('body *')].filter(e => "
    "!e.closest('.caja, math, .ecuacion, .paginas, template') "
    "&& e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)"
)
"""Elements wider than the screen that are not in a scrollable container."""


def check_layout(page: Page, width: int, name: str) -> None:
    page.evaluate("document.fonts.ready.then(() => 0)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert page.evaluate(OVERFLOWING) == [], name


def check_accessibility(page: Page, name: str) -> None:
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (360, "light")])
def test_no_page_overflows_or_violates_axe(
    browser: Browser, rendered: Render, width: int, scheme: str
) -> None:
    address = f"{rendered('whole').site.as_uri()}/"
    with opened(browser, address, width, scheme) as page:
        for name in PAGES:
            page.goto(f"{address}{name}.html")
            check_layout(page, width, name)
            check_accessibility(page, name)


def test_no_page_overflows_a_tablet(browser: Browser, rendered: Render) -> None:
    address = f"{rendered('whole').site.as_uri()}/"
    with opened(browser, address, 768) as page:
        for name in PAGES:
            page.goto(f"{address}{name}.html")
            check_layout(page, 768, name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_images_and_fonts_load(browser: Browser, address: str, scheme: str) -> None:
    with opened(browser, address, scheme=scheme) as page:
        wait_until(page, "[...document.images].every(i => i.complete)")
        images = page.evaluate(
            "[...document.querySelectorAll('figure img')]"
            ".map(i => [i.currentSrc, i.naturalWidth, i.complete])"
        )
        assert len(images) == 7
        for _, width, complete in images:
            assert complete
            assert width > 0
        shot = page.locator("figure img").first.screenshot()
        with Image.open(io.BytesIO(shot)) as picture:
            shades = np.asarray(picture.convert("L"), dtype=int)
        paper = shades[1, 1]
        assert (paper > 200) == (scheme == "light")
        # The ink contrasts with the paper in both schemes.
        assert abs(shades - paper).max() > 100
        faces = page.evaluate(
            "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded')"
            ".map(x => x.family.replaceAll('\"', '')))"
        )
        assert {"Latentes Serif", "Latentes Sans", "STIX Two Math"} <= set(faces)
        assert page.evaluate("[...document.fonts].every(f => f.status != 'error')")


def wait_for_playback(page: Page, player: int) -> float:
    """Wait up to a minute for a player to pass 0.2 s; return its position in seconds.

    Playwright's own wait needs eval, which the page's policy forbids.
    """
    for _ in range(600):
        time = float(page.evaluate(f"document.querySelectorAll('audio')[{player}].currentTime"))
        if time > 0.2:
            break
        page.wait_for_timeout(100)
    return time


def test_small_buttons_play_one_sound_at_a_time(browser: Browser, address: str) -> None:
    state = "[...document.querySelectorAll('audio')].flatMap((a, i) => a.paused ? [] : [i])"
    with opened(browser, address) as page:
        buttons = page.locator(".sonido")
        name = buttons.nth(3).get_attribute("aria-label") or ""
        assert name.startswith("Reproducir: ")
        assert page.evaluate("!document.querySelector('audio[controls]')")
        for place in (0, 3):
            buttons.nth(place).focus()
            page.keyboard.press("Space")
            assert wait_for_playback(page, place) > 0.2
        assert buttons.nth(3).get_attribute("aria-label") == name.replace("Reproducir", "Pausar")
        assert page.evaluate(state) == [3]
        duration = page.evaluate("document.querySelectorAll('audio')[3].duration")
        assert duration == pytest.approx(5, abs=0.1)
        buttons.nth(3).click()
        assert page.evaluate(state) == []
        # A sound that fails says so, and can be tried again.
        page.evaluate("document.querySelectorAll('audio')[3].src = 'icon.svg'")
        buttons.nth(3).click()
        wait_until(page, "document.querySelector('.sonido[data-estado=falla]') !== null")


def test_without_scripts_only_the_laboratory_is_unavailable(browser: Browser, address: str) -> None:
    with opened(browser, address, script=False) as page:
        assert page.locator("table").count() >= 6
        assert page.locator("audio[controls]").first.is_visible()
        for name, min_count in (("escuchar", 21), ("canciones", 14), ("generar", 80)):
            page.goto(f"{address}{name}.html")
            assert page.locator("audio[controls]").count() >= min_count, name
        page.goto(f"{address}explorar.html")
        assert page.locator(".fragmentos li").count() == 240
        assert page.locator("noscript p").is_visible()
        assert not page.locator(".mapa").is_visible()
        page.goto(f"{address}laboratorio.html")
        assert page.get_by_text("necesita JavaScript").is_visible()
        assert page.locator("main h2:visible, main p:visible").count() == 1


def test_the_first_tab_stop_skips_to_the_content(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenido"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#contenido"


@pytest.mark.slow
@pytest.mark.parametrize("sample", ["full", "small", "hostile", "families"])
def test_other_studies_neither_overflow_nor_violate_axe(
    browser: Browser, rendered: Render, sample: str
) -> None:
    site = rendered(sample).site
    with opened(browser, f"{site.as_uri()}/", 360) as page:
        for path in sorted(site.glob("[!4]*.html")):  # 404.html asks for published addresses
            page.goto(path.as_uri())
            check_layout(page, 360, path.name)
            check_accessibility(page, path.name)
