"""What the report says of the music: how much of it is used, what is left out, how it is split."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.results.schema import REMARKS, Fault, Song
from report.queries.base import Queries
from report.statistics.inference import Outcome

SPLITS_BESIDE_TRAINING = ("validation", "test")
"""Splits whose size is a setting of the study."""


@dataclass(frozen=True)
class Reason:
    """The faults of one kind in one file: the seconds at which the stretches concerned begin (none
    for the whole file), and `value`, the sum of theirs."""

    kind: str
    starts: list[float]
    value: float | None


@dataclass(frozen=True)
class FaultyFile:
    """A file and what is wrong with it, one reason per kind of fault."""

    name: str
    reasons: list[Reason]


class MusicQueries(Queries):
    """Queries on the music of the study, beside what `results.data` states itself."""

    @property
    def left_out(self) -> list[FaultyFile]:
        """The files of which no clip is used."""
        return _with_reasons(self.results.data.left_out)

    @property
    def used_with_faults(self) -> list[FaultyFile]:
        """The files of which clips are used, but not all, or not all that is in them."""
        return _with_reasons(self.results.data.used_with_faults)

    @property
    def set_aside(self) -> Outcome:
        """What there is to tell, file by file or clip by clip, of music that is not used as it is.

        Outcomes: `excluded` files, `repeated` clips or `both`; `remarks` on files that are used;
        `none`.
        """
        repeated = self.results.data.duplicates or self.results.data.copies
        if self.left_out:
            return Outcome("both" if repeated else "excluded", ())
        if repeated:
            return Outcome("repeated", ())
        return Outcome("remarks" if self.used_with_faults else "none", ())

    @property
    def remarks(self) -> list[Outcome]:
        """What is wrong with files of which clips are used: an outcome per kind, `value` of them.

        Outcomes: `stretches` that are left out; files `damaged`; files of `one_channel`.
        """
        files = self.results.data.used_with_faults.values()
        counts = {
            "stretches": sum(fault.fault not in REMARKS for faults in files for fault in faults)
        }
        for kind in ("damaged", "one_channel"):
            counts[kind] = sum(any(fault.fault == kind for fault in faults) for faults in files)
        return [Outcome(name, (), value=count) for name, count in counts.items() if count]

    @property
    def repeated(self) -> Outcome:
        """What is repeated in the data: `none`, `duplicates`, `copies` or `both`."""
        return _either(duplicates=self.results.data.duplicates, copies=self.results.data.copies)

    def song_faults(self, song: Song) -> Outcome:
        """Return what is wrong with a new song's file: `damaged`, `one_channel`, `both`, `none`."""
        assert song.source is not None
        return _either(damaged=song.source.damage, one_channel=song.source.channel)

    @property
    def clip_seconds(self) -> float:
        """Length of all clips together, in seconds."""
        return len(self.results.data.clips) * self.results.data.seconds

    @property
    def several_per_file(self) -> bool:
        """True if more than one clip may be cut from a file."""
        return bool(self.results.study["data"]["clips_per_file"] > 1)

    @property
    def absent(self) -> Outcome:
        """Which genres have no clip in validation (`holds`) and in test (`fails`).

        Outcomes: `none`; `validation` or `test` if genres are absent from one split only; `same` if
        they are the same in both, else `both`.
        """
        genres = self.results.data.genres
        validation = tuple(genre.name for genre in genres if not genre.validation)
        test = tuple(genre.name for genre in genres if not genre.test)
        found = _either(validation=validation, test=test)
        name = "same" if validation and validation == test else found.name
        return replace(found, name=name, holds=validation, fails=test)

    @property
    def split(self) -> Outcome:
        """How the splits keep the proportions of genres.

        Outcomes: `incomplete` if a split lacks a genre; `one_genre`; `proportional`; `nearly`.
        """
        if self.absent.name != "none":
            return Outcome("incomplete", ())
        if len(self.results.data.genres) == 1:
            return Outcome("one_genre", ())
        return Outcome("proportional" if self.is_proportional else "nearly", ())

    @property
    def is_proportional(self) -> bool:
        """True if each genre's clips in validation and test are the fractions that the study asks
        for, but for rounding.

        Clips of one file, and copies of one recording, are never divided, which may prevent it.
        """
        settings = self.results.study["data"]
        return all(
            abs(getattr(genre, split) - settings[split] * genre.total) < 1
            for genre in self.results.data.genres
            for split in SPLITS_BESIDE_TRAINING
        )


def _either(**found: object) -> Outcome:
    """Return an outcome that names which of two things there is: one of them, `both` or `none`."""
    names = [name for name, value in found.items() if value]
    return Outcome("both" if len(names) == 2 else names[0] if names else "none", ())


def _with_reasons(files: dict[str, list[Fault]]) -> list[FaultyFile]:
    return [FaultyFile(name, _reasons(faults)) for name, faults in files.items()]


def _reasons(faults: Iterable[Fault]) -> list[Reason]:
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.fault, []).append(fault)
    reasons = []
    for kind, same in kinds.items():
        values = [fault.value for fault in same if fault.value is not None]
        starts = [round(fault.start, 1) for fault in same if fault.start is not None]
        reasons.append(Reason(kind, starts, sum(values) if values else None))
    return reasons
