"""Map data: a page loads the clips and the vectors that are selected, no others."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jinja2
from playwright.sync_api import Browser

from report.checks.file_integrity import read_data_script
from report.language import words
from report.page_cache import Kept
from report.paths import TEMPLATES
from report.queries.results import read
from report.site import maps


def test_each_vector_has_a_separate_script(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    results = read(results_folder("small"))
    maps.write(results, words.read(), Kept(tmp_path / "kept"), tmp_path)
    name, facts = read_data_script(tmp_path / "datos" / "mapa.js")
    assert name == "mapa"
    assert isinstance(facts, dict)
    assert list(facts) == ["clips"]
    heard = Counter(genre for _, genre, *keys in facts["clips"] if any(keys))
    assert min(heard.values()) >= 3, "too few clips to hear"
    excerpts = [excerpt for *_, excerpt in facts["clips"] if excerpt]
    assert excerpts
    assert all((tmp_path / f"audio/{excerpt}.mp3").exists() for excerpt in excerpts)
    clips = len(facts["clips"])
    for exploration in results.exploration:
        path = tmp_path / "datos" / "mapa" / f"{exploration.vector}.js"
        content = path.read_text(encoding="utf-8")
        name, *values = json.loads(content.removeprefix("latentes").strip("();\n").join("[]"))
        assert name == f"mapa.{exploration.vector}"
        assert [len(part) for part in values] == [3 * clips, 3, 5 * clips, 5 * clips]


def test_the_page_opens_on_the_vector_that_tells_genres_best(
    results_folder: Callable[[str], Path],
) -> None:
    results = read(results_folder("small"))
    page = maps.describe(results)
    accuracies = {
        each.vector: results.numbers[f"probe.knn.{each.vector}.accuracy"].value
        for each in results.exploration
        if f"probe.knn.{each.vector}.accuracy" in results.numbers
    }
    assert accuracies[page.first.exploration.vector] == max(accuracies.values())
    assert page.first.accuracy.value == max(accuracies.values())
    assert {each.by_neighbours for each in page.vectors} == {True, False}


def test_a_hundred_genres_have_distinct_marks() -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES))
    module = environment.get_template("sitio/marcas.html").module
    marks = [module.marca(place) for place in range(100)]  # type: ignore[attr-defined]
    assert len(set(marks)) == 100
    shapes = {mark.partition("<path")[2] for mark in marks[:11]}
    assert len(shapes) == 11, "genres of one colour scheme differ in grey"


def test_pages_load_only_selected_vectors(browser: Browser, address: str) -> None:
    requested: list[str] = []

    def coordinate_files() -> list[str]:
        return [url.rpartition("/")[2] for url in requested if "/datos/mapa/" in url]

    page = browser.new_page()
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{address}explorar.html")
    page.locator(".mapa").wait_for()
    shown = page.locator("#vector").input_value()
    assert shown != "original"
    assert coordinate_files() == [f"{shown}.js"]
    page.locator("#vector").select_option("original")
    page.locator("#vector").select_option(shown)
    assert coordinate_files() == [f"{shown}.js", "original.js"], "loaded twice"
    requested.clear()
    with page.expect_request("**/datos/mapa/*.js"):
        page.goto(f"{address}laboratorio.html")
    page.wait_for_load_state("networkidle")
    assert len(coordinate_files()) == 1
    page.close()
