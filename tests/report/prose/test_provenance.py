"""Provenance of numbers: links on the site, a list in the PDF."""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from pipeline.results.traced_float import TracedFloat
from report.prose.provenance import Provenance, pattern
from report.queries.results import read
from report.render import Rendered
from tests.report.site.test_pages import pages

Render = Callable[[str], Rendered]


@pytest.mark.parametrize("sample", ["whole", "families"])
def test_every_number_links_to_its_step(
    rendered: Render, results_folder: Callable[[str], Path], sample: str
) -> None:
    made = rendered(sample)
    content = json.loads((results_folder(sample) / "results.json").read_text(encoding="utf-8"))
    every = pages(made)
    ids = {attributes.get("id") for _, attributes in every["informe-numeros.html"].tags}
    count = 0
    for file, page_ in every.items():
        for link in page_.all("a"):
            if link.get("class") != "n":
                continue
            count += 1
            page, _, step = link["href"].partition("#")
            assert (page or file) == "informe-numeros.html"
            assert step in ids
            name = link["title"].removesuffix(" …")
            assert name in content["numbers"] or any(
                fnmatchcase(each, name) for each in content["numbers"]
            ), name
    assert count > 200


def test_provenance_page_names_every_number(
    rendered: Render, results_folder: Callable[[str], Path]
) -> None:
    said = pages(rendered("whole"))["informe-numeros.html"].text
    content = json.loads((results_folder("whole") / "results.json").read_text(encoding="utf-8"))
    named = {name for short in re.findall(SHORT, said) for name in expand(short)}
    assert {name for name in content["numbers"] if name not in named} == set()
    for step in content["steps"]:
        assert step["name"] in said
        assert step["function"] in said
    assert "latentes build study.toml" in said
    assert "latentes explain reconstruction.classic.9184.snr" in said


def test_site_lists_the_numbers_of_each_step(rendered: Render) -> None:
    files = rendered("whole").site.glob("*.html")
    said = re.sub(r"<[^>]*>|\s", "", "".join(path.read_text(encoding="utf-8") for path in files))
    for name in (
        "reconstruction.classic.9184.{",
        "tree.original.{accuracy,",
        "tuning.best",
    ):
        assert name in said


def test_merged_names_expand_to_the_same_names(results_folder: Callable[[str], Path]) -> None:
    facts = read(results_folder("families"))
    origins = Provenance(facts)
    shortened = [short for origin in origins.all_origins for short in origin.numbers]
    assert sorted(name for short in shortened for name in expand(short)) == sorted(facts.numbers)
    assert len(shortened) < len(facts.numbers) / 4
    steps = [origin.name for origin in origins.all_origins]
    assert sorted(steps) == sorted({number.step for number in facts.numbers.values()})


SHORT = r"[\w/-]+(?:\.(?:[\w/-]+|\{[^}]*\}))+"
"""Abbreviated names: a.{b, c}.{d, e}."""


def expand(short: str) -> list[str]:
    """Expand an abbreviated name to full names."""
    before, brace, rest = short.partition("{")
    if not brace:
        return [short]
    parts, _, after = rest.partition("}")
    return [name for part in parts.split(", ") for name in expand(before + part + after)]


def test_traced_float_keeps_names_through_arithmetic() -> None:
    value = 100 * TracedFloat(0.5, ["a.1.x"])
    assert float(value) == 50
    assert value.names == ("a.1.x",)
    assert (TracedFloat(3, ["a"]) - TracedFloat(1, ["b"])).names == ("a", "b")
    assert pattern(["a.1.x", "a.2.x"]) == "a.*.x"
    assert pattern(["a.1", "b"]) == "a.1 …"
