"""What chapters and figures ask of the exploration: clusters, components and trees of vectors."""

from collections.abc import Sequence

import numpy as np

from report.facts import Exploration
from report.prose.inference import Outcome, elbow
from report.prose.traced_float import TracedFloat
from report.queries import embedding
from report.queries.base import Queries, least, most
from report.results import Number


class ExplorationQueries(Queries):
    """Vectors, and what was found of them."""

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

    def spans(
        self, what: str, vectors: Sequence[Exploration], measure: str
    ) -> tuple[TracedFloat, TracedFloat]:
        """The least and the greatest of a measure over these vectors."""
        numbers = self.all(what, vectors, measure)
        return least(numbers), most(numbers)

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

    def explained(self, found: Exploration) -> TracedFloat:
        """The share of variance of three components together."""
        names = [f"pca.{found.vector}.explained.{component}" for component in (1, 2, 3)]
        return TracedFloat(sum(self.results.number(name).value for name in names), names)

    def extent(self, vectors: Sequence[Exploration]) -> tuple[TracedFloat, TracedFloat]:
        """The least and the greatest share of variance of three components."""
        shares = [self.explained(found) for found in vectors]
        return min(shares, key=float), max(shares, key=float)

    def has_elbow(self, vectors: Sequence[Exploration]) -> list[bool]:
        """Of which vectors the variation within clusters falls along a bent line."""
        return [elbow(found.variation).name == "bent" for found in vectors]

    def dominance(self, vectors: Sequence[Exploration]) -> list[float]:
        """Of each vector, the share of its first component that is due to one clip."""
        return [embedding.dominance(self.results, found) for found in vectors]

    def nearest_neighbor_agreement(self, found: Exploration) -> Outcome:
        """Whether clips that lie near each other on three components share their genre.

        Outcomes: `more` or `fewer` nearest clips of the same genre than chance gives, `unclear`,
        or `flat` where all clips lie on one point. `value` is the share, `low` and `high` the
        range of chance.
        """
        points = embedding.cloud(self.results, found)
        if len(points) < 2 or not np.ptp(points, axis=0).any():
            return Outcome("flat", ())
        share, low, high = embedding.nearest_neighbor_agreement(points, self._genres(found))
        name = "more" if share > high else "fewer" if share < low else "unclear"
        return Outcome(name, (), value=share, low=low, high=high)

    def chance_agreement(self, found: Exploration) -> float:
        """The share of pairs of these clips of one genre, which is what chance gives."""
        genres = self._genres(found)
        totals = np.bincount(genres)
        return float((totals * (totals - 1)).sum() / (len(genres) * (len(genres) - 1)))

    def _genres(self, found: Exploration) -> list[int]:
        """The genres of the clips drawn, as whole numbers."""
        names = [genre.name for genre in self.results.data.genres]
        clips = self.results.data.clips
        return [names.index(clips[row].genre) for row in embedding.shown(self.results, found)]

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
        return embedding.stretched([embedding.cloud(self.results, found) for found in vectors])

    @property
    def chance(self) -> TracedFloat:
        """The share of genres to beat: the higher of a uniform guess and the commonest genre's."""
        levels = ("uniform", "majority")
        return most([self.results.number(f"tree.original.{level}") for level in levels])
