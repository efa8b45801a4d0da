"""The schema of the results folder: what the pipeline writes and all that the report reads.

    results/
      results.json     one `Results` object
      audio/           16-bit FLAC files, named by results.json
      arrays/          NumPy .npz files, named by results.json
      models/          FAMILY.SIZE.safetensors and .json (see pipeline/models/model_file.py)

Paths in results.json are relative to the folder. Names of numbers are listed in
`pipeline.results.number_names`. This module does not import torch.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from pipeline.errors import did_you_mean
from pipeline.results.base_record import Record
from pipeline.results.listening_schema import Listening
from pipeline.results.model_schema import Experiment, Model, Response, Tuning
from pipeline.results.traced_float import TracedFloat
from pipeline.results.vector_schema import Exploration, Generated, NewMusic

FORMAT = 1
"""Version of the schema; a reader refuses any other."""

Split = Literal["training", "validation", "test"]
FaultKind = Literal[
    "too_short",
    "silent",
    "not_finite",
    "unreadable",
    "no_sound",
    "outside",
    "no_genre",
    "damaged",
    "one_channel",
]
REMARKS = frozenset({"damaged", "one_channel"})
"""Faults of music that is used: a stretch could not be decoded, or a channel was left aside."""

# Numbers ------------------------------------------------------------------------------------


class Number(Record):
    """A measured number, with its unit ("dB", "s", "log10", "numbers", "" …) and its step.

    `interval` is a 95 % interval: bootstrap over `clips` test clips for a mean, Wilson for a
    share; none over a single clip. `name` and `values` are not in results.json: the reader sets
    them, `values` from `per_clip` (one value per test clip, None where a clip was not measured).
    """

    value: int | float
    unit: str
    step: str
    interval: tuple[float, float] | None = None
    clips: int | None = None
    name: Annotated[str, Field(exclude=True)] = ""
    values: Annotated[tuple[float | None, ...] | None, Field(exclude=True)] = None

    @model_serializer(mode="wrap")
    def _without_absent(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if value is not None}

    @property
    def v(self) -> TracedFloat:
        """The value, which remembers its name."""
        return TracedFloat(self.value, (self.name,))


class Step(Record):
    """A step of the study: the function it called, the fingerprint of the code behind it, its
    parameters (long ones as a digest), and the seconds it is expected to take on one core."""

    name: str
    expected: float
    function: str
    code: str
    parameters: dict[str, Any]


class Machine(Record):
    """The machine that computed the results, and `version` of this project."""

    processor: str
    cores: int
    python: str
    system: str
    version: str
    libraries: dict[str, str]


class Constants(Record):
    """Constants of the methods; lengths in samples unless stated otherwise."""

    window: int
    hop: int
    mel_bands: int
    mel_floor: float
    stft_windows: tuple[int, ...]
    klt_block: int
    mdct_bins: int
    kmeans_starts: int
    kmeans_iterations: int
    explored_clips: int
    """Most clips that clusters and components are fitted to."""
    folds: int
    repeats: int
    """Folds of a cross-validation, and how often it is repeated."""
    resamples: int
    """Bootstrap resamples behind an interval."""
    moment_frames: int
    """Frames of the MDCT that share a spectrum in data.coding_gain.moment."""
    dark: int
    """dB below the original's loudest point under which a spectrogram's point counts as dark."""


# Data and songs -----------------------------------------------------------------------------


class Genre(Record):
    """How many clips of a genre went to each split."""

    name: str
    training: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        """Clips in the three splits."""
        return self.training + self.validation + self.test


class Clip(Record):
    """A clip of the data; test clips have `audio`, and some others an `excerpt`, their loudest
    moment, to be heard on the map."""

    name: str
    genre: str
    file: str
    split: Split
    audio: str | None = None
    excerpt: str | None = None


class Fault(Record):
    """What is wrong with a file, or with the stretch of it that begins at second `start`.

    `detail` is a measured fact in English, for the terminal. `value` is in seconds: the length of
    a file that is too short, or of a stretch that is damaged.
    """

    file: str
    fault: FaultKind
    detail: str
    value: float | None = None
    start: float | None = None


class Duplicate(Record):
    """Clips that are the same music, and the genres they are filed under."""

    clips: list[str]
    genres: list[str]

    @property
    def across(self) -> bool:
        """True if they are filed under more than one genre."""
        return len(set(self.genres)) > 1


class Data(Record):
    """The music of the study: genres in alphabetical order; `synthetic` for the embedded music;
    `samples` per clip; `sampling_rate` in Hz.

    `files` and `seconds_found` count all the music found, used or not, as far as it can be read.
    Clips of `duplicates` are equal sample by sample; those of `copies` are not, but they are one
    recording.
    """

    synthetic: bool
    sampling_rate: int
    samples: int
    files: int
    seconds_found: float
    genres: Annotated[list[Genre], Field(min_length=1)]
    clips: list[Clip]
    faults: list[Fault]
    duplicates: list[Duplicate]
    copies: list[Duplicate]

    @property
    def seconds(self) -> float:
        """Length of a clip."""
        return self.samples / self.sampling_rate

    @property
    def left_out(self) -> dict[str, list[Fault]]:
        """The faults of each file of which no clip is used."""
        used = {clip.file for clip in self.clips}
        return self._by_file(fault for fault in self.faults if fault.file not in used)

    @property
    def used_with_faults(self) -> dict[str, list[Fault]]:
        """The faults of each file of which clips are used."""
        used = {clip.file for clip in self.clips}
        return self._by_file(fault for fault in self.faults if fault.file in used)

    def _by_file(self, faults: Iterable[Fault]) -> dict[str, list[Fault]]:
        files: dict[str, list[Fault]] = {}
        for fault in faults:
            files.setdefault(fault.file, []).append(fault)
        return files


class Version(Record):
    """One version of a song: "original", "FAMILY.SIZE", "untrained.FAMILY.SIZE" (before
    training), "baseline.METHOD.SIZE", "coding.CODEC.RATE" (a file of about RATE kbit/s) or, of a
    new song, "excerpt" (the chosen stretch as it is in the file)."""

    version: str
    audio: str


class SongSource(Record):
    """The file of a new song, and where its excerpt starts; `start_given` is false where the
    loudest stretch was chosen.

    `damage` has the seconds at which the file could not be decoded. `channel` is the number, from
    1, of the only channel used, where the channels cancel each other out.
    """

    sampling_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool
    damage: list[float]
    channel: int | None


class Song(Record):
    """A song to listen to: the featured test clip or a new song. All versions except the excerpt
    are aligned sample by sample. `licence` is the one stated for a new song. `label` is not in
    results.json: the reader may set a title."""

    name: str
    role: Literal["test", "new"]
    genre: str | None
    file: str
    seconds: float
    versions: Annotated[list[Version], Field(min_length=1)]
    source: SongSource | None
    licence: str | None = None
    label: Annotated[str, Field(exclude=True)] = ""

    @property
    def title(self) -> str:
        """The name to show: the label, a new song's name or a clip's name without its folder."""
        if self.label:
            return self.label
        return self.name if self.role == "new" else self.name.rpartition("/")[2]

    def audio(self, version: str) -> str:
        """Path of a version's file.

        Raises:
            ValueError: the song has no such version.
        """
        for candidate in self.versions:
            if candidate.version == version:
                return candidate.audio
        known = [candidate.version for candidate in self.versions]
        raise ValueError(f"{self.name} has no version {version}{did_you_mean(version, known)}")


class FamilyChoice(Record):
    """The smallest acceptable size of a family, None where there is none; `reason` is the user's,
    if the study overrules the rule. `by_rule` is the size by measures, and `by` tells whether
    listeners chose `size`."""

    family: str
    size: int | None
    by_rule: int | None
    reason: str | None
    by: Literal["measures", "ear"] = "measures"


class Choice(Record):
    """The rule of acceptance and its outcome: SNR (dB) and ViSQOL (MOS-LQO) at least, log-mel
    distance at most. `visqol` is None where it was not measured."""

    snr: float
    log_mel: float
    visqol: float | None = None
    families: list[FamilyChoice]

    @property
    def measures(self) -> list[str]:
        """The measures that have a bound."""
        return ["snr", "log_mel"] + ([] if self.visqol is None else ["visqol"])

    def unmet(self, values: Mapping[str, float]) -> list[str]:
        """The measures whose values, by name, are out of bounds."""
        tests = {
            "snr": values["snr"] >= self.snr,
            "log_mel": values["log_mel"] <= self.log_mel,
            "visqol": self.visqol is None or values["visqol"] >= self.visqol,
        }
        return [measure for measure, met in tests.items() if not met]


class Coding(Record):
    """Our coder beside other codecs: test clips as files of about the same rate.

    `codecs` has the rates in kbit/s of each, ours ("latente") first, and `visqol_rates` those that
    ViSQOL scored. `clips` test clips were coded, `visqol_clips` of them scored. `loss` is the dB
    of SNR that quantising the latent vectors was allowed to cost, about. `parameters` are those of
    the context network, `training_clips` what it was trained on; `file` is its path.
    """

    codecs: dict[str, list[int]]
    visqol_rates: list[int]
    clips: int
    visqol_clips: int
    loss: float
    parameters: int
    training_clips: int
    file: str

    def others(self, rate: int) -> list[str]:
        """The other codecs that reach a rate."""
        return [name for name, rates in list(self.codecs.items())[1:] if rate in rates]


class Results(Record):
    """results.json.

    The same study gives the same bytes on the same machine, for any order of steps and number of
    workers, interrupted or not, except for `computed` and training.FAMILY.SIZE.seconds, which
    the report leaves out (see `pipeline.results.reproducible`).
    """

    format: Literal[1]
    computed: datetime.date
    """The day of the newest number."""
    study: dict[str, Any]
    """The settings as used, with defaults filled in (`pipeline.settings.schema.Study`)."""
    data: Data
    methods: Constants
    models: Annotated[list[Model], Field(min_length=1)]
    """By family, then from the largest size."""
    tuning: Tuning | None
    experiments: list[Experiment] = Field(default_factory=list)
    """The base first; none if the study turns them off or has no classic models."""
    responses: list[Response] = Field(default_factory=list)
    """Of the convolutional models, in their order."""
    songs: list[Song]
    exploration: list[Exploration]
    generated: list[Generated]
    new_music: list[NewMusic] = Field(default_factory=list)
    """By model, genre and index; none if the study turns generation off."""
    choice: Choice
    coding: Coding | None = None
    """None in results of versions that coded nothing."""
    listening: Listening | None = None
    """None without a folder of answers."""
    machine: Machine
    steps: list[Step]
    numbers: dict[str, Number]
    """By dotted name (see `pipeline.results.number_names`)."""
    per_clip: str
    """An .npz with the values behind each mean over test clips, under the number's name: float64
    (test clips,), in the order of data.clips, NaN for a clip that was not measured."""
