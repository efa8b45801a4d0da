"""Statistical tests behind claims; each returns an `Outcome` with one name per possible case."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from report.statistics import bootstrap

SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True)
class Outcome:
    """Result of a test, and the numbers that it was computed from.

    Attributes:
        name: which case of the test holds; templates have a wording for each.
        numbers: the numbers tested.
        tau, p: Kendall's tau and its p-value, for a trend.
        holds, fails: labels for which a condition is true and false.
        undecided: labels that cannot be told apart.
        value: any other quantity measured, in `unit`.
        low, high: 95 % interval of `value` or `tau`; NaN if there is none.
    """

    name: str
    numbers: tuple[Number, ...]
    tau: float = math.nan
    p: float = math.nan
    holds: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()
    undecided: tuple[Any, ...] = ()
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    unit: str = ""

    @property
    def v(self) -> TracedFloat:
        """`value`, traced to `numbers`."""
        return self.traced(self.value)

    def traced(self, value: float) -> TracedFloat:
        """Return a value derived from this outcome, traced to `numbers`."""
        return TracedFloat(value, (number.name for number in self.numbers))

    @property
    def has_interval(self) -> bool:
        """True if `low` and `high` are set."""
        return not math.isnan(self.low)


def trend(numbers: Sequence[Number], over: Sequence[float]) -> Outcome:
    """Test whether numbers rise or fall with `over`: Kendall's tau, exact, two-sided, at 5 %.

    If the numbers are means over the same clips, the 95 % bootstrap interval of tau over clips
    (`low`, `high`) must exclude 0 too, and means over a single clip show no trend.

    Outcomes: `rises`, `falls`, `unclear`, and `few` if there are too few numbers (four or fewer)
    for even a perfect order to be significant.
    Source: M. G. Kendall, "A new measure of rank correlation", Biometrika 30, 1938.
    """
    tau, p = kendall([number.value for number in numbers], over)
    low = high = math.nan
    values = bootstrap.paired_values(numbers) if len(numbers) > 1 else None
    if values is not None:
        low, high = bootstrap.percentile_interval(_taus(bootstrap.resampled_means(values), over))
    if _tail_probability(len(numbers), math.comb(len(numbers), 2)) > SIGNIFICANCE_LEVEL:
        name = "few"
    elif p > SIGNIFICANCE_LEVEL or low <= 0 <= high or numbers[0].clips == 1:
        name = "unclear"
    else:
        name = "rises" if tau > 0 else "falls"
    return Outcome(name, tuple(numbers), tau=tau, p=p, low=low, high=high)


def difference(first: Number, second: Number) -> Outcome:
    """Test whether `first` is above `second`: paired bootstrap of the mean per-clip difference.

    Outcomes: `higher` or `lower` if the 95 % interval excludes 0, else `unclear`; `unknown` if
    they share fewer than two clips. `value` is the mean difference over shared clips.
    """
    numbers = (first, second)
    values = bootstrap.paired_values(numbers)
    if values is None:
        return Outcome("unknown", numbers, value=first.value - second.value, unit=first.unit)
    differences = values[:1] - values[1:]
    low, high = bootstrap.percentile_interval(bootstrap.resampled_means(differences))
    name = "higher" if low > 0 else "lower" if high < 0 else "unclear"
    return Outcome(
        name, numbers, value=float(differences.mean()), low=low, high=high, unit=first.unit
    )


def above(numbers: Sequence[Number], labels: Sequence[Any], limit: float) -> Outcome:
    """Test which numbers are above `limit`, by the lower end of their interval if they have one.

    A mean over a single clip is not: it says nothing of other clips. Outcomes: `all`, `some`,
    `none`; `holds` and `fails` have the labels.
    """
    lows = [n.value if n.interval is None else n.interval[0] for n in numbers]
    flags = [n.clips != 1 and low > limit for n, low in zip(numbers, lows, strict=True)]
    return which(numbers, labels, flags)


def which(numbers: Sequence[Number], labels: Sequence[Any], flags: Sequence[bool]) -> Outcome:
    """Sort labels by a condition: `flags`, one per label, computed from `numbers`.

    Outcomes: `all`, `some`, `none`; `holds` and `fails` have the labels.
    """
    holds = tuple(label for label, flag in zip(labels, flags, strict=True) if flag)
    fails = tuple(label for label, flag in zip(labels, flags, strict=True) if not flag)
    name = "some" if holds and fails else "all" if holds else "none"
    return Outcome(name, tuple(numbers), holds=holds, fails=fails)


def against_interval(
    numbers: Sequence[Number], labels: Sequence[Any], mean: Number, places: int
) -> Outcome:
    """Compare numbers with the 95 % interval of `mean`, all rounded to `places` decimals.

    Outcomes: `higher`, `lower` or `unclear` (inside) if all numbers agree, else `mixed`;
    `unknown` if the mean has no interval. `holds` has the labels above the interval, `fails`
    those below, `undecided` those inside.
    """
    if mean.interval is None:
        return Outcome("unknown", (mean,), value=mean.value, unit=mean.unit)
    low, high = (round(end, places) for end in mean.interval)
    rounded = [round(number.value, places) for number in numbers]
    pairs = list(zip(labels, rounded, strict=True))
    above = tuple(label for label, value in pairs if value > high)
    below = tuple(label for label, value in pairs if value < low)
    inside = tuple(label for label, value in pairs if low <= value <= high)
    groups = {"higher": above, "lower": below, "unclear": inside}
    present = [name for name, group in groups.items() if group]
    return Outcome(
        present[0] if len(present) == 1 else "mixed", (mean,), holds=above, fails=below,
        undecided=inside, value=mean.value, low=low, high=high, unit=mean.unit,
    )  # fmt: skip


def compare(firsts: Sequence[Number], seconds: Sequence[Number], labels: Sequence[Any]) -> Outcome:
    """Test pair by pair whether `firsts` are above `seconds`; see `difference`.

    Outcomes: `higher`, `lower` or `unclear` if all pairs agree, else `mixed`; `unknown` if a pair
    is. `holds` has the labels of the higher, `fails` of the lower, `undecided` of the unclear;
    `low` and `high` are the smallest and largest mean difference.
    """
    pairs = list(zip(firsts, seconds, strict=True))
    outcomes = [difference(first, second) for first, second in pairs]
    names = {each.name for each in outcomes}
    name = "unknown" if "unknown" in names else outcomes[0].name if len(names) == 1 else "mixed"
    groups = {
        group: tuple(label for label, o in zip(labels, outcomes, strict=True) if o.name == group)
        for group in ("higher", "lower", "unclear")
    }
    differences = [each.value for each in outcomes]
    return Outcome(
        name, tuple(number for pair in pairs for number in pair), holds=groups["higher"],
        fails=groups["lower"], undecided=groups["unclear"], low=min(differences),
        high=max(differences), unit=firsts[0].unit,
    )  # fmt: skip


MIN_ELBOW_DEPTH = 0.1
"""Distance below the straight line past which a curve has an elbow (0 to 1)."""


def elbow(variation: Sequence[float]) -> Outcome:
    """Test whether the variation within k clusters, k = 1, 2, …, has an elbow.

    The curve is scaled to the unit square and compared with its diagonal (Satopää et al.,
    "Finding a 'kneedle' in a haystack", 2011). Outcomes: `bent` if it goes more than
    `MIN_ELBOW_DEPTH` below the diagonal, `straight` if not, `flat` if the variation does not fall
    or there are fewer than three values. `holds` has the k of the farthest point, `value` is its
    distance.
    """
    steps, fall = len(variation) - 1, variation[0] - variation[-1]
    if steps < 2 or fall <= 0:
        return Outcome("flat", (), holds=(1,), value=0.0)
    below = [(variation[0] - value) / fall - index / steps for index, value in enumerate(variation)]
    farthest = max(range(len(below)), key=below.__getitem__)
    name = "bent" if below[farthest] > MIN_ELBOW_DEPTH else "straight"
    return Outcome(name, (), holds=(farthest + 1,), value=below[farthest])


def kendall(values: Sequence[float], over: Sequence[float]) -> tuple[float, float]:
    """Return Kendall's tau-a of two sequences and its exact two-sided p-value.

    Ties count as neither concordant nor discordant. The p-value is that of untied values, which
    is never too small for tied ones.
    """
    # Not scipy.stats.kendalltau: importing scipy.stats takes about 0.9 s of each render.
    n = len(values)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    score = sum(_sign((values[i] - values[j]) * (over[i] - over[j])) for i, j in pairs)
    return (score / len(pairs) if pairs else 0.0), _tail_probability(n, abs(score))


def _taus(means: bootstrap.Means, over: Sequence[float]) -> bootstrap.Means:
    """Kendall's tau-a of each column of `means`, shape (numbers, resamples)."""
    first, second = np.triu_indices(len(means), 1)
    order = np.sign(np.array(over, dtype=np.float64)[first] - np.array(over)[second])
    taus: bootstrap.Means = (np.sign(means[first] - means[second]) * order[:, None]).mean(axis=0)
    return taus


def _tail_probability(n: int, score: int) -> float:
    """Probability that a random order of n has |concordant − discordant| of at least `score`."""
    orders = [1]  # orders[k]: permutations with k inversions, built one element at a time
    for size in range(2, n + 1):
        longer = [0] * (len(orders) + size - 1)
        for inversions, count in enumerate(orders):
            for added in range(size):
                longer[inversions + added] += count
        orders = longer
    pairs = math.comb(n, 2)
    extreme = sum(count for k, count in enumerate(orders) if abs(pairs - 2 * k) >= score)
    return extreme / math.factorial(n)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
