"""The schema of what `latentes inspect` finds in a folder of music; with --json, it prints one."""

from pydantic import Field

from pipeline.results.base_record import Record
from pipeline.results.schema import Duplicate, Fault, Genre, Split


class InspectedFile(Record):
    """A music file: its genre (none if it is not in a genre), what it holds (nothing if it cannot
    be read), and where each of its clips begins, in seconds."""

    file: str
    genre: str | None
    format: str | None
    sampling_rate: int | None
    channels: int | None
    seconds: float | None
    starts: list[float]


class InspectedGenre(Genre):
    """A genre: its music files, how many of them are used, and the length of those that can be
    read; and how many clips go to each split."""

    files: int
    used: int
    seconds: float


class InspectedClip(Record):
    """A clip, as in results.json, and where it begins in its file, in seconds; `split` is none if
    there is too little music for a split."""

    name: str
    genre: str
    file: str
    start: float
    split: Split | None


class Inspection(Record):
    """What a study would find in a folder of music.

    `files` and `seconds_found` count all music files, used or not, as far as they can be read.
    `faults`, `duplicates` and `copies` are those of results.json. `problem` is the error with
    which a build would end, if there is one. `unmatched_rows` counts the rows of the table of
    genres that name no file.
    """

    folder: str
    stretch: str
    clip_seconds: float
    clips_per_file: int
    files: list[InspectedFile]
    seconds_found: float
    genres: list[InspectedGenre]
    clips: list[InspectedClip]
    faults: list[Fault]
    duplicates: list[Duplicate]
    copies: list[Duplicate]
    unmatched_rows: int = Field(0, ge=0)
    problem: str | None
