"""Queries on the exploration of vectors: clusters, principal components and decision trees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from pipeline.results.vector_schema import Exploration
from report.queries import embedding
from report.queries.base import Queries, highest, lowest
from report.statistics import bootstrap
from report.statistics.inference import Outcome, against_clips, elbow, which


@dataclass(frozen=True)
class LatentVectors:
    """Latent vectors, whole and averaged over time, in the same order."""

    whole: list[Exploration]
    averaged: list[Exploration]


@dataclass(frozen=True)
class FeaturedVectors:
    """A featured model and its latent vector, whole and averaged over time."""

    model: Model
    whole: Exploration
    averaged: Exploration


@dataclass(frozen=True)
class VectorRow:
    """A row of the table of vectors: dotted names of numbers, None where there is none."""

    name: str
    family: str | None
    homogeneity: str | None
    averaged_homogeneity: str | None
    singletons: str
    variance: TracedFloat | None
    averaged_variance: TracedFloat | None
    tree: str
    lda: str


class ExplorationQueries(Queries):
    """Queries on the vectors that were explored."""

    def vectors(self, family: str, averaged: bool = False) -> list[Exploration]:
        """Return the waveform and a family's latent vectors, whole or averaged over time."""
        suffix = ".averaged" if averaged else ""
        names = ["original", *(model.version for model in self.results.families[family])]
        return [self.results.vector(name + suffix) for name in names]

    @property
    def latents(self) -> LatentVectors:
        """The latent vectors of all families."""
        return self._latents(self.results.models)

    def latent_vectors(self, family: str) -> LatentVectors:
        """Return the latent vectors of a family."""
        return self._latents(self.results.families[family])

    def _latents(self, models: Sequence[Model]) -> LatentVectors:
        return LatentVectors(
            [self.results.vector(model.version) for model in models],
            [self.results.vector(f"{model.version}.averaged") for model in models],
        )

    @property
    def collapsed(self) -> Outcome:
        """Test which models have the same latent vector for every clip: it has no variance."""
        models = self.results.models
        numbers = self.numbers("pca", self.latents.whole, "explained.1")
        return which(numbers, models, [number.value == 0 for number in numbers])

    def told_apart(self, models: Sequence[Model]) -> list[Model]:
        """Return the models that are not `collapsed`; all of them if every one is."""
        same = self.collapsed.holds
        return [model for model in models if model not in same] or list(models)

    def varied(self, models: Sequence[Model]) -> LatentVectors:
        """Return the latent vectors of the models that are `told_apart`."""
        return self._latents(self.told_apart(models))

    @property
    def featured_families(self) -> list[tuple[str, list[Model], FeaturedVectors]]:
        """Each family with its models and the vectors of the featured one."""
        found = []
        for family, members in self.results.families.items():
            model = self.featured_model(family)
            vectors = self._latents([model])
            shown = FeaturedVectors(model, vectors.whole[0], vectors.averaged[0])
            found.append((family, members, shown))
        return found

    @property
    def table_rows(self) -> list[VectorRow]:
        """The rows of the table of vectors: waveform, latent vectors and references."""
        rows = []
        for name in ("original", *(model.version for model in self.results.models)):
            whole, averaged = (self.results.vector(name + end) for end in ("", ".averaged"))
            rows.append(
                VectorRow(
                    name, whole.family, f"kmeans.{name}.homogeneity",
                    f"kmeans.{name}.averaged.homogeneity", str(whole.singletons),
                    self.explained_variance(whole), self.explained_variance(averaged),
                    f"probe.tree.{name}.averaged.accuracy", f"probe.lda.{name}.averaged.accuracy",
                )
            )  # fmt: skip
        reference = self.results.vector("log_mel")
        rows.append(
            VectorRow(
                "log_mel", None, None, "kmeans.log_mel.homogeneity", "—", None,
                self.explained_variance(reference), "probe.tree.log_mel.accuracy",
                "probe.lda.log_mel.accuracy",
            )
        )  # fmt: skip
        scores = ("probe.tree.mfcc.accuracy", "probe.lda.mfcc.accuracy")
        rows.append(VectorRow("mfcc", None, None, None, "—", None, None, *scores))
        return rows

    def tree_numbers(self, members: Sequence[Model]) -> list[Number]:
        """Return, per model, the accuracy of a tree of its whole vector on the test clips."""
        return [self.results.number(f"tree.{model.version}.accuracy") for model in members]

    @property
    def tree_testable(self) -> bool:
        """Whether there are several test clips, and a tree that is right on all would be above
        chance: in Wilson's interval, with all of n clips right, the low end is n / (n + 1.96²)."""
        clips = self.tree_waveform.clips or 0
        return clips > 1 and clips / (clips + 1.96**2) > self.chance_accuracy

    @property
    def tree_waveform(self) -> Number:
        """The accuracy of a tree of the waveform on the test clips."""
        return self.results.number("tree.original.accuracy")

    def numbers(self, analysis: str, vectors: Sequence[Exploration], measure: str) -> list[Number]:
        """Return, per vector, a measure of an analysis (kmeans, pca, tree)."""
        return [self.results.number(f"{analysis}.{each.vector}.{measure}") for each in vectors]

    def number_range(
        self, analysis: str, vectors: Sequence[Exploration], measure: str
    ) -> tuple[TracedFloat, TracedFloat]:
        """Return the lowest and highest value of a measure over these vectors."""
        numbers = self.numbers(analysis, vectors, measure)
        return lowest(numbers), highest(numbers)

    @property
    def scattered_vectors(self) -> Outcome:
        """Test in which whole vectors more than half of the clusters hold a single clip."""
        vectors = self.whole_vectors
        numbers = self.numbers("kmeans", vectors, "largest")
        return which(numbers, vectors, [vector.scattered for vector in vectors])

    @property
    def averaging(self) -> Outcome:
        """Test for which latent vectors averaging over time makes clusters more homogeneous."""
        whole, averaged = (
            self.numbers("kmeans", vectors, "homogeneity")
            for vectors in (self.latents.whole, self.latents.averaged)
        )
        more = [after.value > before.value for before, after in zip(whole, averaged, strict=True)]
        return which(averaged, self.latents.averaged, more)

    def explained_variance(self, vector: Exploration) -> TracedFloat:
        """Return the fraction of variance explained by three components together."""
        names = [f"pca.{vector.vector}.explained.{component}" for component in (1, 2, 3)]
        return TracedFloat(sum(self.results.number(name).value for name in names), names)

    def explained_variance_range(
        self, vectors: Sequence[Exploration]
    ) -> tuple[TracedFloat, TracedFloat]:
        """Return the lowest and highest `explained_variance` of these vectors."""
        fractions = [self.explained_variance(vector) for vector in vectors]
        return min(fractions, key=float), max(fractions, key=float)

    def bent(self, vectors: Sequence[Exploration]) -> list[Exploration]:
        """Return the vectors whose variation within k clusters has an elbow."""
        return [vector for vector in vectors if elbow(vector.variation).name == "bent"]

    @property
    def elbows(self) -> Outcome:
        """Count the elbows of whole vectors, in `holds`, and of averaged ones, in `fails`.

        Outcomes: `some`; `averaged_only`; `none`.
        """
        whole, averaged = map(self.bent, (self.whole_vectors, self.averaged_vectors))
        name = "some" if whole else "averaged_only" if averaged else "none"
        return Outcome(name, (), holds=tuple(whole), fails=tuple(averaged))

    @property
    def dominated_vectors(self) -> Outcome:
        """Test in which whole latent vectors most of the first component's variance is due to one
        clip."""
        vectors = self.latents.whole
        shares = [embedding.top_clip_fraction(self.results, vector) for vector in vectors]
        numbers = self.numbers("pca", vectors, "explained.1")
        return which(numbers, vectors, [share > 0.5 for share in shares])

    def nearest_neighbor_agreement(self, vector: Exploration) -> Outcome:
        """Test whether clips that are nearest neighbors on three components share their genre.

        Outcomes: `more` or `fewer` than chance gives, `unclear`, `flat` if all clips are on one
        point, or `unknown` if all are of one genre. `value` is the fraction that share it, `low`
        and `high` the range of chance.
        """
        if len(self.results.data.genres) == 1:
            return Outcome("unknown", ())
        points = embedding.cloud(self.results, vector)
        if len(points) < 2 or not np.ptp(points, axis=0).any():
            return Outcome("flat", ())
        fraction, low, high = embedding.nearest_neighbor_agreement(points, self._genres(vector))
        name = "more" if fraction > high else "fewer" if fraction < low else "unclear"
        return Outcome(name, (), value=fraction, low=low, high=high)

    def chance_agreement(self, vector: Exploration) -> float:
        """Return the fraction of pairs of plotted clips that share their genre."""
        genres = self._genres(vector)
        totals = np.bincount(genres)
        return float((totals * (totals - 1)).sum() / (len(genres) * (len(genres) - 1)))

    @property
    def plotted_clips(self) -> int:
        """How many clips figures of vectors show: those that clusters were fitted to."""
        return min(len(self.results.data.clips), self.results.methods.explored_clips)

    def _genres(self, vector: Exploration) -> list[int]:
        """Genre of each plotted clip, as an index."""
        names = [genre.name for genre in self.results.data.genres]
        clips = self.results.data.clips
        return [
            names.index(clips[row].genre) for row in embedding.plotted_rows(self.results, vector)
        ]

    def test_ranges(
        self, members: Sequence[Model], measure: str
    ) -> list[tuple[float, float, float]]:
        """Return, per model, where the central 95 % of the test clips' values begin, their median,
        and where they end; empty if there are fewer than two clips."""
        numbers = [
            self.results.number(f"reconstruction.{model.version}.{measure}") for model in members
        ]
        found = [bootstrap.paired_values([number]) for number in numbers]
        return [
            (float(low), float(middle), float(high))
            for values in found
            if values is not None
            for low, middle, high in [np.quantile(values, [0.025, 0.5, 0.975])]
        ]

    def songs_and_median(self, members: Sequence[Model]) -> Outcome:
        """Compare the SNR of every new song, at every size, with the median of the test clips'.

        Outcomes: `lower` or `higher` if all are, else `mixed`; `unknown` with fewer than two
        clips. `low` and `high` are the ends of the differences.
        """
        ranges = self.test_ranges(members, "snr")
        rows = [self.new_song_numbers(model, "snr") for model in members]
        if not ranges:
            return Outcome("unknown", ())
        differences = [
            number.value - median
            for numbers, (_, median, _) in zip(rows, ranges, strict=True)
            for number in numbers
        ]
        low, high = min(differences), max(differences)
        name = "lower" if high < 0 else "higher" if low > 0 else "mixed"
        numbers = tuple(number for row in rows for number in row)
        return Outcome(name, numbers, low=low, high=high, unit="dB")

    def songs_and_clips(self, model: Model) -> Outcome:
        """Compare the SNR of each new song with those of the test clips; see `against_clips`.

        Its `mixed` is one of: `some_lower` or `some_higher` than all clips but few; `some_of_each`.
        """
        found = against_clips(
            self.new_song_numbers(model, "snr"),
            [song.title for song in self.new_songs],
            self.results.number(f"reconstruction.{model.version}.snr"),
            1,
        )
        if found.name != "mixed":
            return found
        name = "some_of_each" if found.holds and found.fails else "some_lower"
        return replace(found, name=name if found.fails else "some_higher")

    @property
    def whole_vectors(self) -> list[Exploration]:
        """The waveform and every whole latent vector; their figures share axes."""
        return [vector for vector in self.results.exploration if vector.flat]

    @property
    def averaged_vectors(self) -> list[Exploration]:
        """The waveform and every latent vector, averaged over time."""
        return [vector for vector in self.results.exploration if vector.averaged]

    @property
    def has_stretched_panels(self) -> bool:
        """Whether any panel of the grid of components has stretched axes."""
        versions = [self.featured_model(family).version for family in self.results.families]
        vectors = [name + end for name in versions for end in ("", ".averaged")]
        return any(self.has_stretched_axes([self.results.vector(name)]) for name in vectors)

    @property
    def has_maps(self) -> bool:
        """Whether the grid of components has panels of t-SNE."""
        return any(vector.planar is not None for vector in self.featured_averages)

    @property
    def featured_averages(self) -> list[Exploration]:
        """The averaged vectors that have a figure: the featured model's of each family."""
        versions = (self.featured_model(family).version for family in self.results.families)
        return [self.results.vector(f"{version}.averaged") for version in versions]

    def has_stretched_axes(self, vectors: Sequence[Exploration]) -> bool:
        """Return whether the axes of these vectors' figures are stretched around 0."""
        return embedding.needs_stretched_axes(
            [embedding.cloud(self.results, vector) for vector in vectors]
        )

    @property
    def chance_accuracy(self) -> TracedFloat:
        """The accuracy to beat: of a uniform guess or of the most common genre, the higher."""
        levels = ("uniform", "majority")
        return highest([self.results.number(f"tree.original.{level}") for level in levels])
