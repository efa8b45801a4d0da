"""What chapters and figures ask of the comparison: networks beside what needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass

from report.music import Song
from report.networks import Model
from report.prose import inference
from report.queries.base import Queries
from report.results import Number

LOWER = frozenset({"log_mel", "log_spectral", "stft"})
"""Measures of which less is better."""

STEPS = (
    ("basis", "klt", "lowpass"),
    ("choice", "mdct", "klt"),
    ("moment", "codec", "mdct"),
)
"""What each baseline adds to the one before."""


@dataclass(frozen=True)
class ComparisonRow:
    """A row of a comparison: a family or a baseline, and the names of its numbers."""

    size: int
    snr: str
    log_mel: str
    visqol: str
    family: str | None = None
    method: str | None = None
    song: str | None = None

    @property
    def version(self) -> str:
        """The name of this version of a song, FAMILY.SIZE or baseline.METHOD.SIZE."""
        if self.family is not None:
            return f"{self.family}.{self.size}"
        return f"baseline.{self.method}.{self.size}"


@dataclass(frozen=True)
class SizeRow:
    """A row of the comparison: names of numbers, None where a family lacks the size."""

    size: int
    names: list[str | None]


@dataclass(frozen=True)
class Contrast:
    """Two ways to spend the same numbers, and what tells them apart.

    `first` and `second` are the beginnings of their numbers' names; `sizes` those of both, and
    `family` the one that it is about, if any.
    """

    kind: str
    first: str
    second: str
    sizes: list[int]
    family: str | None = None


class ComparisonQueries(Queries):
    """Families and baselines side by side."""

    @property
    def contrasts(self) -> list[Contrast]:
        """The steps from a filter to a trained choice, as far as these results have them."""
        found = []
        for kind, first, second in STEPS:
            if {first, second} <= set(self.methods):
                found.append(Contrast(kind, f"baseline.{first}", f"baseline.{second}", self.sizes))
        for family, members in self.results.families.items():
            sizes = [model.size for model in members]
            kind, against = ("linear", "klt") if members[0].layers else ("learned", "codec")
            if against in self.methods:
                found.append(
                    Contrast(kind, f"reconstruction.{family}", f"baseline.{against}", sizes, family)
                )
        return found

    def contrast(self, found: Contrast, size: int, measure: str) -> inference.Outcome | None:
        """A contrast at one size of the study; None where it has no model."""
        if size not in found.sizes:
            return None
        return inference.difference(*self._pair(found, size, measure))

    def overall(self, found: Contrast, measure: str) -> inference.Outcome:
        """How a contrast comes out over all of its sizes; see `verdicts.compare`."""
        pairs = [self._pair(found, size, measure) for size in found.sizes]
        firsts, seconds = zip(*pairs, strict=True)
        return inference.compare(firsts, seconds, found.sizes)

    def _pair(self, found: Contrast, size: int, measure: str) -> tuple[Number, Number]:
        one, other = (f"{of}.{size}.{measure}" for of in (found.first, found.second))
        return self.results.number(one), self.results.number(other)

    @property
    def methods(self) -> list[str]:
        """The baselines that need no network, in the order of the results."""
        names = (name.split(".") for name in self.results.numbers)
        return list(dict.fromkeys(parts[1] for parts in names if parts[0] == "baseline"))

    @property
    def measures(self) -> list[str]:
        """The measures of the comparison that were taken: too short a clip has no ViSQOL."""
        first = f"reconstruction.{self.results.models[0].version}"
        return [
            name
            for name in ("snr", "log_mel", "visqol")
            if f"{first}.{name}" in self.results.numbers
        ]

    def baseline(self, method: str, members: Sequence[Model], measure: str) -> list[Number]:
        """A baseline's numbers at the sizes of these models."""
        return [
            self.results.number(f"baseline.{method}.{model.size}.{measure}") for model in members
        ]

    def clips(self, measure: str) -> int:
        """How many test clips a mean is over."""
        number = self.results.number(f"reconstruction.{self.results.models[0].version}.{measure}")
        return number.clips or 1

    def wins(self, members: Sequence[Model], measure: str) -> list[bool]:
        """At which sizes a network is better than every baseline, intervals apart."""
        better = "lower" if measure in LOWER else "higher"
        return [
            all(
                inference.difference(
                    self.results.number(f"reconstruction.{model.version}.{measure}"),
                    self.results.number(f"baseline.{method}.{model.size}.{measure}"),
                ).name
                == better
                for method in self.methods
            )
            for model in members
        ]

    @property
    def split(self) -> inference.Outcome:
        """Where a network beats a baseline of its size in SNR and loses in log-mel distance, or
        the other way round.

        Outcomes: `all`, `some` or `none` of the pairs that both measures tell apart, `empty`
        where there is none; `holds` and `fails` are pairs of a model's version and a method.
        """
        numbers, pairs, flags = [], [], []
        for model in self.results.models:
            for method in self.methods:
                of = (f"reconstruction.{model.version}", f"baseline.{method}.{model.size}")
                found = {}
                for measure in ("snr", "log_mel"):
                    one, other = (self.results.number(f"{each}.{measure}") for each in of)
                    found[measure] = inference.difference(one, other).name
                if set(found.values()) <= {"higher", "lower"}:
                    numbers.append(self.results.number(f"{of[0]}.snr"))
                    pairs.append((model.version, method))
                    flags.append(found["snr"] == found["log_mel"])
        return inference.which(numbers, pairs, flags) if pairs else inference.Outcome("empty", ())

    def rows(self, measure: str) -> list[SizeRow]:
        """A row a size, from the largest: each family's number and each baseline's."""
        rows = []
        for size in self.sizes:
            names: list[str | None] = [
                f"reconstruction.{family}.{size}.{measure}"
                if size in (model.size for model in members)
                else None
                for family, members in self.results.families.items()
            ]
            names += [f"baseline.{method}.{size}.{measure}" for method in self.methods]
            rows.append(SizeRow(size, names))
        return rows

    def baseline_rows(self, song: Song) -> list[ComparisonRow]:
        """The baselines' versions of a song, method by method."""
        return [
            _comparison_row(size, f"song.{song.name}.", method=method, song=song.name)
            for method in self.methods
            for size in self.sizes
        ]

    @property
    def new_song_rows(self) -> list[ComparisonRow]:
        """Networks and baselines of the shown size on every new song."""
        rows = []
        for song in self.new_songs:
            before = f"song.{song.name}."
            for family in self.results.families:
                rows.append(
                    _comparison_row(self.shown(family).size, before, family=family, song=song.name)
                )
            size = self.shown(self.results.models[0].family).size
            rows += [
                _comparison_row(size, before, method=method, song=song.name)
                for method in self.methods
            ]
        return rows


def _comparison_row(
    size: int,
    before: str,
    family: str | None = None,
    method: str | None = None,
    song: str | None = None,
) -> ComparisonRow:
    of = f"{family}.{size}" if family is not None else f"baseline.{method}.{size}"
    snr, log_mel, visqol = (f"{before}{of}.{name}" for name in ("snr", "log_mel", "visqol"))
    return ComparisonRow(size, snr, log_mel, visqol, family, method, song)
