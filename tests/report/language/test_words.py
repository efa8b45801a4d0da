"""Every word of words.toml that code uses exists, and every one is used."""

import re
from pathlib import Path

import pytest

from pipeline.settings.schema import Study
from pipeline.steps import graph
from report.errors import ReportError
from report.language import words
from report.paths import TEMPLATES

REPORT = Path(words.__file__).parents[1]


def test_unknown_word_suggests_the_nearest() -> None:
    with pytest.raises(ReportError, match=r"has no figures\.epochs; the nearest is figures\.epoch"):
        words.read()("figures.epochs")


def test_no_unused_words() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in REPORT.rglob("*.py"))
    code += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.md"))
    completed = set(re.findall(r"f[\"']([a-z_]+\.)\{", code))
    completed |= set(re.findall(r'"([a-z_]+\.)" ~', code))
    # The filter `word` and the function `by_label` are given a section.
    sections = re.findall(r'(?:word\(|"word", |by_label\(\w+, )"([a-z_]+)"', code)
    completed |= {f"{section}." for section in sections}
    for name in words.read().names():
        family = name.partition(".")[0] + "."
        assert f'"{name}"' in code or f"'{name}'" in code or family in completed, name


def test_every_kind_of_step_has_a_name(tmp_path: Path) -> None:
    spanish = words.read()
    for step in graph(Study(), tmp_path).steps:
        assert spanish(f"steps.{step.partition('.')[0]}")


def test_no_words_file(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"words\.toml: cannot be read"):
        words.read(tmp_path)
