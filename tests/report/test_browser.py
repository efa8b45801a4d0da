"""The site in a real browser: from a folder and over HTTP, on any screen, in both themes."""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from report.render import Rendered

Render = Callable[[str], Rendered]
PAGES = (
    "index", "exploracion", "nuevas", "generar", "comparacion", "conclusiones", "apendice",
)  # fmt: skip
ALONE = {"preload": False}
"""axe must not fetch style sheets: the page's policy forbids it."""


class Quiet(SimpleHTTPRequestHandler):
    """Python's file server, without its log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session", params=["folder", "http"])
def address(request: pytest.FixtureRequest, rendered: Render) -> Iterator[str]:
    """The page opened by double click, and the same page under a sub-path of a server."""
    site = rendered("whole").site
    if request.param == "folder":
        yield (site / "index.html").as_uri()
        return
    handler = functools.partial(Quiet, directory=str(site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
        server.shutdown()


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, scheme: str = "light", script: bool = True
) -> Iterator[Page]:
    """The page, with a check that nothing was said on the console nor asked from outside."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda failed: said.append(f"failed: {failed.url}"))
    origin = address.rpartition("/")[0]
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(origin) else said.append(asked.url),
    )
    page.goto(address)
    page.wait_for_load_state("networkidle")
    yield page
    context.close()
    assert said == []


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_nothing_overflows(browser: Browser, address: str, width: int) -> None:
    with opened(browser, address, width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = (
            "[...document.querySelectorAll('main *')].filter(e => !e.closest('.caja, math, "
            ".ecuacion') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)"
        )
        assert page.evaluate(boxes) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    browser: Browser, rendered: Render, name: str, width: int, scheme: str
) -> None:
    address = (rendered("whole").site / f"{name}.html").as_uri()
    with opened(browser, address, width, scheme) as page:
        found = Axe().run(page, options=ALONE)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_images_and_fonts_are_there(browser: Browser, address: str, scheme: str) -> None:
    with opened(browser, address, scheme=scheme) as page:
        images = page.evaluate(
            "[...document.images].map(i => [i.currentSrc, i.naturalWidth, i.complete])"
        )
        assert len(images) == 5
        for source, width, complete in images:
            assert complete
            assert width > 0
            assert source.endswith("-dark.svg") == (scheme == "dark")
        faces = page.evaluate(
            "document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded')"
            ".map(x => x.family.replaceAll('\"', '')))"
        )
        assert {"Source Serif 4", "Source Sans 3", "STIX Two Math"} <= set(faces)
        assert page.evaluate("[...document.fonts].every(f => f.status != 'error')")


def heard(page: Page, player: int) -> float:
    """Seconds that a player has played, once it is past 0.2 or has had ten seconds to get there.

    (Waiting in the page itself would need eval, which the page's policy forbids.)
    """
    for _ in range(100):
        time = float(page.evaluate(f"document.querySelectorAll('audio')[{player}].currentTime"))
        if time > 0.2:
            break
        page.wait_for_timeout(100)
    return time


def test_sound_plays_one_at_a_time(browser: Browser, address: str) -> None:
    play = "i => { const a = document.querySelectorAll('audio')[i]; a.muted = true; a.play() }"
    state = "[...document.querySelectorAll('audio')].map(a => !a.paused)"
    with opened(browser, address) as page:
        page.evaluate(play, 0)
        assert heard(page, 0) > 0.2
        page.evaluate(play, 3)
        assert heard(page, 3) > 0.2
        assert page.evaluate(state) == [False, False, False, True, False, False]
        duration = page.evaluate("document.querySelectorAll('audio')[3].duration")
        assert duration == pytest.approx(5, abs=0.01)


def test_without_script_all_is_there(browser: Browser, address: str) -> None:
    with opened(browser, address, script=False) as page:
        assert page.locator("audio[controls]").count() == 6
        assert page.locator("table").count() >= 6


def test_the_keyboard_reaches_the_text_first(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenido"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#contenido"


@pytest.mark.parametrize("sample", ["full", "small", "hostile", "families"])
def test_other_studies_are_as_sound(browser: Browser, rendered: Render, sample: str) -> None:
    for path in sorted(rendered(sample).site.glob("*.html")):
        with opened(browser, path.as_uri(), 360) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert Axe().run(page, options=ALONE).violations_count == 0
