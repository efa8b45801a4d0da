"""The parts of results.json on the music: genres, clips, faults, duplicates, and songs."""

from typing import Annotated, Literal

from pydantic import Field

from report.errors import ReportError, unknown
from report.facts import Record, SongSource


class Genre(Record):
    """How many clips of a genre went to each set."""

    name: str
    training: int
    validation: int
    test: int

    @property
    def total(self) -> int:
        """Clips in the three sets."""
        return self.training + self.validation + self.test


class Clip(Record):
    """A clip of the data and the set it went to; `audio` as of a version, if it is kept."""

    name: str
    genre: str
    file: str
    split: Literal["training", "validation", "test"]
    audio: str | None = None


class Fault(Record):
    """A file left out; `value` is in seconds when it is too short."""

    file: str
    fault: Literal["too_short", "silent", "unreadable", "not_finite"]
    value: float | None = None


class Duplicate(Record):
    """Clips equal to the sample, and the genres they stand under."""

    clips: list[str]
    genres: list[str]

    @property
    def across(self) -> bool:
        """Whether they stand under more than one genre."""
        return len(set(self.genres)) > 1


class Data(Record):
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


class Version(Record):
    """One rendering of a song: `original` or FAMILY.SIZE; `audio` is under the results folder."""

    version: str
    audio: str


class Song(Record):
    """A song to listen to, all versions but a new song's `excerpt` aligned to the sample.

    `licence` is the one stated for a new song; results of before do not have it.
    """

    name: str
    role: str
    genre: str | None
    file: str
    seconds: float
    versions: Annotated[list[Version], Field(min_length=1)]
    source: SongSource | None
    licence: str | None = None

    @property
    def title(self) -> str:
        """The name that a reader sees: a new song's own, a clip's without its folder."""
        return self.name if self.role == "new" else self.name.rpartition("/")[2]

    def audio(self, version: str) -> str:
        """Path of a version's file under the results folder.

        Raises:
            ReportError: the song has no such version.
        """
        for candidate in self.versions:
            if candidate.version == version:
                return candidate.audio
        raise ReportError(unknown(f"version of the song {self.name}", version, self._known()))

    def _known(self) -> list[str]:
        return [version.version for version in self.versions]
