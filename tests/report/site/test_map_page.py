"""The map in a real browser: points that sound, a list that says the same, links both ways."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened

Render = Callable[[str], Rendered]
PICTURE = "document.querySelector('.nube canvas').toDataURL()"


FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def at_rest(page: Page, before: str) -> str:
    """The picture of the map once it is another than before and moves no more."""
    last, now = before, page.evaluate(PICTURE)
    for _ in range(600):
        if before != now == last:
            return now
        page.evaluate(FRAMES)
        page.wait_for_timeout(50)
        last, now = now, page.evaluate(PICTURE)
    raise AssertionError("the map does not come to rest")


def test_points_move_turn_and_are_filtered(browser: Browser, rendered: Render) -> None:
    site = rendered("whole").site
    address = f"{site.as_uri()}/"
    with opened(browser, address, name="explorar") as page:
        page.locator(".nube canvas").wait_for()
        seen = [at_rest(page, "")]
        page.locator("#vector").select_option("log_mel")
        seen.append(at_rest(page, seen[-1]))
        for view in ("derecha", "cerca"):
            page.locator(f"[data-vista={view}]").click()
            seen.append(at_rest(page, seen[-1]))
        page.get_by_role("checkbox", name="jazz").uncheck()
        seen.append(at_rest(page, seen[-1]))
        assert len(set(seen)) == len(seen)
        assert page.locator("details[data-genero]:visible").count() == 9


def test_a_click_plays_and_leads_to_the_comparator(browser: Browser, address: str) -> None:
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


def test_the_list_plays_by_keyboard(browser: Browser, address: str) -> None:
    with opened(browser, address, name="explorar") as page:
        page.locator("details[data-genero] summary").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Pausar").wait_for()
