"""The schema: what is written is what is read back, without torch, under documented names."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.number_names import PATTERNS, is_documented
from pipeline.results.schema import Number, Results
from tests.report.sample import Sample, sample_results
from tests.study_builds import ROOT


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    whole = sample_results(tmp_path / "sample", Sample())
    sections = {name: getattr(whole, name) for name in Results.model_fields}
    out = ResultsFolder(tmp_path, [])
    out.numbers = sections.pop("numbers")
    sections.pop("per_clip")
    out.finish(**sections)
    content = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert Results.model_validate(content) == whole.model_copy(
        update={"per_clip": "arrays/per_clip.npz"}
    )


def test_optional_fields_of_a_number_are_left_out() -> None:
    number = Number(value=3, unit="dB", step="s", name="n", values=(1.0, None))
    assert number.model_dump(mode="json") == {"value": 3, "unit": "dB", "step": "s"}


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValidationError, match="finite"):
        Number(value=float("nan"), unit="", step="")


def test_a_number_is_set_once_is_finite_and_documented(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [])
    out.number("tuning.best", 1.0, "", "")
    for name, value in (("tuning.best", 2.0), ("data.clips", float("nan"))):
        with pytest.raises(ValueError, match=f"{name} is set twice or is not finite"):
            out.number(name, value, "", "")
    with pytest.raises(ValueError, match=r"tuning\.worst follows no pattern"):
        out.number("tuning.worst", 1.0, "", "")


def test_the_values_behind_a_mean_are_kept(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [4, 7, 9])
    out.mean("data.coding_gain.clip", np.array([1.0, np.nan, 3.0]), "dB", "s", seed=0)
    number = out.numbers["data.coding_gain.clip"]
    assert (number.value, number.clips) == (2, 2)
    assert out.per_clip["data.coding_gain.clip"].tolist()[::2] == [1, 3]


def test_a_mean_over_one_clip_has_no_interval(tmp_path: Path) -> None:
    out = ResultsFolder(tmp_path, [4, 7])
    out.mean("data.coding_gain.clip", np.array([1.0, np.nan]), "dB", "s", seed=0)
    out.mean("data.coding_gain.moment", np.array([1.0, 2.0]), "dB", "s", seed=0)
    one, two = out.numbers.values()
    assert (one.value, one.clips, one.interval) == (1, 1, None)
    assert two.interval == (1, 2)


def test_a_file_is_left_out_if_none_of_its_clips_is_used(tmp_path: Path) -> None:
    data = sample_results(tmp_path / "sample", Sample(faults=True)).data
    assert not set(data.left_out) & {clip.file for clip in data.clips}
    assert set(data.used_with_faults) <= {clip.file for clip in data.clips}
    kinds = {
        file: [fault.fault for fault in faults]
        for file, faults in (data.left_out | data.used_with_faults).items()
    }
    assert kinds["rock/mixto.wav"] == ["silent", "not_finite", "too_short"]
    assert sum(map(len, kinds.values())) == len(data.faults)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("reconstruction.classic.18376.snr", True),
        ("song.jazz/jazz.00003.baseline.klt.9184.log_mel", True),
        ("untrained.adaptive.1723.visqol", True),
        ("song.jazz/jazz.00003.untrained.adaptive.1723.log_mel", True),
        ("kmeans.classic.18376.averaged.largest", True),
        ("pca.log_mel.explained.3", True),
        ("generation.adaptive.9184.genre.hip hop.flatness", True),
        ("data.files", True),
        ("data.seconds_found", True),
        ("reconstruction.classic.18376.snrr", False),
        ("pca.original.explained.4", False),
        ("kmeans.Classic.1.largest", False),
    ],
)
def test_names_of_numbers(name: str, known: bool) -> None:
    assert is_documented(name) is known


def test_every_pattern_is_explained() -> None:
    assert all(PATTERNS.values())


def test_the_schema_needs_no_torch() -> None:
    code = "import sys, pipeline.results.schema; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "torchaudio", "sklearn", "numpy"} & set(loaded)
