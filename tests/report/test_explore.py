"""The map in a real browser: points that sound, a list that says the same, links both ways."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Browser

from report.render import Rendered
from tests.report.pages import opened

Render = Callable[[str], Rendered]
DIFFERENT = (
    "(() => { const c = document.querySelector('.nube canvas'); return c.toDataURL().length + "
    "c.toDataURL().slice(-4000) })()"
)


def test_points_move_turn_and_are_filtered(browser: Browser, rendered: Render) -> None:
    site = rendered("whole").site
    address = f"{site.as_uri()}/"
    with opened(browser, address, name="explorar") as page:
        seen = [page.evaluate(DIFFERENT)]
        page.locator("#vector").select_option("log_mel")
        page.wait_for_timeout(900)
        seen.append(page.evaluate(DIFFERENT))
        for view in ("derecha", "cerca"):
            page.locator(f"[data-vista={view}]").click()
            seen.append(page.evaluate(DIFFERENT))
        page.get_by_role("checkbox", name="jazz").uncheck()
        seen.append(page.evaluate(DIFFERENT))
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
