"""Reads the results folder and checks it: all that a report knows comes through here."""

import datetime
import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, ValidationError, field_validator

from pipeline.control_characters import visible_in
from report.errors import ReportError as ReportError  # where readers of results look for it
from report.errors import unknown
from report.facts import Choice, Exploration, Generated, Record, Tuning
from report.music import Data, Song
from report.networks import Model
from report.prose.traced_float import TracedFloat

FORMAT = 1
NOISE = math.exp(-0.5772156649015329)
"""Spectral flatness of Gaussian white noise: exp(−γ), γ being Euler's constant."""


class Number(Record):
    """A measured number: `value` in `unit`; `interval` is 95 % over `clips` clips.

    `values` are those of the test clips that the mean is over, in the order of the data; None
    for a clip that was not measured.
    """

    name: str
    value: int | float
    unit: str
    step: str
    interval: tuple[float, float] | None = None
    clips: int | None = None
    values: tuple[float | None, ...] | None = None

    @property
    def v(self) -> TracedFloat:
        """The value, which remembers its name."""
        return TracedFloat(self.value, (self.name,))


class Machine(Record):
    """Where the numbers were computed, and by which `version` of this project."""

    processor: str
    cores: int
    python: str
    system: str
    version: str
    libraries: dict[str, str]


class Step(Record):
    """A step of the study: what it called, with which settings, and how many seconds
    it is expected to take on one core."""

    name: str
    expected: float
    function: str
    code: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class StepGroup:
    """The steps of one kind: how many, and the seconds expected of them one after the other."""

    kind: str
    count: int
    expected: float


class Results(Record):
    """Everything a report may say (see `pipeline/results/assemble.py`)."""

    folder: Path
    format: int
    computed: datetime.date
    study: dict[str, Any]
    numbers: dict[str, Number]
    methods: dict[str, Any]
    data: Data
    models: Annotated[list[Model], Field(min_length=1)]
    songs: list[Song]
    tuning: Tuning | None
    exploration: list[Exploration]
    generated: list[Generated]
    choice: Choice
    machine: Machine
    steps: list[Step]

    @field_validator("numbers", mode="before")
    @classmethod
    def _named(cls, numbers: Any) -> Any:
        if not isinstance(numbers, dict):
            return numbers
        return {
            name: {"name": name} | number if isinstance(number, dict) else number
            for name, number in numbers.items()
        }

    def number(self, name: str) -> Number:
        """The number of that dotted name.

        Raises:
            ReportError: there is none; the nearest valid name is told.
        """
        if name not in self.numbers:
            raise ReportError(unknown("number in results.json", name, self.numbers))
        return self.numbers[name]

    def song(self, role: str) -> Song:
        """The first song of that role.

        Raises:
            ReportError: no song has it.
        """
        for song in self.songs:
            if song.role == role:
                return song
        raise ReportError(unknown("role of a song", role, [song.role for song in self.songs]))

    @property
    def families(self) -> dict[str, list[Model]]:
        """The models of each family, in the order of the results (largest size first)."""
        families: dict[str, list[Model]] = {}
        for model in self.models:
            families.setdefault(model.family, []).append(model)
        return families

    def vector(self, name: str) -> Exploration:
        """What exploration found of the vector of that name.

        Raises:
            ReportError: it was not explored.
        """
        for found in self.exploration:
            if found.vector == name:
                return found
        raise ReportError(unknown("vector", name, [found.vector for found in self.exploration]))

    @property
    def stages(self) -> list[StepGroup]:
        """The steps by kind, the first word of their dotted name, in the order of the results."""
        kinds: dict[str, list[float]] = {}
        for step in self.steps:
            kinds.setdefault(step.name.partition(".")[0], []).append(step.expected)
        return [StepGroup(kind, len(expected), sum(expected)) for kind, expected in kinds.items()]


def read(folder: Path) -> Results:
    """Read and check a results folder.

    Raises:
        ReportError: results.json is missing, is not of this format or lacks something, or a
            file that it names is not there.
    """
    path = folder / "results.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{path}: no such file; build the study first") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ReportError(f"{path}: cannot be read ({error}); build the study again") from None
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise ReportError(
            f"{path}: results of format {found!r} and this report reads format {FORMAT}; "
            "build the study again with this version"
        )
    try:
        content["numbers"] = _with_values(content, folder)
        results = Results.model_validate({**visible_in(content), "folder": folder})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ReportError(f"{path}: {place}: {first['msg']}; build the study again") from None
    _check_files(results, path)
    return results


def _with_values(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The numbers, those over the test clips with the value of each clip."""
    numbers: dict[str, Any] = content.get("numbers", {})
    file = folder / str(content.get("per_clip", ""))
    try:
        with np.load(file) as arrays:
            for name in set(arrays.files) & set(numbers):
                values = [None if math.isnan(value) else value for value in arrays[name].tolist()]
                numbers[name] = numbers[name] | {"values": values}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ReportError(
            f"{folder / 'results.json'}: the values of each clip (per_clip) cannot be read "
            f"({error}); build the study again"
        ) from None
    return numbers


def _check_files(results: Results, path: Path) -> None:
    root = results.folder.resolve()
    named = [(f"the song {s.name}", v.audio) for s in results.songs for v in s.versions]
    named += [(clip.number, clip.audio) for clip in results.generated]
    named += [(clip.name, clip.audio) for clip in results.data.clips if clip.audio is not None]
    named += [
        (f"the model {model.version}", f"{model.file}.{ending}")
        for model in results.models
        if model.file is not None
        for ending in ("json", "safetensors")
    ]
    named += [(f"the vector {found.vector}", found.array) for found in results.exploration]
    for what, name in named:
        file = (root / name).resolve()
        if not (file.is_relative_to(root) and file.is_file()):
            raise ReportError(
                f"{path}: {what} names {name}, which is not in the results folder; "
                "build the study again"
            )
