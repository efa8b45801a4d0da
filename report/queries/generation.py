"""Queries on generated clips: latent vectors that belong to no song, decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from pipeline.results.vector_schema import Generated, GeneratedKind
from report.queries.base import Queries, highest, lowest

MEANS: tuple[GeneratedKind, ...] = ("songs", "genre_songs", "genre")
RANDOM: tuple[GeneratedKind, ...] = ("uniform", "gaussian")


@dataclass(frozen=True)
class ListeningRow:
    """A row of a listening table: a generated clip, its model, and its names of numbers."""

    model: Model
    clip: Generated

    @property
    def similarity(self) -> str:
        """Dotted name of its similarity to its sources."""
        return f"{self.clip.number}.similarity"

    @property
    def flatness(self) -> str:
        """Dotted name of its spectral flatness."""
        return f"{self.clip.number}.flatness"


class GenerationQueries(Queries):
    """Queries on generated clips, by model and kind."""

    @cached_property
    def featured_genre(self) -> str:
        """The genre that the chapter shows: the study's, else jazz, else the first."""
        names = [genre.name for genre in self.results.data.genres]
        stated = self.results.study["report"]["genre"]
        return stated if stated in names else "jazz" if "jazz" in names else names[0]

    @cached_property
    def kinds(self) -> list[tuple[GeneratedKind, str | None]]:
        """Each kind of generated clip, with the featured genre if the kind is per genre."""
        kinds: dict[GeneratedKind, str | None] = {}
        for clip in self.results.generated:
            if clip.genre in (None, self.featured_genre):
                kinds[clip.kind] = clip.genre
        return list(kinds.items())

    def clips(self, model: Model, kind: GeneratedKind, genre: str | None = None) -> list[Generated]:
        """Return a model's clips of a kind (and of a genre, if the kind is per genre)."""
        return [
            clip
            for clip in self.results.generated
            if (clip.model, clip.kind, clip.genre) == (model.version, kind, genre)
        ]

    def listening_rows(
        self, members: Sequence[Model], kind: GeneratedKind, genre: str | None = None
    ) -> list[ListeningRow]:
        """Return the rows of a listening table: each model's clips of a kind."""
        return [
            ListeningRow(model, clip)
            for model in members
            for clip in self.clips(model, kind, genre)
        ]

    def numbers(
        self, members: Sequence[Model], kinds: Sequence[GeneratedKind], measure: str
    ) -> list[Number]:
        """Return a measure of all clips of these models and kinds, of the featured genre."""
        return [
            self.results.number(f"{clip.number}.{measure}")
            for model in members
            for kind, genre in self.kinds
            if kind in kinds
            for clip in self.clips(model, kind, genre)
        ]

    def mean(self, model: Model, kind: GeneratedKind, measure: str) -> float:
        """Return the mean of a measure over a model's clips of a kind."""
        values = [number.value for number in self.numbers([model], [kind], measure)]
        return sum(values) / len(values)

    def random_is_flatter(self, members: Sequence[Model]) -> list[bool]:
        """Return, per model, whether all its random vectors are flatter than all its means."""
        return [
            lowest(self.numbers([model], RANDOM, "flatness"))
            > highest(self.numbers([model], MEANS, "flatness"))
            for model in members
        ]
