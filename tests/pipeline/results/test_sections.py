"""Sections of the results: names once, finite numbers, and the rule of choice."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import FamilyChoice
from pipeline.results.sections.acceptable_size import acceptable_sizes
from pipeline.results.sections.machine import describe_steps

BOUNDS: dict[str, Any] = {"snr": 6.0, "log_mel": 0.5, "size": None, "reason": None}
MODELS = {"a.300": (9.0, 0.2), "a.200": (6.0, 0.5), "a.100": (7.0, 0.51)}


@pytest.fixture
def out(tmp_path: Path) -> ResultsFolder:
    """A results folder with the SNR and log-mel distance of three models."""
    folder = ResultsFolder(tmp_path, [])
    for model, (snr, log_mel) in MODELS.items():
        folder.number(f"reconstruction.{model}.snr", snr, "dB", "")
        folder.number(f"reconstruction.{model}.log_mel", log_mel, "log10", "")
    return folder


def test_the_smallest_size_within_both_bounds_is_chosen(out: ResultsFolder) -> None:
    choice = acceptable_sizes(out, list(MODELS), BOUNDS)
    assert choice.families == [FamilyChoice(family="a", size=200, by_rule=200, reason=None)]
    assert out.numbers["choice.a.size"].value == 200


def test_no_size_may_be_acceptable(out: ResultsFolder) -> None:
    choice = acceptable_sizes(out, list(MODELS), BOUNDS | {"snr": 30.0})
    assert choice.families[0].size is None
    assert "choice.a.size" not in out.numbers


def test_the_user_may_overrule_with_a_reason(out: ResultsFolder) -> None:
    bounds = BOUNDS | {"size": 100, "reason": "by ear"}
    choice = acceptable_sizes(out, list(MODELS), bounds)
    assert choice.families == [FamilyChoice(family="a", size=100, by_rule=200, reason="by ear")]


def test_a_step_keeps_short_parameters_and_digests_long_ones() -> None:
    code = {"a:b": "0123", "a:c": "4567"}
    parts = {"function": "a:b", "code": code, "parameters": {"k": 3, "files": ["x" * 500]}}
    (step,) = describe_steps({"s": {"parts": parts}}, {"s": 1.5})
    edited = parts | {"code": code | {"a:c": "89ab"}}
    (other,) = describe_steps({"s": {"parts": edited}}, {"s": 1.5})
    assert step.parameters["k"] == 3
    assert len(step.parameters["files"]) == 12
    assert (step.name, step.function, step.expected) == ("s", "a:b", 1.5)
    assert len(step.code) == 12
    assert step.code != other.code
