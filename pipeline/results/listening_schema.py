"""The schema of results.json, continued: answers of listeners to the blind tests."""

from typing import Literal

from pydantic import Field

from pipeline.results.base_record import Record

LeftOutReason = Literal[
    "other_type",
    "too_large",
    "unreadable",
    "nested",
    "invalid",
    "simulated",
    "other_study",
    "edited",
    "repeated",
]


class LeftOut(Record):
    """A file, or a code in a text file, that does not count; `detail` is English, for the
    terminal."""

    file: str
    reason: LeftOutReason
    detail: str


class AbxSize(Record):
    """ABX trials at one latent size.

    `trials` and `correct` are of tests with a fixed size, pooled over `listeners`;
    `adaptive_trials` and `adaptive_correct` of staircases, whose outcomes decide how many trials
    a size has, so that no binomial test holds for them. `told_apart` counts listeners whose own
    p-value is below 0.05; `power` is the probability that the trials pooled would tell a version
    apart that is recognised three times of four.
    """

    size: int
    trials: int
    correct: int
    listeners: int
    told_apart: int
    power: float
    adaptive_trials: int
    adaptive_correct: int


class Curve(Record):
    """A psychometric curve, fitted to `trials` trials: the share of correct answers is `guess` +
    (1 - `guess` - `lapse`) / (1 + exp((log2 size - `centre`) / `width`))."""

    centre: float
    width: float
    guess: float
    lapse: float
    trials: int


class AbxFamily(Record):
    """The ABX trials of a family by size, in ascending order; `curve` is None if they are too few,
    or of a single size."""

    family: str
    sizes: list[AbxSize]
    curve: Curve | None


class ListenerScore(Record):
    """The ABX trials of one listener ("" without a nickname) with one model, FAMILY.SIZE."""

    listener: str
    version: str
    trials: int
    correct: int
    p: float


class ScreenedListener(Record):
    """A listener whose MUSHRA scores do not count, by post-screening: the hidden `original` was
    rated below 90, or the mid `anchor` above 90, too often."""

    listener: str
    reason: Literal["original", "anchor"]


class Rating(Record):
    """A version in the MUSHRA test: `listeners` rated it and count."""

    version: str
    listeners: int


class Preference(Record):
    """How often `a` was preferred to `b`, and how often neither."""

    kind: Literal["generated", "coding"]
    a: str
    b: str
    won: int
    lost: int
    ties: int


class Listening(Record):
    """What listeners answered, in `tests` accepted tests of `listeners` people.

    Without nicknames, each test counts as another listener. Numbers under listening.… have the
    shares, means and intervals. `min_trials` and `min_listeners` are needed for a verdict on a size
    from ABX and from MUSHRA; `good` is the score of the latter.
    """

    tests: int
    listeners: int
    min_trials: int
    min_listeners: int
    good: int
    abx: list[AbxFamily] = Field(default_factory=list)
    scores: list[ListenerScore] = Field(default_factory=list)
    ratings: list[Rating] = Field(default_factory=list)
    screened: list[ScreenedListener] = Field(default_factory=list)
    preferences: list[Preference] = Field(default_factory=list)
    left_out: list[LeftOut] = Field(default_factory=list)

    def rated(self, version: str) -> bool:
        """Whether enough listeners rated a version."""
        listeners = {rating.version: rating.listeners for rating in self.ratings}
        return listeners.get(version, 0) >= self.min_listeners

    def size(self, family: str, size: int) -> AbxSize | None:
        """The ABX trials at a size, if there are enough of them with a fixed size."""
        for found in self.abx:
            for each in found.sizes:
                if (found.family, each.size) == (family, size) and each.trials >= self.min_trials:
                    return each
        return None
