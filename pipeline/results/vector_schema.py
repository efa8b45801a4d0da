"""The schema of results.json, continued: explored vectors and generated clips."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.results.base_record import Record

GeneratedKind = Literal["songs", "genre_songs", "genre", "path", "line", "uniform", "gaussian"]
"""Mean of test songs, mean of a few songs of a genre, mean of all songs of a genre, a point
between two songs, a point on a line from the mean of all vectors through a song's and beyond, and
two kinds of random vectors."""

GenerativeModel = Literal["vae", "process", "flow", "walk"]
"""Models of the training music: a variational autoencoder, a Gaussian process, flow matching that
starts from that process, and a walk through pieces of the training clips."""


class Exploration(Record):
    """Clusters, components and a tree of one kind of vector.

    `vector` is "original" (the waveform), "FAMILY.SIZE", either with ".averaged" (mean and
    deviation over time of each channel), or "log_mel" (the same of 80 log-mel bands).
    `variation` is the within-cluster sum of squares for k = 1, 2, …; `sizes` (largest first) and
    `clusters` (genres × clusters) are for k = number of genres; `answers` counts test clips by
    genre (rows) and the tree's answer. `array` is an .npz with `coordinates` (clips, 3),
    `labels` (clips,), `learned`, the rows that clusters and components were fitted to, and
    `neighbours` and `distances` (clips, up to 5): the nearest clips over the whole vector, and how
    far they are relative to the median of two clips; older versions stored neither of these two.
    `planar`, if there are planar maps, is an .npz with `pca` and `tsne`, each (learned, 2).
    """

    vector: str
    variation: Annotated[list[float], Field(min_length=1)]
    sizes: Annotated[list[int], Field(min_length=1)]
    clusters: list[list[int]]
    answers: list[list[int]]
    array: str
    planar: str | None = None

    @property
    def averaged(self) -> bool:
        """True for means and deviations over time."""
        return self.vector.endswith(".averaged")

    @property
    def flat(self) -> bool:
        """True for a whole waveform or latent vector."""
        return not self.averaged and self.vector != "log_mel"

    @property
    def of(self) -> str:
        """What the vector is made of: `original`, FAMILY.SIZE or `log_mel`."""
        return self.vector.removesuffix(".averaged")

    @property
    def family(self) -> str | None:
        """The family whose latent vector it is."""
        return self.of.rpartition(".")[0] or None

    @property
    def size(self) -> int | None:
        """The size of the latent vector it is made of."""
        return int(self.of.rpartition(".")[2]) if self.family else None

    @property
    def id(self) -> str:
        """The vector's name in files and references."""
        return self.vector.replace(".", "-")

    @property
    def singletons(self) -> int:
        """Clusters that hold a single clip."""
        return sum(size == 1 for size in self.sizes)

    @property
    def scattered(self) -> bool:
        """True if most clusters hold a single clip."""
        return 2 * self.singletons > len(self.sizes)

    @property
    def mixed(self) -> int:
        """How many genres the largest cluster holds."""
        return sum(row[0] > 0 for row in self.clusters)

    @property
    def pure(self) -> bool:
        """True if a cluster of more than one clip holds one genre alone."""
        columns = list(zip(*self.clusters, strict=True))
        return any(sum(column) > 1 and max(column) == sum(column) for column in columns)

    @property
    def correct(self) -> int:
        """How many test clips the tree gets right."""
        return sum(row[genre] for genre, row in enumerate(self.answers))

    def left(self, k: int) -> float:
        """Percentage of the variation that is left within k clusters."""
        return 100 * self.variation[k - 1] / self.variation[0] if self.variation[0] else 0.0


class WeightedSource(Record):
    """A clip and its weight in a mean of latent vectors. `label` is as that of a song."""

    name: str
    weight: float
    label: Annotated[str, Field(exclude=True)] = ""

    @property
    def title(self) -> str:
        """The label, or the clip's name without its folder."""
        return self.label or self.name.rpartition("/")[2]


class Generated(Record):
    """A decoded latent vector that belongs to no clip; `index` is its place on a path or line, or
    among the random draws.

    The source of a point on a line weighs as many times its deviation from the mean of all vectors
    as the point is away from that mean.
    """

    model: str
    kind: GeneratedKind
    index: int
    genre: str | None
    sources: list[WeightedSource]
    audio: str

    @property
    def number(self) -> str:
        """The prefix of its numbers' names."""
        which = self.index if self.genre is None else self.genre
        return f"generation.{self.model}.{self.kind}.{which}"


class NewMusic(Record):
    """A clip of a genre that a generative model drew with `seed`; `index` counts those of one
    genre and model."""

    model: GenerativeModel
    genre: str
    index: int
    seed: int
    audio: str

    @property
    def number(self) -> str:
        """The prefix of its numbers' names."""
        return f"generation.{self.model}.{self.genre}.{self.index}"
