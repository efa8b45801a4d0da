"""Read and check the results folder: everything the report knows comes through here."""

import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from pipeline.control_characters import escape_invisible_json
from pipeline.results import schema
from pipeline.results.model_schema import Model
from pipeline.results.schema import FORMAT, Number, Song
from pipeline.results.vector_schema import Exploration
from report.errors import ReportError, unknown

NOISE = math.exp(-0.5772156649015329)
"""Spectral flatness of Gaussian white noise: exp(−γ), where γ is Euler's constant."""


@dataclass(frozen=True)
class StepGroup:
    """The steps of one kind: how many, and the seconds they are expected to take together."""

    kind: str
    count: int
    expected: float


class Results(schema.Results):
    """results.json and the folder it is in, with look-ups that name the nearest valid name."""

    folder: Path

    def number(self, name: str) -> Number:
        """The number of that dotted name.

        Raises:
            ReportError: there is none.
        """
        if name not in self.numbers:
            raise ReportError(unknown("number in results.json", name, self.numbers))
        return self.numbers[name]

    def song(self, role: str) -> Song:
        """The first song of that role ("test" or "new").

        Raises:
            ReportError: no song has it.
        """
        for song in self.songs:
            if song.role == role:
                return song
        raise ReportError(unknown("role of a song", role, [song.role for song in self.songs]))

    def vector(self, name: str) -> Exploration:
        """The exploration of the vector of that name.

        Raises:
            ReportError: it was not explored.
        """
        for found in self.exploration:
            if found.vector == name:
                return found
        raise ReportError(unknown("vector", name, [found.vector for found in self.exploration]))

    @property
    def families(self) -> dict[str, list[Model]]:
        """The models of each family, in the order of the results (largest size first)."""
        families: dict[str, list[Model]] = {}
        for model in self.models:
            families.setdefault(model.family, []).append(model)
        return families

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
        ReportError: results.json is missing, has another format or lacks something, or a file
            that it names is missing.
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
            f"{path}: results of format {found!r}, but this report reads format {FORMAT}; "
            "build the study again with this version"
        )
    try:
        content["numbers"] = _with_names_and_values(content, folder)
        results = Results.model_validate({**escape_invisible_json(content), "folder": folder})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ReportError(f"{path}: {place}: {first['msg']}; build the study again") from None
    _check_files(results, path)
    return results


def _with_names_and_values(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The numbers with their names; means over test clips also with the value of each clip."""
    numbers = content.get("numbers", {})
    if not isinstance(numbers, dict):
        return {}
    numbers = {
        name: number | {"name": name} if isinstance(number, dict) else number
        for name, number in numbers.items()
    }
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
    """Raise ReportError unless every file that the results name is in their folder."""
    root = results.folder.resolve()
    named = [(f"the song {s.name}", v.audio) for s in results.songs for v in s.versions]
    named += [(clip.number, clip.audio) for clip in results.generated]
    named += [(clip.number, clip.audio) for clip in results.new_music]
    named += [
        (clip.name, sound)
        for clip in results.data.clips
        for sound in (clip.audio, clip.excerpt)
        if sound is not None
    ]
    named += [
        (f"the model {model.version}", f"{model.file}.{ending}")
        for model in results.models
        if model.file is not None
        for ending in ("json", "safetensors")
    ]
    named += [(f"the vector {found.vector}", found.array) for found in results.exploration]
    named += [
        (f"the maps of {found.vector}", found.planar)
        for found in results.exploration
        if found.planar is not None
    ]
    named += [(f"the response of {each.model}", each.array) for each in results.responses]
    for what, name in named:
        file = (root / name).resolve()
        if not (file.is_relative_to(root) and file.is_file()):
            raise ReportError(
                f"{path}: {what} names {name}, which is not in the results folder; "
                "build the study again"
            )
