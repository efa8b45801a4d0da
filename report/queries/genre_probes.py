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

FEW_FILTERED = 30
"""Test clips of GTZAN's filtered partition below which its accuracies are not told in prose."""

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
    def tree_and_lda_above_chance(self) -> Outcome:
        """Test for how many models the tree, in `holds`, and LDA, in `fails`, are above chance.

        Outcomes: `all` or `none` of both; `lda_only`; else `some`.
        """
        tree, lda = (self.above_chance(kind) for kind in ("tree", "lda"))
        name = tree.name if tree.name == lda.name else "some" if tree.holds else "lda_only"
        return Outcome(name, (*tree.numbers, *lda.numbers), holds=tree.holds, fails=lda.holds)

    @property
    def chance(self) -> float:
        """The accuracy over all clips of a uniform guess or of the commonest genre, the higher."""
        totals = [genre.total for genre in self.results.data.genres]
        return max(1 / len(totals), max(totals) / sum(totals))

    @property
    def chance_differs(self) -> bool:
        """Whether the commonest answer is right more often on the test clips than on all of them,
        or less, in whole percent."""
        levels = (f"tree.original.{level}" for level in ("uniform", "majority"))
        tested = max(self.results.number(name).value for name in levels)
        return round(100 * tested) != round(100 * self.chance)

    @property
    def tree_against_lda(self) -> Outcome:
        """Test for which vectors LDA is clearly better than the tree: their intervals are apart.

        `holds` and `fails` have their names, `value`
        is for how many the mean is greater.
        """
        names = self.vectors
        pairs = [
            [self.results.number(f"probe.{kind}.{name}.accuracy") for kind in ("tree", "lda")]
            for name in names
        ]
        flags = [_high(tree) < _low(lda) for tree, lda in pairs]
        found = which([number for pair in pairs for number in pair], names, flags)
        return replace(found, value=sum(tree.value < lda.value for tree, lda in pairs))

    def against_reference(self, models: Sequence[Model]) -> Outcome:
        """Compare the averaged vectors of some models with the best reference, by LDA.

        Outcomes: `better` or `worse` if the intervals of all are apart from the reference's,
        `unclear` if none is; `some_better`, `some_worse` and not better, or `both`. `holds` has
        the sizes of the better, `fails` of the worse, `undecided` of the others.
        """
        numbers, other = self.numbers("lda", models), self.best_reference
        groups: dict[str, list[int]] = {"better": [], "worse": [], "unclear": []}
        for model, own in zip(models, numbers, strict=True):
            worse = "worse" if _high(own) < _low(other) else "unclear"
            groups["better" if _low(own) > _high(other) else worse].append(model.size)
        present = [name for name, sizes in groups.items() if sizes]
        name = present[0] if len(present) == 1 else f"some_{present[0]}"
        return Outcome(
            "both" if present[:2] == ["better", "worse"] else name, (*numbers, other),
            holds=tuple(groups["better"]), fails=tuple(groups["worse"]),
            undecided=tuple(groups["unclear"]),
        )  # fmt: skip

    @property
    def best_reference(self) -> Number:
        """The accuracy of LDA with the better of the references."""
        return self.results.number(f"probe.lda.{self._best_reference_name}.accuracy")

    @property
    def _best_reference_name(self) -> str:
        return max(
            REFERENCES, key=lambda name: self.results.number(f"probe.lda.{name}.accuracy").value
        )

    @property
    def filtered_vectors(self) -> list[str]:
        """The vectors shown with GTZAN's filtered partition; none for other music."""
        if f"probe.lda.{REFERENCES[0]}.filtered" not in self.results.numbers:
            return []
        models = map(self.featured_model, self.results.families)
        return [*(f"{model.version}.averaged" for model in models), *REFERENCES]

    def filtered_accuracies(self) -> Outcome:
        """Return the accuracy of LDA where artists differ, and in random partitions as large.

        `untested` where too few clips are filtered, else `tested`. `holds` has the
        featured model that LDA reads best, and the name of the best reference; `numbers` has, for
        each, the random accuracy and the filtered one.
        """
        if not self.filtered_vectors:
            return Outcome("untested", ())
        accuracies = self.numbers("lda", self.featured_models)
        best = self.featured_models[max(range(len(accuracies)), key=lambda i: accuracies[i].value)]
        reference = self._best_reference_name
        numbers = tuple(
            self.results.number(f"probe.lda.{name}.{part}")
            for name in (f"{best.version}.averaged", reference)
            for part in ("shuffled", "filtered")
        )
        enough = (numbers[1].clips or 0) >= FEW_FILTERED
        return Outcome("tested" if enough else "untested", numbers, holds=(best, reference))

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
