"""Sections of the results: names once, finite numbers, and the rule of choice."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.data.clip_cutter import Fault
from pipeline.data.corpus import Clip, Corpus
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.schema import Duplicate, FamilyChoice
from pipeline.results.sections.acceptable_size import acceptable_sizes
from pipeline.results.sections.machine import describe_steps
from pipeline.results.sections.music import describe_music, excerpt_rows, loudest_moment

BOUNDS: dict[str, Any] = {"snr": 6.0, "log_mel": 0.5, "visqol": 4.0, "size": None, "reason": None}
MODELS = {
    "a.400": [(9.0, 0.2, 4.5), (9.0, 0.2, 4.5), (9.0, 0.2, 4.5), (9.0, 0.2, np.nan)],
    "a.300": [(9.0, 0.2, 3.9), (9.0, 0.2, 4.1), (9.0, 0.2, 4.1), (9.0, 0.2, np.nan)],
    "a.200": [(6.0, 0.5, 4.0), (5.9, 0.5, 4.0), (6.1, 0.5, 4.0), (6.0, 0.5, np.nan)],
    "a.150": [(6.0, 0.5, 3.9), (6.0, 0.5, 3.9), (6.0, 0.5, 4.1), (6.0, 0.5, np.nan)],
    "a.100": [(7.0, 0.51, 4.2), (7.0, 0.51, 4.2), (7.0, 0.51, 4.2), (7.0, 0.5, np.nan)],
}
"""SNR, log-mel distance and ViSQOL of four clips, of which three were scored by ViSQOL."""


def folder_with(tmp_path: Path, measures: tuple[str, ...]) -> ResultsFolder:
    """A results folder with these measures of the models."""
    out = ResultsFolder(tmp_path, [])
    for model, clips in MODELS.items():
        for measure, values in zip(measures, np.array(clips).T, strict=False):
            out.mean(f"reconstruction.{model}.{measure}", values, "", "", 0)
    return out


@pytest.fixture
def out(tmp_path: Path) -> ResultsFolder:
    """A results folder with the measures of the rule."""
    return folder_with(tmp_path, ("snr", "log_mel", "visqol"))


def test_the_smallest_size_within_all_bounds_is_chosen(out: ResultsFolder) -> None:
    choice = acceptable_sizes(out, list(MODELS), BOUNDS)
    assert choice.families == [FamilyChoice(family="a", size=200, by_rule=200, reason=None)]
    assert out.numbers["choice.a.size"].value == 200


def test_the_share_is_of_clips_that_meet_every_bound(out: ResultsFolder) -> None:
    acceptable_sizes(out, list(MODELS), BOUNDS)
    shares = [out.numbers[f"choice.{model}.share"] for model in MODELS]
    assert [share.value * 3 for share in shares] == pytest.approx([3, 2, 2, 1, 0])
    assert all(share.clips == 3 for share in shares)
    assert shares[1].interval == pytest.approx((0.2077, 0.9385), abs=1e-4)  # Wilson, 2 of 3


def test_clips_too_short_for_visqol_are_judged_without(tmp_path: Path) -> None:
    out = folder_with(tmp_path, ("snr", "log_mel"))
    choice = acceptable_sizes(out, list(MODELS), BOUNDS)
    assert choice.visqol is None
    assert choice.families[0].size == 150
    assert out.numbers["choice.a.150.share"].value == 1
    assert out.numbers["choice.a.100.share"].clips == 4


def test_no_size_may_be_acceptable(out: ResultsFolder) -> None:
    choice = acceptable_sizes(out, list(MODELS), BOUNDS | {"snr": 30.0})
    assert choice.families[0].size is None
    assert "choice.a.size" not in out.numbers


def test_the_user_may_overrule_with_a_reason(out: ResultsFolder) -> None:
    bounds = BOUNDS | {"size": 100, "reason": "by ear"}
    choice = acceptable_sizes(out, list(MODELS), bounds)
    assert choice.families == [FamilyChoice(family="a", size=100, by_rule=200, reason="by ear")]


def test_the_music_is_told_as_it_was_found(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).integers(-9999, 9999, (4, 8000), dtype=np.int16)
    clips = [
        Clip(f"rock/{row}", "rock" if row else "jazz", f"rock/{row}.wav", 0.0, split)
        for row, split in enumerate(("training", "validation", "test", "test"))
    ]
    faults = [Fault("rock/1.wav", "silent", "silent from 2 s", start=2.0)]
    corpus = Corpus(8000, sound, clips, faults, [], [[0, 3]], 7, 62.5)
    out = ResultsFolder(tmp_path, corpus.rows("test"))
    told = describe_music(out, corpus, synthetic=False, seed=0)
    assert (told.files, told.seconds_found) == (7, 62.5)
    assert told.copies == [Duplicate(clips=["rock/0", "rock/3"], genres=["jazz", "rock"])]
    assert told.faults[0].start == 2.0
    assert list(told.used_with_faults) == ["rock/1.wav"]
    counted = {name: number.value for name, number in out.numbers.items()}
    assert counted["data.files"] == 7
    assert counted["data.copies"] == 1
    assert counted["data.duplicates"] == 0
    assert counted["data.seconds_found"] == 62.5


def test_other_clips_are_heard_by_an_excerpt(tmp_path: Path) -> None:
    sound = np.zeros((200, 4000), np.int16)
    sound[:, 2000:3800] = 9999
    splits = ("training", "validation", "test", "training")
    clips = [
        Clip(f"a/{row}", f"g{row % 50}", f"a/{row}.wav", 0.0, splits[row // 50])
        for row in range(200)
    ]
    corpus = Corpus(1000, sound, clips, [], [], [], 200, 62.5)
    chosen = excerpt_rows(corpus)
    heard = chosen | set(corpus.rows("test"))
    assert not chosen & set(corpus.rows("test"))
    assert {sum(row % 50 == genre for row in heard) for genre in range(50)} == {4}
    told = describe_music(ResultsFolder(tmp_path, corpus.rows("test")), corpus, False, 0)
    assert {row for row, clip in enumerate(told.clips) if clip.excerpt} == chosen
    assert (tmp_path / str(told.clips[0].excerpt)).exists()
    np.testing.assert_array_equal(loudest_moment(sound[0], 1800), sound[0, 2000:3800])
    assert len(loudest_moment(sound[0], 9000)) == 4000


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
