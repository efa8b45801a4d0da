"""What the results folder states: names once, finite numbers, and the rule of choice."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.sections import acceptable_size, machine

BOUNDS: dict[str, Any] = {"snr": 6.0, "log_mel": 0.5, "size": None, "reason": None}


def writer(folder: Path, fidelity: dict[str, tuple[float, float]]) -> ResultsFolder:
    out = ResultsFolder(folder, [])
    for model, (snr, log_mel) in fidelity.items():
        out.number(f"reconstruction.{model}.snr", snr, "dB", "")
        out.number(f"reconstruction.{model}.log_mel", log_mel, "log10", "")
    return out


SIZES = {"a.300": (9.0, 0.2), "a.200": (6.0, 0.5), "a.100": (7.0, 0.51)}


def test_the_smallest_size_within_both_bounds_is_chosen(tmp_path: Path) -> None:
    out = writer(tmp_path, SIZES)
    stated = acceptable_size.state(out, list(SIZES), BOUNDS)
    assert stated["families"] == [{"family": "a", "size": 200, "by_rule": 200, "reason": None}]
    assert out.numbers["choice.a.size"]["value"] == 200


def test_no_size_may_be_acceptable(tmp_path: Path) -> None:
    out = writer(tmp_path, SIZES)
    stated = acceptable_size.state(out, list(SIZES), BOUNDS | {"snr": 30.0})
    assert stated["families"][0]["size"] is None
    assert "choice.a.size" not in out.numbers


def test_the_reader_may_overrule_with_a_reason(tmp_path: Path) -> None:
    bounds = BOUNDS | {"size": 100, "reason": "by ear"}
    stated = acceptable_size.state(writer(tmp_path, SIZES), list(SIZES), bounds)
    assert stated["families"] == [{"family": "a", "size": 100, "by_rule": 200, "reason": "by ear"}]


def test_a_number_is_stated_once_and_is_finite(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [])
    out.number("x", 1.0, "", "")
    for name, value in (("x", 2.0), ("y", float("nan")), ("z", float("inf"))):
        with pytest.raises(ValueError, match=f"{name} stands twice or is not finite"):
            out.number(name, value, "", "")
    out.finish({"format": 1})
    assert json.loads((tmp_path / "results.json").read_text())["numbers"]["x"]["value"] == 1


def test_the_values_behind_a_mean_are_kept(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [4, 7, 9])
    out.mean("m", np.array([1.0, np.nan, 3.0]), "dB", "s", seed=0)
    out.finish({"format": 1})
    content = json.loads((tmp_path / "results.json").read_text())
    assert content["numbers"]["m"]["value"] == 2
    assert content["numbers"]["m"]["clips"] == 2
    with np.load(tmp_path / content["per_clip"]) as arrays:
        assert arrays["m"].tolist()[::2] == [1, 3]
        assert np.isnan(arrays["m"][1])


def test_a_step_tells_its_settings_and_long_ones_by_a_digest() -> None:
    code = {"a:b": "0123", "a:c": "4567"}
    parts = {"function": "a:b", "code": code, "parameters": {"k": 3, "files": ["x" * 500]}}
    (step,) = machine.steps({"s": {"parts": parts}}, {"s": 1.5})
    edited = parts | {"code": code | {"a:c": "89ab"}}
    (other,) = machine.steps({"s": {"parts": edited}}, {"s": 1.5})
    assert step["parameters"]["k"] == 3
    assert len(step["parameters"]["files"]) == 12
    assert (step["name"], step["function"], step["expected"]) == ("s", "a:b", 1.5)
    assert len(step["code"]) == 12
    assert step["code"] != other["code"]
