"""The map page in a real browser: animation, filters, playback and links."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened

Render = Callable[[str], Rendered]
CANVAS_DATA = "document.querySelector('.nube canvas').toDataURL()"


FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def settled_canvas(page: Page, before: str) -> str:
    """Wait until the map differs from `before` and its animation has ended; return its image."""
    last, now = before, page.evaluate(CANVAS_DATA)
    for _ in range(600):
        if before != now == last:
            return now
        page.evaluate(FRAMES)
        page.wait_for_timeout(50)
        last, now = now, page.evaluate(CANVAS_DATA)
    raise AssertionError("the animation does not end")


def test_selecting_rotating_and_filtering_change_the_map(
    browser: Browser, rendered: Render
) -> None:
    site = rendered("whole").site
    address = f"{site.as_uri()}/"
    with opened(browser, address, name="explorar") as page:
        page.locator(".nube canvas").wait_for()
        images = [settled_canvas(page, "")]
        page.locator("#vector").select_option("log_mel")
        images.append(settled_canvas(page, images[-1]))
        for view in ("derecha", "cerca"):
            page.locator(f"[data-vista={view}]").click()
            images.append(settled_canvas(page, images[-1]))
        page.get_by_role("checkbox", name="jazz").uncheck()
        images.append(settled_canvas(page, images[-1]))
        assert len(set(images)) == len(images)
        assert page.locator("details[data-genero]:visible").count() == 9


def test_a_click_plays_and_links_to_the_comparator(browser: Browser, address: str) -> None:
    with opened(browser, address, name="explorar") as page:
        box = page.locator(".nube canvas").bounding_box()
        assert box is not None
        found = False
        for x, y in np.random.default_rng(0).uniform(0.3, 0.7, (200, 2)):
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if found := page.locator("#tocar-punto").is_visible():
                break
        assert found
        page.get_by_role("button", name="Pausar").wait_for()
        page.locator("#comparar-punto").click()
        page.locator(".calculado .mando").wait_for()
        page.locator(".ir-al-mapa a").click()
        page.get_by_role("button", name="Reproducir", exact=True).wait_for()


def test_the_list_plays_with_the_keyboard(browser: Browser, address: str) -> None:
    with opened(browser, address, name="explorar") as page:
        page.locator("details[data-genero] summary").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Pausar").wait_for()
