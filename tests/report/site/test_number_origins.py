"""Numbers of the report show value, interval, step and command in place, and lead to their page."""

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from report.checks.file_integrity import read_data_script
from report.language import spanish
from report.queries.results import read
from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
FOCUSED = "document.activeElement.title"


def shown(page: Page, name: str) -> Locator:
    """Activate the first link of a number and return what is shown of it."""
    page.locator(f'a.n[title="{name}"]').first.click()
    wait_until(page, "document.querySelector('.procedencia:popover-open') !== null")
    return page.get_by_role("dialog", name="De dónde sale este número")


def test_a_number_says_where_it_comes_from(browser: Browser, address: str) -> None:
    with opened(browser, address, name="informe-comparacion") as page:
        name = page.locator("a.n").first.get_attribute("title") or ""
        box = shown(page, name)
        text = box.inner_text()
        assert "latentes explain " in text
        assert "Paso " in text
        link = box.get_by_role("link").get_attribute("href") or ""
        assert "informe-numeros.html#p" in link
        assert Axe().run(page, options={"preload": False}).violations_count == 0
        page.keyboard.press("Escape")
        assert box.is_hidden()
        assert page.evaluate(FOCUSED) == name
        merged = page.locator("a.n[title*='*']").first
        merged.click()
        assert box.get_by_text("Se calculó con cifras de esta lista, de ").is_visible()
        assert box.locator("strong:visible").count() <= 3
        box.get_by_role("button", name="Cerrar").click()
        assert box.is_hidden()
        page.evaluate("() => { Latentes.load = () => Promise.reject(new Error('lost')) }")
        page.locator("a.n").first.click()
        page.wait_for_url("**/informe-numeros.html#p*")
        assert page.locator(".paso:target").is_visible()
        page.get_by_role("button", name="Volver a la cifra").click()
        page.wait_for_url("**/informe-comparacion.html")


def test_the_tab_key_passes_over_numbers_unless_asked(browser: Browser, address: str) -> None:
    with opened(browser, address, name="informe-comparacion") as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        toggle = page.get_by_role("button", name="Recorrer las cifras con el teclado")
        assert toggle.get_attribute("aria-pressed") == "false"
        assert page.evaluate("document.activeElement.matches('.recorrer')")
        assert page.evaluate("[...document.querySelectorAll('a.n')].every(a => a.tabIndex < 0)")
        page.keyboard.press("Enter")
        assert toggle.get_attribute("aria-pressed") == "true"
        page.locator("a.n").first.focus()
        page.keyboard.press("Enter")
        wait_until(page, "document.querySelector('.procedencia:popover-open') !== null")


def test_a_script_has_the_numbers_that_its_page_cites(
    rendered: Render, results_folder: Callable[[str], Path]
) -> None:
    results = read(results_folder("whole"))
    scripts = list((rendered("whole").site / "datos" / "numeros").glob("*.js"))
    assert scripts
    for script in scripts:
        _, rows, functions = read_data_script(script)
        for title, cited in rows.items():
            assert cited, title
            for value, _, step, name in cited:
                number = results.numbers[name]
                assert number.step == step
                assert functions[step]
                places = len(value.partition(",")[2].split()[0]) if "," in value else 0
                assert value.startswith(spanish.decimal(number.value, places))
