"""The page Generar in a real browser: one player for any sound, mixes, recipes and downloads."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from report import byte_text
from report.checks.file_integrity import read_data_script
from report.render import Rendered
from tests.report.browser_pages import opened, wait_until

Render = Callable[[str], Rendered]
VISIBLE_PLAYERS = "[...document.querySelectorAll('audio')].filter(e => e.checkVisibility()).length"
LOADED = "document.querySelector('.instrumento .dibujado') && "
LOADED += "!document.querySelector('.instrumento .estado').textContent"
LAST_BUFFER = """
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...args) {
  window.heard = [...this.buffer.getChannelData(0)];
  window.starts = (window.starts || 0) + 1;
  return start.apply(this, args);
};
"""
"""Keeps the samples of the last source that was started."""


def choose(page: Page, place: int, what: str) -> Locator:
    """Select a group in source A (0) or B (1) and return the source."""
    source = page.locator(".instrumento fieldset").nth(place)
    source.get_by_label("Qué suena").select_option(what)
    return source


def recipe(source: Locator) -> str:
    return source.locator(".receta").text_content() or ""


def set_range(slider: Locator, value: int) -> None:
    slider.evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})) }", value
    )


def test_any_sound_can_be_chosen_and_downloaded(browser: Browser, address: str) -> None:
    with opened(browser, address, name="generar") as page:
        assert page.evaluate(VISIBLE_PLAYERS) == 0
        source = page.locator(".instrumento fieldset").first
        assert recipe(source).startswith("Flujo, jazz, n.º 1, semilla 42. Pulso: 0,24. Copia: 0,40")
        source.get_by_label("Género").select_option("rock")
        set_range(source.get_by_label("Muestra"), 1)
        assert recipe(source).startswith("Flujo, rock, n.º 2, semilla 43")
        choose(page, 0, "Collage de fragmentos de entrenamiento")
        assert recipe(source).startswith("Collage de fragmentos de entrenamiento, rock, n.º 2")
        choose(page, 0, "Vector al azar gaussiano")
        assert not source.get_by_label("Género").is_visible()
        assert source.get_by_label("Red", exact=True).is_visible()
        choose(page, 0, "Media de unos pocos fragmentos de un género")
        source.get_by_label("Red", exact=True).select_option(label="Convolucional, 9184")
        assert recipe(source).startswith("Media de unos pocos fragmentos de un género, rock, Conv")
        assert "Fragmentos: Blues 0, Blues 1, Blues 2" in recipe(source)
        link = source.get_by_text("Descargar el sonido A")
        file = "generated/classic.9184/genre_songs-g9.mp3"
        assert link.get_attribute("href") == f"audio/{file}"
        assert link.get_attribute("download") == file.replace("/", "-")
        if address.startswith("http"):  # Chromium opens files of a folder instead
            with page.expect_download() as found:
                link.click()
            assert found.value.suggested_filename == file.replace("/", "-")
            assert soundfile.info(str(found.value.path())).duration > 0.9


def test_the_path_is_a_slider_of_nine_points_heard_in_place(browser: Browser, address: str) -> None:
    with opened(browser, address, name="generar", init_script=LAST_BUFFER) as page:
        source = choose(page, 0, "Camino entre dos fragmentos")
        slider = source.get_by_label("Muestra o punto")
        assert slider.get_attribute("max") == "8"
        page.locator(".instrumento .tocar").click()
        wait_until(page, LOADED)
        assert page.get_by_role("button", name="Pausar").is_visible()
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert "12,5 % del camino" in recipe(source)
        assert slider.get_attribute("aria-valuetext") == "12,5 % del camino"
        wait_until(page, "window.starts >= 2")
        assert page.evaluate(LOADED)
        page.keyboard.press("End")
        assert "100 % del camino" in recipe(source)
        assert Axe().run(page, options={"preload": False}).violations_count == 0


def test_a_mix_is_the_weighted_sum_of_two_sounds(
    browser: Browser, address: str, rendered: Render
) -> None:
    site = rendered("whole").site
    with opened(browser, address, name="generar", init_script=LAST_BUFFER) as page:
        choose(page, 1, "Proceso gaussiano").get_by_label("Género").select_option("metal")
        set_range(page.get_by_label("Mezcla"), 25)
        page.locator(".instrumento .tocar").click()
        wait_until(page, f"{LOADED} && window.heard")
        heard = np.array(page.evaluate("window.heard"))
    parts = [sound_in_bundle(site, *each) for each in (
        ("new_music/flow/5-jazz", "new_music/flow/5-jazz-0"),
        ("new_music/process/6-metal", "new_music/process/6-metal-1"),
    )]  # fmt: skip
    count = min(map(len, [*parts, heard])) - 3000
    mix = 0.75 * parts[0][:count] + 0.25 * parts[1][:count]
    # Browsers may trim the encoder's delay.
    best = max(
        np.corrcoef(mix[lag : lag + count - 2000], heard[: count - 2000])[0, 1]
        for lag in range(2000)
    )
    assert best > 0.99


def sound_in_bundle(site: Path, bundle: str, key: str) -> np.ndarray:
    name, sounds = read_data_script(site / "sonidos" / f"{bundle}.js")
    assert name == bundle
    samples, _ = soundfile.read(io.BytesIO(byte_text.decode(sounds[key])))
    return np.asarray(samples)


def test_what_is_chosen_has_an_address(browser: Browser, address: str) -> None:
    with opened(browser, address, name="generar") as page:
        choose(page, 1, "Camino entre dos fragmentos")
        set_range(page.get_by_label("Muestra o punto").nth(1), 1)
        set_range(page.get_by_label("Mezcla"), 40)
        page.get_by_role("button", name="Copiar enlace").click()
        link = page.get_by_label("Enlace para copiar").input_value()
    assert link.startswith(f"{address}generar.html#a=new_music/flow/")
    for wrong in ("", "&mezcla=101&b=nothing&t=4"):
        with opened(browser, address, name="generar") as page:
            page.evaluate("hash => { location.hash = hash }", link.partition("#")[2] + wrong)
            wait_until(page, "document.getElementById('mezcla').value === '40'")
            assert "12,5 % del camino" in recipe(page.locator(".instrumento fieldset").nth(1))


def test_a_sound_that_cannot_be_loaded_is_said(browser: Browser, address: str) -> None:
    with opened(browser, address, name="generar") as page:
        page.evaluate("() => { Latentes.load = () => Promise.reject(new Error('lost')) }")
        page.locator(".instrumento .tocar").click()
        wait_until(page, "document.querySelector('.instrumento .estado').textContent[0] === 'N'")


@pytest.mark.slow
def test_without_generators_decoded_vectors_remain(browser: Browser, rendered: Render) -> None:
    address = f"{rendered('constant').site.as_uri()}/"
    with opened(browser, address, name="generar") as page:
        options = page.get_by_label("Qué suena").first.locator("option").all_text_contents()
        assert options[0] == "Media de unos pocos fragmentos de un género"
        assert len(options) == 7
        assert "Flujo" not in (page.locator("main").text_content() or "")


def test_each_bundle_has_the_sounds_of_its_rows(rendered: Render) -> None:
    site = rendered("families").site
    sounds = [
        path
        for part in ("generated", "new_music")
        for path in (site / "audio" / part).rglob("*.mp3")
    ]
    bundles = [
        path
        for part in ("generated", "new_music")
        for path in (site / "sonidos" / part).rglob("*.js")
    ]
    assert len(bundles) < 0.5 * len(sounds)
    packed = {key for path in bundles for key in read_data_script(path)[1]}
    assert packed == {
        path.relative_to(site / "audio").with_suffix("").as_posix() for path in sounds
    }
