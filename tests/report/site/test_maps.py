"""The map's data: a page loads the clips and the vector that it shows, and no other."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from report.checks.file_integrity import values_in
from report.results import read
from report.site import maps


def test_each_vector_is_a_script_of_its_own(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    results = read(results_folder("small"))
    maps.write(results, tmp_path)
    name, facts = values_in(tmp_path / "datos" / "mapa.js")
    assert name == "mapa"
    assert isinstance(facts, dict)
    assert list(facts) == ["clips"]
    for found in results.exploration:
        name, places = values_in(tmp_path / "datos" / "mapa" / f"{found.vector}.js")
        assert name == f"mapa.{found.vector}"
        assert np.shape(np.array(places)) == (3 * len(facts["clips"]),)


def test_a_page_loads_the_vectors_that_are_chosen(browser: Browser, address: str) -> None:
    asked: list[str] = []

    def coordinates() -> list[str]:
        return [url.rpartition("/")[2] for url in asked if "/datos/mapa/" in url]

    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}explorar.html")
    page.locator(".mapa").wait_for()
    shown = page.locator("#vector").input_value()
    assert shown != "log_mel"
    assert coordinates() == [f"{shown}.js"]
    page.locator("#vector").select_option("log_mel")
    page.locator("#vector").select_option(shown)
    assert coordinates() == [f"{shown}.js", "log_mel.js"], "what was loaded is not loaded again"
    asked.clear()
    with page.expect_request("**/datos/mapa/*.js"):
        page.goto(f"{address}laboratorio.html")
    page.wait_for_load_state("networkidle")
    assert coordinates() == [f"{shown}.js"]
    page.close()
