"""The parts of results.json on search, exploration, choice, new songs and generated sound."""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["songs", "genre_songs", "genre", "path", "uniform", "gaussian"]


class Record(BaseModel):
    """A piece of results.json; keys that a newer pipeline adds are passed over."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class SongSource(Record):
    """Where a new song comes from; the excerpt starts at `start` seconds."""

    sampling_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool


class Trial(Record):
    """One learning rate and its validation loss after each epoch; null where not finite."""

    learning_rate: float
    validation_rmse: list[float | None]
    pruned: bool

    @property
    def best(self) -> float | None:
        """The lowest loss that the rate reached; None where training diverged at once."""
        return min((loss for loss in self.validation_rmse if loss is not None), default=None)


class Tuning(Record):
    """The learning-rate search; `used` tells whether the models train with the rate it found."""

    size: int
    epochs: int
    used: bool
    trials: Annotated[list[Trial], Field(min_length=1)]

    def nearest(self, rate: float) -> Trial:
        """The whole trial whose rate is nearest, in proportion."""
        return min(self.whole, key=lambda trial: abs(math.log(trial.learning_rate / rate)))

    @property
    def pruned(self) -> list[Trial]:
        """The trials that were broken off."""
        return [trial for trial in self.trials if trial.pruned]

    @property
    def whole(self) -> list[Trial]:
        """The trials that ran to their last epoch."""
        return [trial for trial in self.trials if not trial.pruned]


class Exploration(Record):
    """What clusters, components and a tree say of one kind of vector."""

    vector: str
    variation: Annotated[list[float], Field(min_length=1)]
    sizes: Annotated[list[int], Field(min_length=1)]
    clusters: list[list[int]]
    answers: list[list[int]]
    array: str

    @property
    def averaged(self) -> bool:
        """Whether it is the mean and deviation over time."""
        return self.vector.endswith(".averaged")

    @property
    def flat(self) -> bool:
        """Whether it is a whole waveform or latent vector."""
        return not self.averaged and self.vector != "log_mel"

    @property
    def of(self) -> str:
        """What the vector is made of: `original`, FAMILY.SIZE or `log_mel`."""
        return self.vector.removesuffix(".averaged")

    @property
    def singletons(self) -> int:
        """How many clusters hold a single clip."""
        return sum(size == 1 for size in self.sizes)

    @property
    def correct(self) -> int:
        """How many test clips the tree gets right."""
        return sum(row[genre] for genre, row in enumerate(self.answers))

    @property
    def scattered(self) -> bool:
        """Whether most clusters hold a single clip."""
        return 2 * self.singletons > len(self.sizes)

    @property
    def mixed(self) -> int:
        """How many genres the largest cluster holds."""
        return sum(row[0] > 0 for row in self.clusters)

    @property
    def pure(self) -> bool:
        """Whether a cluster of more than one clip is of one genre alone."""
        columns = list(zip(*self.clusters, strict=True))
        return any(sum(column) > 1 and max(column) == sum(column) for column in columns)

    @property
    def top_two_share(self) -> float:
        """The share of clips in the two largest clusters."""
        return sum(self.sizes[:2]) / sum(self.sizes)

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
        """The vector's name as files and references have it."""
        return self.vector.replace(".", "-")

    def left(self, k: int) -> float:
        """Percentage of the variation that is left within k clusters."""
        return 100 * self.variation[k - 1] / self.variation[0] if self.variation[0] else 0.0


class WeightedSource(Record):
    """A clip and its share in a mean of latent vectors."""

    name: str
    weight: float

    @property
    def title(self) -> str:
        """The name that a reader sees, without its folder."""
        return self.name.rpartition("/")[2]


class Generated(Record):
    """A decoded latent vector that no clip has."""

    model: str
    kind: Kind
    index: int
    genre: str | None
    sources: list[WeightedSource]
    audio: str

    @property
    def number(self) -> str:
        """The beginning of its numbers' dotted names."""
        which = self.index if self.genre is None else self.genre
        return f"generation.{self.model}.{self.kind}.{which}"


class FamilyChoice(Record):
    """The smallest acceptable size of a family; `reason` is the reader's, who overruled."""

    family: str
    size: int | None
    by_rule: int | None
    reason: str | None


class Choice(Record):
    """The bounds of the rule (SNR in dB at least, log-mel distance at most) and what came out."""

    snr: float
    log_mel: float
    families: list[FamilyChoice]
