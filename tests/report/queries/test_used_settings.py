"""The table of settings: none of study.toml is forgotten, and none is shown that is not used."""

import typing
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from pipeline.settings.schema import Study
from report.language import words
from report.queries.results import Results, read
from report.queries.used_settings import NOT_LISTED, SettingQueries
from tests.report.conftest import SAMPLES
from tests.report.sample import sample_results

WORDS = words.read()
OTHER_TABLES = ("report", "tracking", "limits")
"""Tables of study.toml on which no result depends, and which results.json does not tell."""


def settings(table: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted name and the type of every setting of a table and of those within it."""
    for key, field in table.model_fields.items():
        inner = typing.get_args(field.annotation) or (field.annotation,)
        tables = [one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)]
        if prefix + key in OTHER_TABLES:
            continue
        if tables:
            yield from settings(tables[0], f"{prefix}{key}.")
        else:
            yield prefix + key, field.annotation


SETTINGS = dict(settings(Study))


def test_every_setting_has_a_label_or_a_reason_not_to_be_listed() -> None:
    assert {"data.clips_per_file", "training.adaptive.epochs", "new_songs.start"} <= set(SETTINGS)
    labelled = {name for name in SETTINGS if f"settings.{name}" in WORDS.names()}
    assert labelled | set(NOT_LISTED) == set(SETTINGS)
    assert not labelled & set(NOT_LISTED)


def test_every_label_is_of_a_setting() -> None:
    labels = {name.removeprefix("settings.") for name in WORDS.names() if "settings." in name}
    assert labels <= set(SETTINGS)


def test_every_choice_has_its_words() -> None:
    choices = {name: typing.get_args(kind) for name, kind in SETTINGS.items()
               if typing.get_origin(kind) is Literal}  # fmt: skip
    assert "data.stretch" in choices
    for name, values in choices.items():
        for value in values:
            assert WORDS(f"setting_values.{name}.{value}")
    for value in choices["data.stretch"]:
        assert WORDS(f"taken.{value}_one")
        assert WORDS(f"taken.{value}_many")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A study that uses every setting, of two families and one song with a start."""
    folder = tmp_path_factory.mktemp("settings") / "results"
    sample = replace(SAMPLES["families"], choice={"size": 9184, "reason": "x"}, tuning=False)
    results = sample_results(folder, sample)
    settings = results.study["data"]
    settings |= {"table": "t.csv", "file_column": "file", "genre_column": "genre", "path": "music"}
    song = {"file": "a.mp3", "name": None, "genre": None, "start": 12.5, "licence": None}
    results.study["new_songs"] = [song, song | {"name": "B", "start": None}]
    return Results.model_validate({**results.model_dump(), "folder": folder})


def names(results: Results) -> set[str]:
    return {row.name for row in SettingQueries(results).rows}


@pytest.mark.slow
def test_a_study_that_uses_every_setting_lists_all(everything: Results) -> None:
    listed = names(everything)
    families = {"models.classic", "models.adaptive"}
    assert families <= listed
    assert (listed - families) | {"models"} == set(SETTINGS) - set(NOT_LISTED)
    (start,) = (row for row in SettingQueries(everything).rows if row.name == "new_songs.start")
    assert (start.subject, start.value, start.unit) == ("a.mp3", 12.5, "s")


def test_settings_that_are_not_used_are_not_listed(
    results_folder: Callable[[str], Path], everything: Results
) -> None:
    own = read(results_folder("small"))  # one family with layers, no search, no table
    missing = names(everything) - names(own)
    assert {"data.demo_clips", "data.table", "data.file_column", "data.genre_column"} <= missing
    assert {"training.adaptive.learning_rate", "tuning.trials", "tuning.use"} <= missing
    assert {"training.learning_rate", "data.clips_per_file", "data.stretch"} <= names(own)
    tuned = names(read(results_folder("full")))
    assert "training.learning_rate" not in tuned
    assert {"tuning.trials", "tuning.size", "choice.size"} <= tuned
    adaptive = everything.model_copy(
        update={"models": [model for model in everything.models if not model.layers]}
    )
    assert "training.adaptive.epochs" in names(adaptive)
    assert not {"training.epochs", "training.batch"} & names(adaptive)


def test_fractions_are_percentages_without_rounding_errors(everything: Results) -> None:
    everything.study["data"]["validation"] = 0.07
    (row,) = (row for row in SettingQueries(everything).rows if row.name == "data.validation")
    assert (row.value, row.unit) == (7, "%")
