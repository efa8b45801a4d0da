"""Queries on the comparison of networks with baselines, which need no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number, Song
from report.queries.contrasts import ContrastQueries
from report.queries.published import PUBLISHED, PublishedModel
from report.statistics import inference

LOWER_IS_BETTER = frozenset({"log_mel", "log_spectral", "stft"})
"""Measures that are distances."""

HEARD_CHANGE = 0.1
"""Fraction of a spectrogram's points that must become dark or cease to be for it to be told."""


@dataclass(frozen=True)
class ComparisonRow:
    """A family or a baseline in a table, with the dotted names of its numbers."""

    size: int
    snr: str
    log_mel: str
    visqol: str
    family: str | None = None
    method: str | None = None
    song: str | None = None

    @property
    def version(self) -> str:
        """Name of this version of a song: FAMILY.SIZE or baseline.METHOD.SIZE."""
        if self.family is not None:
            return f"{self.family}.{self.size}"
        return f"baseline.{self.method}.{self.size}"


@dataclass(frozen=True)
class SizeRow:
    """A measure, a latent size and the dotted names of its numbers; None if a family lacks it."""

    measure: str
    size: int
    names: list[str | None]


class ComparisonQueries(ContrastQueries):
    """Queries on families and baselines side by side."""

    @property
    def measures(self) -> list[str]:
        """The measures of the comparison that were taken (ViSQOL needs longer clips)."""
        first = f"reconstruction.{self.results.models[0].version}"
        return [
            name
            for name in ("snr", "log_mel", "visqol")
            if f"{first}.{name}" in self.results.numbers
        ]

    @property
    def fidelity(self) -> list[str]:
        """The patterns of the numbers of every measure of fidelity."""
        names = ["snr", "si_sdr", "log_mel", "log_spectral", "stft"]
        return [f"reconstruction.{{}}.{name}" for name in names + ["visqol"] * self.scored]

    @property
    def scored(self) -> bool:
        """True if reconstructions were scored by ViSQOL."""
        return "visqol" in self.measures

    def baseline_numbers(self, method: str, members: Sequence[Model], measure: str) -> list[Number]:
        """Return, per model, a baseline's number at the same size."""
        return [
            self.results.number(f"baseline.{method}.{model.size}.{measure}") for model in members
        ]

    def published(self, members: Sequence[Model]) -> list[tuple[Model, list[PublishedModel]]]:
        """Pair models with the published ones of as many samples per number, if there are any."""
        ratios = [(model, round(self.results.data.samples / model.size)) for model in members]
        found = [(m, [paper for paper in PUBLISHED if paper.ratio == r]) for m, r in ratios]
        return [(model, papers) for model, papers in found if papers]

    def clip_count(self, measure: str) -> int:
        """Return how many test clips the means of a measure are over."""
        number = self.results.number(f"reconstruction.{self.results.models[0].version}.{measure}")
        return number.clips or 1

    @property
    def single_clip(self) -> bool:
        """True if the means are over one test clip, so that no difference is sure."""
        return self.clip_count("snr") == 1

    @property
    def clips_scored_of_more(self) -> int | None:
        """How many test clips ViSQOL scored, if it scored some but not all."""
        count = self.clip_count("visqol") if self.scored else 0
        return count if 0 < count < self.clip_count("snr") else None

    def beats_all_baselines(self, members: Sequence[Model], measure: str) -> list[bool]:
        """Return, per model, whether it is better than every baseline of its size.

        Better means that the 95 % interval of the mean difference excludes 0.
        """
        better = "lower" if measure in LOWER_IS_BETTER else "higher"
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

    def balance(self, method: str, members: Sequence[Model], measure: str) -> inference.Outcome:
        """Return at which sizes the members are better (`holds`), worse (`fails`) or no different
        (`undecided`) than a baseline; `unknown` on a single test clip."""
        ours = [self.results.number(f"reconstruction.{m.version}.{measure}") for m in members]
        theirs = self.baseline_numbers(method, members, measure)
        pair = (theirs, ours) if measure in LOWER_IS_BETTER else (ours, theirs)
        return inference.compare(*pair, [model.size for model in members])

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The pairs of a family and a measure that is decided against some baseline: the columns
        of the table of balances."""
        return [
            (family, measure)
            for family, measure in product(self.results.families, self.measures)
            if any(
                self.balance(method, self.results.families[family], measure).name != "unknown"
                for method in self.methods
            )
        ]

    def balances(self, method: str) -> list[inference.Outcome]:
        """Return the balance of each column's family with a baseline."""
        return [
            self.balance(method, self.results.families[family], measure)
            for family, measure in self.columns
        ]

    def tallies(self, method: str) -> list[list[int]]:
        """Return, per column, at how many sizes a family beats a baseline, ties and loses; empty
        if it is not decided."""
        return [
            []
            if each.name == "unknown"
            else [len(each.holds), len(each.undecided), len(each.fails)]
            for each in self.balances(method)
        ]

    @property
    def heard_change(self) -> float:
        """The fraction of a spectrogram above which `heard` reports a change."""
        return HEARD_CHANGE

    def heard(self, song: Song, model: Model) -> list[str]:
        """Return what is heard in a model's version of a song, as keys of `graded` in the words.

        First the grade nearest to its ViSQOL, if scored; then whether more of the spectrogram is
        `lost` or `gained`, if more than `HEARD_CHANGE` is.
        """
        values = {
            name: float(number.value)
            for name in ("visqol", "lost", "gained")
            if (number := self.results.numbers.get(f"song.{song.name}.{model.version}.{name}"))
        }
        keys = [str(min(5, max(1, round(values["visqol"]))))] if "visqol" in values else []
        change = max(("lost", "gained"), key=values.__getitem__)
        return keys + ([change] if values[change] > HEARD_CHANGE else [])

    @property
    def size_rows(self) -> list[SizeRow]:
        """A row per measure and size, largest first.

        Each family's number, and the one before training if it is of `untrained_families`; then
        each baseline's.
        """
        rows = []
        for measure, size in product(self.measures, self.sizes):
            names: list[str | None] = []
            for family, members in self.results.families.items():
                steps = ["reconstruction"]
                steps += ["untrained"] if family in self.untrained_families else []
                has_size = size in (model.size for model in members)
                names += [
                    f"{step}.{family}.{size}.{measure}" if has_size else None for step in steps
                ]
            names += [f"baseline.{method}.{size}.{measure}" for method in self.methods]
            rows.append(SizeRow(measure, size, names))
        return rows

    def baseline_rows(self, song: Song) -> list[ComparisonRow]:
        """Return a row per baseline and size for a song, method by method."""
        return [
            _comparison_row(size, f"song.{song.name}.", method=method, song=song.name)
            for method in self.methods
            for size in self.sizes
        ]

    @property
    def new_song_rows(self) -> list[ComparisonRow]:
        """A row per new song and featured model or baseline, at the featured size."""
        rows = []
        for song in self.new_songs:
            prefix = f"song.{song.name}."
            for family in self.results.families:
                size = self.featured_model(family).size
                rows.append(_comparison_row(size, prefix, family=family, song=song.name))
            size = self.featured_model(self.results.models[0].family).size
            rows += [
                _comparison_row(size, prefix, method=method, song=song.name)
                for method in self.methods
            ]
        return rows


def _comparison_row(
    size: int,
    prefix: str,
    family: str | None = None,
    method: str | None = None,
    song: str | None = None,
) -> ComparisonRow:
    version = f"{family}.{size}" if family is not None else f"baseline.{method}.{size}"
    snr, log_mel, visqol = (f"{prefix}{version}.{name}" for name in ("snr", "log_mel", "visqol"))
    return ComparisonRow(size, snr, log_mel, visqol, family, method, song)
