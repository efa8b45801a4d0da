"""The section De oído: what people answered, as text whatever their nicknames and files are."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from pypdf import PdfReader

from pipeline.listening.ear_choice import choose_by_ear
from pipeline.results.reproducible import to_json
from report.customization import Customization
from report.language import words
from report.prose import document
from report.queries.results import read
from report.render import Rendered
from tests.report.plain_text import plain
from tests.report.sample_listening import HOSTILE_FILES
from tests.report.site.test_pages import read_page

WORDS = words.read()


def written(results: Path) -> str:
    return plain(document.write(read(results), WORDS, Customization()))


def test_answers_fill_the_section_and_choose_the_sizes(
    results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(results_folder("families"), tmp_path / "results"))
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    content["study"]["choice"]["by"] = "ear"
    choose_by_ear(content)
    (folder / "results.json").write_text(to_json(content), encoding="utf-8")
    text = written(folder)
    heard = content["listening"]
    assert f"Respondieron {heard['listeners']} oyentes a {heard['tests']} pruebas" in text
    assert text.count("prueba binomial exacta") == 1
    assert "se prefirió el flujo al VAE (" in text
    assert "figures/listening.svg" in text
    assert "que en este estudio deciden" in text
    assert "a juicio de los oyentes" in text
    assert "ninguna persona calificó" not in text
    for file in HOSTILE_FILES:
        assert file in text


def test_without_answers_there_are_two_sentences(results_folder: Callable[[str], Path]) -> None:
    text = written(results_folder("whole"))
    (paragraph,) = (line for line in text.splitlines() if "(prueba.html)" in line)
    assert paragraph.count(". ") == 1
    assert "De oído" not in text
    assert "ninguna persona calificó" in text


def test_too_few_answers_leave_the_choice_to_the_measures(
    results_folder: Callable[[str], Path],
) -> None:
    results = read(results_folder("whole"))
    choice = results.study["choice"] | {"by": "ear"}
    wanted = results.model_copy(update={"study": results.study | {"choice": choice}})
    text = plain(document.write(wanted, WORDS, Customization()))
    assert text.count("no hay respuestas suficientes: deciden las medidas.") == 1
    assert "respuestas suficientes" not in written(results_folder("whole"))


def test_hostile_nicknames_and_files_are_text(rendered: Callable[[str], Rendered]) -> None:
    made = rendered("hostile")
    pages = [read_page(made, path.stem) for path in made.site.glob("*.html")]
    text = "".join(page.text for page in pages)
    for name in ("<script>self.hacked=1</script>", "*a* _b_ #emph[x] $y$ | `c`", "{{ 7*7 }}"):
        assert name in text
    for file in HOSTILE_FILES:
        assert file in text
    for page in pages:
        scripts = [tag for tag in page.all("script") if tag.get("type") != "application/ld+json"]
        assert all("src" in script for script in scripts)
    pdf = "".join(page.extract_text() for page in PdfReader(made.pdf).pages)
    assert "self.hacked=1" in pdf
