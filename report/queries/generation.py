"""What chapters and figures ask of the sound that models made from vectors of no song."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from report.facts import Generated, Kind
from report.networks import Model
from report.queries.base import Queries, least, most
from report.results import Number

MEANS: tuple[Kind, ...] = ("songs", "genre_songs", "genre")
RANDOM: tuple[Kind, ...] = ("uniform", "gaussian")


@dataclass(frozen=True)
class ListeningRow:
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


class GenerationQueries(Queries):
    """Generated clips, by model and kind."""

    @cached_property
    def genre(self) -> str:
        """The genre that chapter 4 shows: the study's, or jazz, or the first."""
        names = [genre.name for genre in self.results.data.genres]
        stated = self.results.study["report"]["genre"]
        return stated if stated in names else "jazz" if "jazz" in names else names[0]

    @cached_property
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

    def heard(
        self, members: Sequence[Model], kind: Kind, genre: str | None = None
    ) -> list[ListeningRow]:
        """The rows of a listening table: what each model made of that kind."""
        return [
            ListeningRow(model, clip)
            for model in members
            for clip in self.decoded(model, kind, genre)
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
