"""What the report says of the music: how much of it is used, what is left out, how it is split."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.results.schema import REMARKS, Fault
from report.queries.base import Queries

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
    def stretches_left_out(self) -> int:
        """How many stretches are left out of files of which others are used."""
        files = self.results.data.used_with_faults.values()
        return sum(fault.fault not in REMARKS for faults in files for fault in faults)

    def files_used_with(self, kind: str) -> int:
        """How many files with clips have a fault of that kind."""
        files = self.results.data.used_with_faults.values()
        return sum(any(fault.fault == kind for fault in faults) for faults in files)

    @property
    def clip_seconds(self) -> float:
        """Length of all clips together, in seconds."""
        return len(self.results.data.clips) * self.results.data.seconds

    @property
    def several_per_file(self) -> bool:
        """True if more than one clip may be cut from a file."""
        return bool(self.results.study["data"]["clips_per_file"] > 1)

    def genres_missing(self, split: str) -> list[str]:
        """The genres without a clip in that split."""
        return [genre.name for genre in self.results.data.genres if not getattr(genre, split)]

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
