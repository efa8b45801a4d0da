"""Reads the results folder and checks it: all that a report knows comes through here."""

import datetime
import difflib
import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from report.facts import Choice, Exploration, Fact, Generated, Source, Tuning

FORMAT = 1
NOISE = math.exp(-0.5772156649015329)
"""Spectral flatness of Gaussian white noise: exp(−γ), γ being Euler's constant."""


class ReportError(Exception):
    """A mistake that stops a report, told in one line: what, where, how to mend."""


class Number(Fact):
    """A measured number: `value` in `unit`; `interval` is 95 % over `clips` clips."""

    name: str
    value: int | float
    unit: str
    step: str
    interval: tuple[float, float] | None = None
    clips: int | None = None


class Genre(Fact):
    """How many clips of a genre went to each set."""

    name: str
    training: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        """Clips in the three sets."""
        return self.training + self.validation + self.test


class Clip(Fact):
    """A clip of the data and the set it went to; `audio` as of a version, if it is kept."""

    name: str
    genre: str
    file: str
    split: Literal["training", "validation", "test"]
    audio: str | None = None


class Fault(Fact):
    """A file left out; `value` is in seconds when it is too short."""

    file: str
    fault: Literal["too_short", "silent", "unreadable", "not_finite"]
    value: float | None = None


class Duplicate(Fact):
    """Clips equal to the sample, and the genres they stand under."""

    clips: list[str]
    genres: list[str]

    @property
    def across(self) -> bool:
        """Whether they stand under more than one genre."""
        return len(set(self.genres)) > 1


class Data(Fact):
    """The music of the study."""

    synthetic: bool
    sampling_rate: int
    samples: int
    genres: Annotated[list[Genre], Field(min_length=1)]
    clips: list[Clip]
    faults: list[Fault]
    duplicates: list[Duplicate]

    @property
    def seconds(self) -> float:
        """Length of a clip."""
        return self.samples / self.sampling_rate


class Layer(Fact):
    """A convolution: channels and lengths in and out, kernel, stride and padding in samples."""

    kind: Literal["Conv1d", "ConvTranspose1d"]
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    length_in: int
    length_out: int


class Epoch(Fact):
    """Losses at the end of an epoch."""

    training_rmse: float
    validation_rmse: float


class Model(Fact):
    """A trained autoencoder; `grid` is the latent vector's channels and frames, `file` the path
    of its weights without ending."""

    family: str
    size: int
    parameters: int
    grid: tuple[int, int]
    layers: Annotated[list[Layer], Field(min_length=1)]
    epochs: Annotated[list[Epoch], Field(min_length=1)]
    best_epoch: Annotated[int, Field(ge=1)]
    device: str
    file: str | None = None

    @property
    def version(self) -> str:
        """The name of this model's version of a song, FAMILY.SIZE."""
        return f"{self.family}.{self.size}"

    @property
    def encoder(self) -> list[Layer]:
        """The layers from the waveform to the latent vector."""
        return [layer for layer in self.layers if layer.kind == "Conv1d"]

    @property
    def skips(self) -> bool:
        """Whether a layer of the encoder, its kernel shorter than its stride, skips values."""
        return any(layer.kernel < layer.stride for layer in self.encoder)


class Version(Fact):
    """One rendering of a song: `original` or FAMILY.SIZE; `audio` is under the results folder."""

    version: str
    audio: str


class Song(Fact):
    """A song to listen to, all versions but a new song's `excerpt` aligned to the sample."""

    name: str
    role: str
    genre: str | None
    file: str
    seconds: float
    versions: Annotated[list[Version], Field(min_length=1)]
    source: Source | None

    @property
    def title(self) -> str:
        """The name that a reader sees, without its folder."""
        return self.name.rpartition("/")[2]

    def audio(self, version: str) -> str:
        """Path of a version's file under the results folder.

        Raises:
            ReportError: the song has no such version.
        """
        for candidate in self.versions:
            if candidate.version == version:
                return candidate.audio
        raise ReportError(_unknown(f"version of the song {self.name}", version, self._known()))

    def _known(self) -> list[str]:
        return [version.version for version in self.versions]


class Machine(Fact):
    """Where the numbers were computed."""

    processor: str
    cores: int
    python: str
    system: str
    libraries: dict[str, str]


class Step(Fact):
    """A step of the study."""

    name: str


@dataclass(frozen=True)
class Part:
    """The steps of one kind, and how many they are."""

    kind: str
    count: int


class Results(Fact):
    """Everything a report may say (see `pipeline/results.py` for the meaning of each key)."""

    folder: Path
    format: int
    computed: datetime.date
    study: dict[str, Any]
    numbers: dict[str, Number]
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
            raise ReportError(_unknown("number in results.json", name, list(self.numbers)))
        return self.numbers[name]

    def song(self, role: str) -> Song:
        """The first song of that role.

        Raises:
            ReportError: no song has it.
        """
        for song in self.songs:
            if song.role == role:
                return song
        raise ReportError(_unknown("role of a song", role, [song.role for song in self.songs]))

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
        raise ReportError(_unknown("vector", name, [found.vector for found in self.exploration]))

    def dimension(self, found: Exploration) -> int:
        """How many numbers a vector has; that of `log_mel` is not known here."""
        channels, frames = 1, self.data.samples
        for model in self.models:
            if model.version == found.of:
                channels, frames = model.grid
        return 2 * channels if found.averaged else channels * frames

    @property
    def parts(self) -> list[Part]:
        """The steps by kind, the first word of their dotted name, in the order of the results."""
        kinds = Counter(step.name.partition(".")[0] for step in self.steps)
        return [Part(kind, count) for kind, count in kinds.items()]


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
        results = Results.model_validate({**content, "folder": folder})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ReportError(f"{path}: {place}: {first['msg']}; build the study again") from None
    _check_files(results, path)
    return results


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


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    hint = f"; the nearest is {near[0]}" if near else ""
    return f"no {what} is called {name}{hint}"
