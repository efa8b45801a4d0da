"""What every page has around its content: stable layout, one row of pages, marked contents."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
SHIFTS = (
    "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
    "e => { moved += e.hadRecentInput ? 0 : e.value })).observe({type: 'layout-shift', "
    "buffered: true})"
)
STABLE = ("index", "informe", "informe-comparacion", "informe-bits", "informe-referencias", "datos")
TOP = "document.querySelector(location.hash).getBoundingClientRect().top"


def slow_down(page: Page) -> None:
    """Let every request of a page take as long as on a phone, without a cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 100, "downloadThroughput": 400_000, "uploadThroughput": 50_000,
    })  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_do_not_move_while_they_load(browser: Browser, address: str, width: int) -> None:
    with opened(browser, address, width, init_script=SHIFTS) as page:
        slow_down(page)
        for name in STABLE:
            page.goto(f"{address}{name}.html")
            wait_until(page, "document.documentElement.classList.contains('con-letra')")
            page.wait_for_timeout(300)
            assert page.evaluate("moved") < 0.1, name


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_the_first_screen_has_the_finding_and_the_comparator(
    browser: Browser, rendered: Render, width: int, height: int
) -> None:
    address = f"{rendered('families').site.as_uri()}/"
    with opened(browser, address, width, name="index") as page:
        for selector in (".hallazgo", ".compacto .tocar"):
            box = page.locator(selector).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height, selector
        bar = page.locator(".barra").bounding_box()
        assert bar is not None
        assert bar["height"] <= 56
        versions = page.locator(".compacto").get_attribute("data-versiones")
        assert versions is not None
        assert len(versions.split()) == 2


def test_old_addresses_of_the_report_lead_to_it(browser: Browser, rendered: Render) -> None:
    address = f"{rendered('whole').site.as_uri()}/"
    with opened(browser, address, name="datos") as page:
        page.goto(f"{address}index.html#sec-entrenamiento")
        page.wait_for_url("**/informe.html#sec-entrenamiento")
        assert page.evaluate(TOP) == pytest.approx(24, abs=2)
        marked = page.locator(".lateral [aria-current]")
        assert marked.get_attribute("href") == "#sec-entrenamiento"
        page.evaluate("document.getElementById('sec-datos').scrollIntoView()")
        wait_until(page, "document.querySelector('.lateral [aria-current]').hash == '#sec-datos'")
