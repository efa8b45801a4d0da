"""What chapters and figures ask of models and songs: which are shown, and which are acceptable."""

from collections.abc import Sequence

from report.facts import FamilyChoice
from report.music import Song
from report.networks import Model
from report.prose.inference import Outcome
from report.prose.traced_float import TracedFloat
from report.results import Number, Results


class Queries:
    """Models and songs, read as the chapters need them."""

    def __init__(self, results: Results) -> None:
        self.results = results

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

    def near(self, rate: float) -> bool:
        """Whether a learning rate is within a factor of two of the one in use."""
        return 0.5 <= rate / self.rate <= 2

    def largest_part(self, model: Model) -> str:
        """The part of a latent vector that takes most of its numbers."""
        return max(model.parts, key=lambda part: part.numbers).name

    def share(self, model: Model, name: str) -> float:
        """The share of a latent vector's numbers that a part takes, 0 to 1."""
        return sum(part.numbers for part in model.parts if part.name == name) / model.size

    def is_largest_part(self, members: Sequence[Model], name: str) -> list[bool]:
        """Of which models a part takes most of the numbers."""
        return [self.largest_part(model) == name for model in members]

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

    def chosen(self, choice: FamilyChoice) -> Outcome:
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
        return Outcome(name, numbers, fails=rejected)

    def _mean(self, model: Model, measure: str) -> Number:
        return self.results.number(f"reconstruction.{model.version}.{measure}")

    @property
    def new_songs(self) -> list[Song]:
        """The songs from outside the data."""
        return [song for song in self.results.songs if song.role == "new"]

    def errors(self, song: Song, members: Sequence[Model]) -> list[TracedFloat]:
        """The energy of each reconstruction's error, in percent of the song's."""
        names = (f"song.{song.name}.{model.version}.snr" for model in members)
        return [
            TracedFloat(100 * 10 ** (-self.results.number(name).value / 10), (name,))
            for name in names
        ]

    def changed(self, song: Song, members: Sequence[Model], how: str) -> list[TracedFloat]:
        """How much of a song's spectrogram is `lost` or `gained` with each model, in percent."""
        names = (f"song.{song.name}.{model.version}.{how}" for model in members)
        return [100 * self.results.number(name).v for name in names]

    def more(self, firsts: Sequence[float], seconds: Sequence[float]) -> list[bool]:
        """Where the first of two values is greater, pair by pair."""
        return [first > second for first, second in zip(firsts, seconds, strict=True)]

    def under(self, values: Sequence[float], limit: float) -> list[bool]:
        """Which values are under a limit."""
        return [value < limit for value in values]

    def among(
        self, values: Sequence[TracedFloat], labels: Sequence[object], wanted: Sequence[object]
    ) -> list[TracedFloat]:
        """The values whose labels are wanted."""
        return [value for value, label in zip(values, labels, strict=True) if label in wanted]

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


def over(values: Sequence[float], limit: float) -> list[bool]:
    """Which values are above a limit."""
    return [value > limit for value in values]


def least(numbers: Sequence[Number]) -> TracedFloat:
    """The least value."""
    return min((number.v for number in numbers), key=float)


def most(numbers: Sequence[Number]) -> TracedFloat:
    """The greatest value."""
    return max((number.v for number in numbers), key=float)
