"""Map data: a page loads the clips and the vectors that are selected, no others."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from report.checks.file_integrity import read_data_script
from report.queries.results import read
from report.site import maps


def test_each_vector_has_a_separate_script(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    results = read(results_folder("small"))
    maps.write(results, tmp_path)
    name, facts = read_data_script(tmp_path / "datos" / "mapa.js")
    assert name == "mapa"
    assert isinstance(facts, dict)
    assert list(facts) == ["clips"]
    for exploration in results.exploration:
        name, places = read_data_script(tmp_path / "datos" / "mapa" / f"{exploration.vector}.js")
        assert name == f"mapa.{exploration.vector}"
        assert np.shape(np.array(places)) == (3 * len(facts["clips"]),)


def test_pages_load_only_selected_vectors(browser: Browser, address: str) -> None:
    requested: list[str] = []

    def coordinate_files() -> list[str]:
        return [url.rpartition("/")[2] for url in requested if "/datos/mapa/" in url]

    page = browser.new_page()
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{address}explorar.html")
    page.locator(".mapa").wait_for()
    shown = page.locator("#vector").input_value()
    assert shown != "log_mel"
    assert coordinate_files() == [f"{shown}.js"]
    page.locator("#vector").select_option("log_mel")
    page.locator("#vector").select_option(shown)
    assert coordinate_files() == [f"{shown}.js", "log_mel.js"], "loaded twice"
    requested.clear()
    with page.expect_request("**/datos/mapa/*.js"):
        page.goto(f"{address}laboratorio.html")
    page.wait_for_load_state("networkidle")
    assert coordinate_files() == [f"{shown}.js"]
    page.close()
