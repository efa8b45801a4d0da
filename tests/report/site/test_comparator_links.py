"""Addresses, embedding and downloads of the comparators, in a real browser."""

import html
import re
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Locator, Page

from report.render import Rendered
from tests.report.browser_pages import opened, wait_until
from tests.report.site.test_browser import check_accessibility, check_layout
from tests.report.site.test_comparator import stored_samples

SONG = "song=jazz.00041"
COMPACT = f"incrustar.html#{SONG}&versions=classic.9184+baseline.lowpass.9184"


@pytest.fixture(scope="module")
def folder(rendered: Callable[[str], Rendered]) -> str:
    return f"{rendered('whole').site.as_uri()}/"


def state(page: Page) -> list[object]:
    """Return what the first comparator has chosen: version, residual, region and what plays."""
    found: list[object] = page.evaluate("""() => {
      const { current, residual, player } = document.querySelector('.comparador').comparator;
      return [current.version, residual, player.region, player.playing];
    }""")
    return found


def created(page: Page) -> Locator:
    """Wait for the first comparator."""
    view = page.locator(".mando").first
    view.wait_for()
    return view


FRAGMENTS: dict[str, list[object]] = {
    f"{SONG}&version=baseline.mdct.9184&t=1.2-2.0&residual": [
        "baseline.mdct.9184", True, [1.2, 2], False,
    ],
    f"{SONG}&version=classic.9&t=4-3&residual": ["original", False, None, False],
    f"{SONG}&version=classic.9184&t=1-99": ["classic.9184", False, None, False],
    "song=%&version=classic.9184&t=1-2": ["original", False, None, False],
}  # fmt: skip


def test_an_address_restores_all_but_playing(browser: Browser, address: str) -> None:
    with opened(browser, address, name="escuchar") as page:
        for fragment, expected in FRAGMENTS.items():
            page.goto(f"{address}escuchar.html#{fragment}")
            page.reload()
            created(page)
            assert state(page) == expected, fragment


def test_the_copied_link_leads_to_what_is_chosen(browser: Browser, address: str) -> None:
    with opened(browser, address, name="escuchar") as page:
        view = created(page)
        page.evaluate("document.querySelector('.comparador').comparator.markRegion(0.5, 1.25)")
        view.locator(".opcion input").first.click()
        view.locator(".residuo").check()
        view.locator(".copiar").click()
        link = view.locator(".enlace").input_value()
        assert link == (f"{address}escuchar.html#{SONG}&version=classic.9184&t=0.5-1.25&residual")
        before = state(page)
        page.goto(f"{address}datos.html")
        page.goto(link)
        created(page)
        assert state(page) == before


def test_the_chosen_sound_is_downloaded(
    browser: Browser, folder: str, rendered: Callable[[str], Rendered]
) -> None:
    site = rendered("whole").site
    with opened(browser, folder, name="escuchar") as page:
        view = created(page)
        view.locator(".opcion input").first.click()
        with page.expect_download() as version:
            view.locator(".descargar").click()
        view.locator(".residuo").check()
        with page.expect_download() as residual:
            view.locator(".descargar").click()
        assert version.value.suggested_filename == "jazz.00041-classic.9184.wav"
        assert residual.value.suggested_filename == "jazz.00041-classic.9184-residuo.wav"
        samples, rate = soundfile.read(version.value.path())
        assert rate == 22_050
        difference = samples - stored_samples(site, "test-classic-9184")
        assert np.abs(difference).max() < 2 / 32768
        other, _ = soundfile.read(residual.value.path())
        assert np.abs(other).max() > 0.01
        assert abs(np.corrcoef(other, samples)[0, 1]) < 0.3


def test_the_snippet_embeds_the_comparator(browser: Browser, folder: str) -> None:
    with opened(browser, folder, name="datos") as page:
        page.goto(f"{folder}{COMPACT}")
        view = created(page)
        view.locator(".incrustar").click()
        match = re.search('src="([^"]+)"', view.locator(".enlace").input_value())
        assert match is not None
        page.goto(f"{folder}datos.html")
        page.goto(html.unescape(match[1]))
        view = created(page)
        assert page.locator("header, footer").count() == 0
        named = page.locator(".titulo").inner_text()
        assert f"«{named}»" in str(page.locator(".comparador").get_attribute("aria-label"))
        assert view.locator(".opcion").count() == 3
        assert state(page) == ["original", False, None, False]


def test_the_compact_comparator_plays_on_the_first_click(browser: Browser, folder: str) -> None:
    with opened(browser, folder, 360, "dark", name="datos") as page:
        page.goto(f"{folder}{COMPACT}")
        view = created(page)
        assert page.locator(".lienzo img").evaluate("i => i.decode().then(() => i.naturalWidth)")
        box = view.bounding_box()
        assert box is not None
        assert box["height"] < 330
        check_layout(page, 360, "incrustar")
        check_accessibility(page, "incrustar")
        view.get_by_role("radio", name="Pasabajos ideal").click()
        view.locator(".tocar.sonando").wait_for()
        assert state(page)[0] == "baseline.lowpass.9184"
        view.get_by_role("radio", name="Original").click()
        wait_until(page, "document.querySelector('.nombre').textContent === 'Original'")
        assert state(page) == ["original", False, None, True]
