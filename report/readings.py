"""What chapters and figures ask of results: which numbers stand together, and how they compare."""

from collections.abc import Sequence
from dataclasses import dataclass

from report import claims, clouds
from report.facts import Chosen, Exploration, Generated, Kind
from report.results import Model, Number, Results, Song

LOWER = frozenset({"log_mel", "log_spectral", "stft"})
"""Measures of which less is better."""

MEANS: tuple[Kind, ...] = ("songs", "genre_songs", "genre")
RANDOM: tuple[Kind, ...] = ("uniform", "gaussian")


@dataclass(frozen=True)
class Contender:
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
class Row:
    """A row of the comparison: names of numbers, None where a family lacks the size."""

    size: int
    names: list[str | None]


@dataclass(frozen=True)
class Heard:
    """A row of a listening table: a generated clip, its model, and its names of numbers."""

    model: Model
    clip: Generated

    @property
    def similarity(self) -> str:
        """The name of its similarity to its sources."""
        return f"{self.clip.number}.similarity"

    @property
    def flatness(self) -> str:
        """The name of its spectral flatness."""
        return f"{self.clip.number}.flatness"


class Readings:
    """Results, read as the chapters need them."""

    def __init__(self, results: Results) -> None:
        self.results = results

    # Models and baselines --------------------------------------------------------------------

    def shown(self, family: str) -> Model:
        """The model of a family that single figures show: of the study's size, or the middle."""
        members = self.results.families[family]
        chosen = [model for model in members if model.size == self.results.study["size"]]
        return (chosen or [members[len(members) // 2]])[0]

    @property
    def sizes(self) -> list[int]:
        """Every latent size of the study, the largest first."""
        return sorted({model.size for model in self.results.models}, reverse=True)

    @property
    def rate(self) -> float:
        """The learning rate that the models were trained with."""
        stated: float = self.results.study["training"]["learning_rate"]
        used = self.results.tuning is not None and self.results.tuning.used
        return float(self.results.number("tuning.best").value) if used else stated

    @property
    def methods(self) -> list[str]:
        """The baselines that need no network, in the order of the results."""
        names = (name.split(".") for name in self.results.numbers)
        return list(dict.fromkeys(parts[1] for parts in names if parts[0] == "baseline"))

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
                claims.difference(
                    self.results.number(f"reconstruction.{model.version}.{measure}"),
                    self.results.number(f"baseline.{method}.{model.size}.{measure}"),
                ).name
                == better
                for method in self.methods
            )
            for model in members
        ]

    def contest(self, measure: str) -> list[Row]:
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
            rows.append(Row(size, names))
        return rows

    def rebuilt(self, song: Song) -> list[Contender]:
        """The baselines' versions of a song, method by method."""
        return [
            _contender(size, f"song.{song.name}.", method=method, song=song.name)
            for method in self.methods
            for size in self.sizes
        ]

    @property
    def newly(self) -> list[Contender]:
        """Networks and baselines of the shown size on every new song."""
        rows = []
        for song in self.new_songs:
            before = f"song.{song.name}."
            for family in self.results.families:
                rows.append(
                    _contender(self.shown(family).size, before, family=family, song=song.name)
                )
            size = self.shown(self.results.models[0].family).size
            rows += [
                _contender(size, before, method=method, song=song.name) for method in self.methods
            ]
        return rows

    # The smallest acceptable size -----------------------------------------------------------

    def verdicts(self, members: Sequence[Model]) -> list[tuple[bool, bool]]:
        """For each model, whether its SNR and its log-mel distance are within the bounds."""
        bounds = self.results.choice
        return [
            (
                self._mean(model, "snr").value >= bounds.snr,
                self._mean(model, "log_mel").value <= bounds.log_mel,
            )
            for model in members
        ]

    def chosen(self, choice: Chosen) -> claims.Outcome:
        """How the smallest acceptable size came about.

        Outcomes: `overruled` by the reader, `none` acceptable, or `rule`; `fails` are the larger
        sizes that are not acceptable.
        """
        members = self.results.families[choice.family]
        numbers = tuple(
            self._mean(model, measure) for model in members for measure in ("snr", "log_mel")
        )
        rejected = tuple(
            model.size
            for model, within in zip(members, self.verdicts(members), strict=True)
            if choice.size is not None and model.size > choice.size and not all(within)
        )
        name = "overruled" if choice.reason else "none" if choice.size is None else "rule"
        return claims.Outcome(name, numbers, fails=rejected)

    def _mean(self, model: Model, measure: str) -> Number:
        return self.results.number(f"reconstruction.{model.version}.{measure}")

    # Exploration ----------------------------------------------------------------------------

    def vectors(self, family: str, averaged: bool = False) -> list[Exploration]:
        """The waveform and a family's latent vectors, flat or averaged over time."""
        end = ".averaged" if averaged else ""
        names = ["original", *(model.version for model in self.results.families[family])]
        return [self.results.vector(name + end) for name in names]

    def named(self, what: str, vectors: Sequence[str], measure: str) -> list[str]:
        """The dotted names of a measure of these vectors."""
        return [f"{what}.{vector}.{measure}" for vector in vectors]

    def all(self, what: str, vectors: Sequence[Exploration], measure: str) -> list[Number]:
        """A measure of each of these vectors."""
        return [self.results.number(f"{what}.{each.vector}.{measure}") for each in vectors]

    def spans(self, what: str, vectors: Sequence[Exploration], measure: str) -> tuple[float, float]:
        """The least and the greatest of a measure over these vectors."""
        values = [number.value for number in self.all(what, vectors, measure)]
        return min(values), max(values)

    def exceeds(
        self,
        what: str,
        firsts: Sequence[Exploration],
        seconds: Sequence[Exploration],
        measure: str,
    ) -> list[bool]:
        """Where a measure of the first vector is above that of the second, pair by pair."""
        pairs = zip(self.all(what, firsts, measure), self.all(what, seconds, measure), strict=True)
        return [first.value > second.value for first, second in pairs]

    def explained(self, found: Exploration) -> float:
        """The share of variance of three components together."""
        names = (f"pca.{found.vector}.explained.{component}" for component in (1, 2, 3))
        return sum(self.results.number(name).value for name in names)

    def extent(self, vectors: Sequence[Exploration]) -> tuple[float, float]:
        """The least and the greatest share of variance of three components."""
        shares = [self.explained(found) for found in vectors]
        return min(shares), max(shares)

    def dominance(self, vectors: Sequence[Exploration]) -> list[float]:
        """Of each vector, the share of its first component that is due to one clip."""
        return [clouds.dominance(self.results, found) for found in vectors]

    @property
    def flat(self) -> list[Exploration]:
        """The vectors whose pictures share their axes: the waveform, and every latent whole."""
        return [found for found in self.results.exploration if found.flat]

    @property
    def pictured(self) -> list[Exploration]:
        """The averaged vectors that have a picture: of each family, the size that is shown."""
        shown = (self.shown(family).version for family in self.results.families)
        return [self.results.vector(f"{version}.averaged") for version in shown]

    def stretched(self, vectors: Sequence[Exploration]) -> bool:
        """Whether the axes of these vectors' pictures are stretched."""
        return clouds.stretched([clouds.cloud(self.results, found) for found in vectors])

    @property
    def chance(self) -> float:
        """The share of genres to beat: the higher of a uniform guess and the commonest genre's."""
        levels = ("uniform", "majority")
        return max(self.results.number(f"tree.original.{level}").value for level in levels)

    # New songs ------------------------------------------------------------------------------

    @property
    def new_songs(self) -> list[Song]:
        """The songs from outside the data."""
        return [song for song in self.results.songs if song.role == "new"]

    def pairs(self, members: Sequence[Model]) -> list[tuple[Song, Model]]:
        """Every new song with every model."""
        return [(song, model) for song in self.new_songs for model in members]

    def columns(
        self, pairs: Sequence[tuple[Song, Model]], measures: Sequence[str]
    ) -> list[list[str]]:
        """For each measure, the dotted names of its column."""
        return [
            [f"song.{song.name}.{model.version}.{measure}" for song, model in pairs]
            for measure in measures
        ]

    def of_songs(self, model: Model, measure: str) -> list[Number]:
        """A measure of a model's version of each new song."""
        (names,) = self.columns(self.pairs([model]), [measure])
        return [self.results.number(name) for name in names]

    # Generated sound ------------------------------------------------------------------------

    @property
    def genre(self) -> str:
        """The genre that chapter 4 shows: the study's, or jazz, or the first."""
        names = [genre.name for genre in self.results.data.genres]
        stated = self.results.study["report"]["genre"]
        return stated if stated in names else "jazz" if "jazz" in names else names[0]

    @property
    def kinds(self) -> list[tuple[Kind, str | None]]:
        """The kinds of generated sound, and the genre shown of those that have one."""
        found: dict[Kind, str | None] = {}
        for clip in self.results.generated:
            if clip.genre in (None, self.genre):
                found[clip.kind] = clip.genre
        return list(found.items())

    def decoded(self, model: Model, kind: Kind, genre: str | None = None) -> list[Generated]:
        """What a model made of that kind, of a genre where the kind has one."""
        return [
            clip
            for clip in self.results.generated
            if (clip.model, clip.kind, clip.genre) == (model.version, kind, genre)
        ]

    def heard(self, members: Sequence[Model], kind: Kind, genre: str | None = None) -> list[Heard]:
        """The rows of a listening table: what each model made of that kind."""
        return [
            Heard(model, clip) for model in members for clip in self.decoded(model, kind, genre)
        ]

    def measures(
        self, members: Sequence[Model], kinds: Sequence[Kind], measure: str
    ) -> list[Number]:
        """A measure of all that models made of these kinds, of the genre shown."""
        return [
            self.results.number(f"{clip.number}.{measure}")
            for model in members
            for kind, genre in self.kinds
            if kind in kinds
            for clip in self.decoded(model, kind, genre)
        ]

    def average(self, model: Model, kind: Kind, measure: str) -> float:
        """The mean of a measure over what a model made of that kind."""
        values = [number.value for number in self.measures([model], [kind], measure)]
        return sum(values) / len(values)

    def flatter(self, members: Sequence[Model]) -> list[bool]:
        """Of which models all random vectors are flatter than all means of songs."""
        return [
            least(self.measures([model], RANDOM, "flatness"))
            > most(self.measures([model], MEANS, "flatness"))
            for model in members
        ]


def below(numbers: Sequence[Number], other: Number) -> list[bool]:
    """Which numbers are below another."""
    return [number.value < other.value for number in numbers]


def over(values: Sequence[float], limit: float) -> list[bool]:
    """Which values are above a limit."""
    return [value > limit for value in values]


def least(numbers: Sequence[Number]) -> float:
    """The least value."""
    return min(number.value for number in numbers)


def most(numbers: Sequence[Number]) -> float:
    """The greatest value."""
    return max(number.value for number in numbers)


def _contender(
    size: int,
    before: str,
    family: str | None = None,
    method: str | None = None,
    song: str | None = None,
) -> Contender:
    of = f"{family}.{size}" if family is not None else f"baseline.{method}.{size}"
    snr, log_mel, visqol = (f"{before}{of}.{name}" for name in ("snr", "log_mel", "visqol"))
    return Contender(size, snr, log_mel, visqol, family, method, song)
