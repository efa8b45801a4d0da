"""Queries on classifiers of genre and on planar maps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from pipeline.results.vector_schema import Exploration
from report.queries.base import Queries, highest, lowest
from report.statistics.inference import Outcome, above, which

KINDS = ("tree", "knn", "lda", "logistic")
REFERENCES = ("log_mel", "mfcc")

PlanarPoints = tuple[NDArray[np.float64], NDArray[np.float64], list[int]]
"""Two maps, each of shape (clips, 2), and the genre of each clip."""


class ProbeQueries(Queries):
    """Queries on the classifiers of averaged vectors and references."""

    @property
    def vectors(self) -> list[str]:
        """The names of the vectors: the waveform's, the models', and the references."""
        models = [f"{model.version}.averaged" for model in self.results.models]
        return ["original.averaged", *models, *REFERENCES]

    def single_split(self, vector: str) -> str | None:
        """Return the dotted name of a tree's accuracy on the study's test clips, if there is."""
        name = f"tree.{vector}.accuracy"
        return name if name in self.results.numbers else None

    def names(self, vector: str) -> list[str]:
        """Return, per classifier, the dotted name of its accuracy with a vector."""
        return [f"probe.{kind}.{vector}.accuracy" for kind in KINDS]

    def numbers(self, kind: str, models: Sequence[Model]) -> list[Number]:
        """Return, per model, the accuracy of a classifier of its averaged vector."""
        return [
            self.results.number(f"probe.{kind}.{model.version}.averaged.accuracy")
            for model in models
        ]

    def range(self, kind: str, models: Sequence[Model]) -> tuple[TracedFloat, TracedFloat]:
        """Return the lowest and highest of `numbers`."""
        numbers = self.numbers(kind, models)
        return lowest(numbers), highest(numbers)

    def above_chance(self, *kinds: str) -> Outcome:
        """Return for which models these classifiers are above chance, as `inference.above`."""
        models = self.results.models
        numbers = [number for kind in kinds for number in self.numbers(kind, models)]
        return above(numbers, models * len(kinds), self.chance)

    @property
    def chance(self) -> float:
        """The accuracy over all clips of a uniform guess or of the commonest genre, the higher."""
        totals = [genre.total for genre in self.results.data.genres]
        return max(1 / len(totals), max(totals) / sum(totals))

    @property
    def tree_against_lda(self) -> Outcome:
        """Test for which vectors LDA is clearly better than the tree: their intervals are apart.

        Of the vectors of models and the references; `holds` and `fails` have their names, `value`
        is for how many the mean is greater.
        """
        names = self.vectors[1:]
        pairs = [
            [self.results.number(f"probe.{kind}.{name}.accuracy") for kind in ("tree", "lda")]
            for name in names
        ]
        flags = [_high(tree) < _low(lda) for tree, lda in pairs]
        found = which([number for pair in pairs for number in pair], names, flags)
        return replace(found, value=sum(tree.value < lda.value for tree, lda in pairs))

    def against_reference(self, models: Sequence[Model]) -> Outcome:
        """Compare the best averaged vector of some models with the best reference, by LDA.

        Outcomes: `better` or `worse` if their intervals are apart, else `unclear`. `holds` has the
        model's size, `numbers` both accuracies.
        """
        numbers = self.numbers("lda", models)
        best = max(range(len(models)), key=lambda index: numbers[index].value)
        own = numbers[best]
        other = self.best_reference
        name = "better" if _low(own) > _high(other) else "unclear"
        name = "worse" if _high(own) < _low(other) else name
        return Outcome(name, (own, other), holds=(models[best].size,))

    @property
    def best_reference(self) -> Number:
        """The accuracy of LDA with the better of the references."""
        references = [self.results.number(f"probe.lda.{name}.accuracy") for name in REFERENCES]
        return max(references, key=lambda number: number.value)

    @property
    def filtered_vectors(self) -> list[str]:
        """The vectors shown with GTZAN's filtered partition; none for other music."""
        if f"probe.lda.{REFERENCES[0]}.filtered" not in self.results.numbers:
            return []
        models = map(self.featured_model, self.results.families)
        return [*(f"{model.version}.averaged" for model in models), *REFERENCES]

    def filtered_drops(self) -> Outcome:
        """Test which classifiers of `filtered_vectors` are less accurate where artists differ.

        `untested` if there are none. `value` is the mean loss of accuracy.
        """
        if not self.filtered_vectors:
            return Outcome("untested", ())
        labels = [(kind, vector) for vector in self.filtered_vectors for kind in KINDS]
        pairs = [
            [
                self.results.number(f"probe.{kind}.{vector}.{part}")
                for part in ("shuffled", "filtered")
            ]
            for kind, vector in labels
        ]
        losses = [random.value - filtered.value for random, filtered in pairs]
        numbers = [number for pair in pairs for number in pair]
        found = which(numbers, labels, [loss > 0 for loss in losses])
        return Outcome(
            found.name,
            found.numbers,
            holds=found.holds,
            fails=found.fails,
            value=sum(losses) / len(losses),
        )

    @property
    def mapped(self) -> list[str]:
        """The vectors that have planar maps."""
        return [v for v in self.vectors if f"map.tsne.{v}.knn" in self.results.numbers]

    def planar_points(self, vector: Exploration) -> PlanarPoints:
        """Return the maps of a vector and the genres of their clips."""
        with np.load(self.results.folder / str(vector.planar)) as arrays:
            pca, tsne = arrays["pca"], arrays["tsne"]
        with np.load(self.results.folder / vector.array) as arrays:
            rows = arrays["learned"]
        names = [genre.name for genre in self.results.data.genres]
        clips = self.results.data.clips
        return pca, tsne, [names.index(clips[row].genre) for row in rows]


def _low(number: Number) -> float:
    return number.interval[0] if number.interval else number.value


def _high(number: Number) -> float:
    return number.interval[1] if number.interval else number.value
