"""The map page in a real browser: fit, filters, neighbours to hear, address and layout shift."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from report.language import words
from report.queries.results import read
from report.queries.titles import clip_title
from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
CANVAS_DATA = "document.querySelector('.nube canvas').toDataURL()"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
READY = "document.querySelector('.quien').textContent.trim() !== ''"

FILLED = """(() => {
  const canvas = document.querySelector(".nube canvas");
  const rgb = (mark) => getComputedStyle(mark).fill.match(/[0-9]+/g).map(Number);
  const colours = [...document.querySelectorAll(".leyenda .punto")].map(rgb);
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let i = 0; i < width * height; i++) {
    const is = (colour) => colour.every((value, k) => Math.abs(data[4 * i + k] - value) < 4);
    if (!colours.some(is)) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return ((right - left) * (bottom - top)) / (width * height);
})()"""
"""The part of the canvas that the bounding box of the marks takes."""

SHIFTS = (
    "window.shifts = 0; new PerformanceObserver((list) => { for (const shift of list.getEntries())"
    " window.shifts += shift.value; }).observe({ type: 'layout-shift', buffered: true });"
)


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


def test_the_points_fill_the_canvas_and_follow_the_controls(
    browser: Browser, rendered: Render
) -> None:
    with opened(browser, f"{rendered('whole').site.as_uri()}/", name="explorar") as page:
        wait_until(page, READY)
        images = [settled_canvas(page, "")]
        assert page.evaluate(FILLED) >= 0.7
        panel = page.locator(".elegido").bounding_box()
        assert panel is not None
        assert panel["y"] + panel["height"] <= 800, "the panel is off a laptop's screen"
        page.locator("#vector").select_option("original")
        images.append(settled_canvas(page, images[-1]))
        for view in ("Girar a la derecha", "Acercar"):
            page.get_by_role("button", name=view).click()
            images.append(settled_canvas(page, images[-1]))
        page.get_by_role("checkbox", name="jazz").uncheck()
        images.append(settled_canvas(page, images[-1]))
        assert len(set(images)) == len(images)
        assert page.locator("details[data-genero]:visible").count() == 9
        page.get_by_role("button", name="Vista inicial").click()
        page.set_viewport_size({"width": 360, "height": 740})
        settled_canvas(page, images[-1])
        assert page.evaluate(FILLED) >= 0.6  # of the nine genres shown


def test_a_click_plays_and_links_to_the_comparator(browser: Browser, address: str) -> None:
    with opened(browser, address, name="explorar") as page:
        wait_until(page, READY)
        box = page.locator(".nube canvas").bounding_box()
        assert box is not None
        for x, y in np.random.default_rng(0).uniform(0.3, 0.7, (200, 2)):
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if page.evaluate("document.querySelector('audio').src !== ''"):
                break
        page.locator(".principal.sonando").wait_for()
        page.get_by_label("Buscar").fill("JAZZ 23")
        assert page.locator("#cuantos").inner_text() == "1 de 240 fragmentos"
        page.keyboard.press("Enter")
        assert page.locator(".quien").inner_text().strip() == "Jazz 23"
        page.get_by_role("button", name="Pausar Jazz 23").wait_for()
        page.get_by_role("link", name="Comparar con sus reconstrucciones").click()
        computed = page.locator(".calculado .comparador")
        computed.locator(".tocar").click()  # the original, while its versions are computed
        computed.locator(".tocar.sonando").wait_for()
        computed.locator(".opcion").nth(1).wait_for()
        assert computed.locator(".tocar.sonando").count() == 1
        page.locator(".ir-al-mapa a").click()
        page.get_by_role("button", name="Reproducir Jazz 23", exact=True).wait_for()


def test_neighbours_are_those_of_the_results_and_are_heard(
    browser: Browser, rendered: Render, results_folder: Callable[[str], Path]
) -> None:
    results = read(results_folder("whole"))
    with opened(browser, f"{rendered('whole').site.as_uri()}/", name="explorar") as page:
        wait_until(page, READY)
        vector = results.vector(page.locator("#vector").input_value())
        song = int(page.locator(".elegido").get_attribute("data-punto") or -1)
        with np.load(results.folder / vector.array) as arrays:
            rows, distances = arrays["neighbours"][song], arrays["distances"][song]
        titles = [clip_title(clip.name, results, words.read()) for clip in results.data.clips]
        names = [titles[row] for row in rows]
        shown = page.locator(".parecidos .nombre")
        assert shown.count() == 5
        assert [text.strip() for text in shown.all_inner_texts()] == names
        told = [text.replace(",", ".") for text in page.locator(".distancia").all_inner_texts()]
        assert [float(text) for text in told] == pytest.approx(distances.tolist(), abs=0.006)
        heard = [row for row in rows if results.data.clips[row].excerpt]
        muted = page.locator(".parecidos .tocar:disabled").count()
        silent = [row for row in rows if not (results.data.clips[row].audio or row in heard)]
        assert muted == len(silent)
        # An excerpt, through the list and the keyboard.
        page.locator("details[data-genero] summary").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("button", name=f"Pausar {titles[0]}").wait_for()
        assert "más intensos" in page.locator("#sonido").inner_text()
        # A clip without sound promises none.
        page.locator("details[data-genero] [data-elige='5']").click()
        assert page.locator(".principal").is_disabled()
        assert page.locator("#sonido").inner_text() == "El sitio no guarda su sonido."
        page.locator(".parecidos .nombre").first.click()
        assert page.evaluate("document.activeElement.className") == "quien"


def test_the_address_restores_vector_point_and_view(browser: Browser, address: str) -> None:
    with opened(browser, address, name="explorar") as page:
        wait_until(page, READY)
        first = page.locator("#vector").input_value()
        page.locator("#vector").select_option("original")
        page.get_by_label("Buscar").fill("Rock 1")
        page.keyboard.press("Enter")
        page.get_by_label("Buscar").fill("")
        page.get_by_role("button", name="Girar a la derecha").click()
        page.get_by_role("button", name="Copiar enlace").click()
        wait_until(page, "document.getElementById('aviso').textContent !== ''")
        link, image = page.url, settled_canvas(page, "")
        assert "#vector=original&punto=217&vista=0.80,0.40,1.00" in link
        page.goto("about:blank")
        page.goto(link)
        wait_until(page, READY)
        assert page.locator("#vector").input_value() == "original"
        assert page.locator(".quien").inner_text().strip() == "Rock 1"
        assert settled_canvas(page, "") == image
        page.goto("about:blank")
        page.goto(f"{address}explorar.html#vector=x&punto=length&vista=1,a,2")
        wait_until(page, READY)
        assert page.locator("#vector").input_value() == first
        assert "Blues 0" in page.locator(".quien").inner_text()
        page.goto(f"{address}explorar.html#fragmento-30")
        wait_until(page, "document.querySelector('.quien').textContent.includes('Clásica 6')")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_the_page_loads(browser: Browser, rendered: Render, width: int) -> None:
    """Measured without web fonts. A sound that fails to load is reported and can be retried."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.route("**/*.woff2", lambda route: route.abort())
    page.add_init_script(SHIFTS)
    page.goto(f"{rendered('whole').site.as_uri()}/explorar.html")
    wait_until(page, READY)
    page.evaluate(FRAMES)
    assert page.evaluate("shifts") < 0.02
    page.route("**/audio/**", lambda route: route.abort())
    page.locator(".principal").click()
    page.get_by_text("No se pudo cargar el sonido.").wait_for()
    page.unroute("**/audio/**")
    page.locator(".principal").click()
    page.locator(".principal.sonando").wait_for()
    page.close()
