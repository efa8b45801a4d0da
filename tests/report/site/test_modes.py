"""Pages on paper, in forced colours, on a phone and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Browser

from report.render import Rendered
from tests.report.browser_pages import opened

Render = Callable[[str], Rendered]
PAPER = """() => ({
  paper: getComputedStyle(document.body).backgroundColor,
  controls: [...document.querySelectorAll("button, audio, input, select, .barra")]
    .filter((each) => each.checkVisibility()).length,
  rows: [...document.querySelectorAll(".generado tbody tr")]
    .every((row) => row.checkVisibility({ contentVisibilityAuto: true })),
  cut: [...document.querySelectorAll(".caja")]
    .filter((box) => getComputedStyle(box).overflowX !== "visible").length,
})"""


def test_paper_is_light_with_folds_open_and_no_controls(browser: Browser, address: str) -> None:
    with opened(browser, address, scheme="dark", name="generar") as page:
        page.emulate_media(media="print", color_scheme="dark")
        found = page.evaluate(PAPER)
    assert found == {"paper": "rgb(255, 255, 255)", "controls": 0, "rows": True, "cut": 0}


def test_forced_colours_show_where_one_is_and_what_plays(browser: Browser, address: str) -> None:
    border = "e => getComputedStyle(e).borderBottomColor"
    with opened(browser, address, name="generar") as page:
        page.emulate_media(forced_colors="active")
        links = page.locator(".paginas a:not([aria-current])")
        here = page.locator(".paginas a[aria-current]").evaluate(border)
        assert here not in (links.first.evaluate(border), links.last.evaluate(border))
        width = "e => getComputedStyle(e).borderTopWidth"
        assert page.locator(".instrumento .tocar").evaluate(width) == "1px"


def test_the_first_column_of_a_wide_table_stays(browser: Browser, address: str) -> None:
    with opened(browser, address, 360, name="canciones") as page:
        page.locator("details").first.evaluate("e => { e.open = true }")
        box = page.locator("details .caja").first
        cell = box.locator("tbody tr").last.locator(":scope > *").first
        left = cell.evaluate("e => e.getBoundingClientRect().left")
        box.evaluate("e => { e.scrollLeft = 200 }")
        assert box.evaluate("e => e.scrollLeft") > 100
        assert abs(cell.evaluate("e => e.getBoundingClientRect().left") - left) < 16


def test_nothing_is_promised_that_needs_scripts(browser: Browser, address: str) -> None:
    with opened(browser, address, script=False, name="escuchar") as page:
        assert page.get_by_text("Se puede pasar de una a otra").is_hidden()
        assert page.get_by_text("las redes se ejecutan en esta página").is_hidden()
        assert page.locator("main h2").count() == 2
