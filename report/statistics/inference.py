"""How a claim comes out: stated tests of numbers, each with an outcome for every case."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from report.prose import bootstrap
from report.prose.traced_float import TracedFloat
from report.results import Number

LEVEL = 0.05
"""Probability under which chance is ruled out."""


@dataclass(frozen=True)
class Outcome:
    """What became of a claim, and the numbers it rests on.

    `tau` and `p` are those of a trend; `holds` and `fails` are the labels of the numbers for
    which a condition holds and does not, `even` of those that cannot be told apart; `value` is
    what else was measured, in `unit`; `low` and `high` are the ends of the 95 % interval of
    `value` or `tau`, where clips allow one.
    """

    name: str
    numbers: tuple[Number, ...]
    tau: float = math.nan
    p: float = math.nan
    holds: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()
    even: tuple[Any, ...] = ()
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    unit: str = ""

    @property
    def v(self) -> TracedFloat:
        """The value, which remembers the numbers behind it."""
        return self.traced(self.value)

    def traced(self, value: float) -> TracedFloat:
        """A value that this outcome rests on, with the numbers behind it."""
        return TracedFloat(value, (number.name for number in self.numbers))

    @property
    def bounded(self) -> bool:
        """Whether there is an interval."""
        return not math.isnan(self.low)


def trend(numbers: Sequence[Number], over: Sequence[float]) -> Outcome:
    """Whether numbers rise or fall with `over`: Kendall's tau, exact two-sided test at 5 %.

    Where the numbers are means over the same clips, `low` and `high` are the ends of tau's 95 %
    bootstrap interval over clips, and it must keep off 0 too.

    Outcomes: `rises`, `falls`, `unclear`, and `few` when even a perfect order of so few numbers
    (four or fewer) could be chance.
    Source: M. G. Kendall, "A new measure of rank correlation", Biometrika 30, 1938.
    """
    tau, p = kendall([number.value for number in numbers], over)
    low = high = math.nan
    values = bootstrap.paired(numbers) if len(numbers) > 1 else None
    if values is not None:
        low, high = bootstrap.interval(_taus(bootstrap.resampled(values), over))
    if _probability(len(numbers), math.comb(len(numbers), 2)) > LEVEL:
        name = "few"
    elif p > LEVEL or low <= 0 <= high:
        name = "unclear"
    else:
        name = "rises" if tau > 0 else "falls"
    return Outcome(name, tuple(numbers), tau=tau, p=p, low=low, high=high)


def difference(first: Number, second: Number) -> Outcome:
    """Whether `first` is above `second` on the same clips: paired bootstrap of the mean difference.

    Outcomes: `higher` or `lower` where the 95 % interval keeps off 0, else `unclear`; `unknown`
    where the two share no clips, or one alone. `value` is the mean difference over shared clips.
    """
    numbers = (first, second)
    values = bootstrap.paired(numbers)
    if values is None:
        return Outcome("unknown", numbers, value=first.value - second.value, unit=first.unit)
    gaps = values[:1] - values[1:]
    low, high = bootstrap.interval(bootstrap.resampled(gaps))
    name = "higher" if low > 0 else "lower" if high < 0 else "unclear"
    return Outcome(name, numbers, value=float(gaps.mean()), low=low, high=high, unit=first.unit)


def above(numbers: Sequence[Number], labels: Sequence[Any], limit: float) -> Outcome:
    """Which numbers are above `limit`, by the low end of their interval where there is one.

    Outcomes: `all`, `some`, `none`; `holds` and `fails` carry the labels.
    """
    lows = [n.value if n.interval is None else n.interval[0] for n in numbers]
    return which(numbers, labels, [low > limit for low in lows])


def which(numbers: Sequence[Number], labels: Sequence[Any], flags: Sequence[bool]) -> Outcome:
    """For which labels a condition holds, as the `flags` computed from `numbers` say.

    Outcomes: `all`, `some`, `none`; `holds` and `fails` carry the labels.
    """
    holds = tuple(label for label, flag in zip(labels, flags, strict=True) if flag)
    fails = tuple(label for label, flag in zip(labels, flags, strict=True) if not flag)
    name = "some" if holds and fails else "all" if holds else "none"
    return Outcome(name, tuple(numbers), holds=holds, fails=fails)


def beside(numbers: Sequence[Number], labels: Sequence[Any], mean: Number, places: int) -> Outcome:
    """On which side of the 95 % interval of `mean` numbers are, all as written with `places`.

    Outcomes: `higher`, `lower` or, inside it, `unclear` where every number is so, else `mixed`;
    `unknown` where the mean has no interval. `holds` are the labels of those above it, `fails`
    of those below, `even` of those inside.
    """
    if mean.interval is None:
        return Outcome("unknown", (mean,), value=mean.value, unit=mean.unit)
    low, high = (round(end, places) for end in mean.interval)
    written = [round(number.value, places) for number in numbers]
    pairs = list(zip(labels, written, strict=True))
    above = tuple(label for label, value in pairs if value > high)
    under = tuple(label for label, value in pairs if value < low)
    inside = tuple(label for label, value in pairs if low <= value <= high)
    kinds = {"higher": above, "lower": under, "unclear": inside}
    found = [kind for kind, there in kinds.items() if there]
    return Outcome(
        found[0] if len(found) == 1 else "mixed", (mean,), holds=above, fails=under, even=inside,
        value=mean.value, low=low, high=high, unit=mean.unit,
    )  # fmt: skip


def compare(firsts: Sequence[Number], seconds: Sequence[Number], labels: Sequence[Any]) -> Outcome:
    """Pair by pair, where `firsts` are above `seconds`: see `difference`.

    Outcomes: `higher`, `lower` or `unclear` where every pair is so, else `mixed`; `unknown` where
    a pair shares no clips. `holds` are the labels of the higher, `fails` of the lower, `even` of
    those that cannot be told apart; `low` and `high` are the least and greatest mean difference.
    """
    pairs = list(zip(firsts, seconds, strict=True))
    found = [difference(first, second) for first, second in pairs]
    kinds = {each.name for each in found}
    name = "unknown" if "unknown" in kinds else found[0].name if len(kinds) == 1 else "mixed"
    sorted_ = {
        kind: tuple(label for label, one in zip(labels, found, strict=True) if one.name == kind)
        for kind in ("higher", "lower", "unclear")
    }
    gaps = [each.value for each in found]
    return Outcome(
        name, tuple(number for pair in pairs for number in pair), holds=sorted_["higher"],
        fails=sorted_["lower"], even=sorted_["unclear"], low=min(gaps), high=max(gaps),
        unit=firsts[0].unit,
    )  # fmt: skip


ELBOW_DEPTH = 0.1
"""How far from a straight line a curve must go to be called bent."""


def elbow(variation: Sequence[float]) -> Outcome:
    """Whether the variation within k clusters, k = 1, 2, …, falls along a bent line.

    The curve is brought into a square of side 1 and compared with its diagonal (Satopää et al.,
    "Finding a 'kneedle' in a haystack", 2011). Outcomes: `straight` where it is nowhere farther
    than `ELBOW_DEPTH` below it, `bent` otherwise, `flat` where nothing varies or no curve can bend;
    `holds` has the k of the farthest point, `value` is the distance there.
    """
    steps, fall = len(variation) - 1, variation[0] - variation[-1]
    if steps < 2 or fall <= 0:
        return Outcome("flat", (), holds=(1,), value=0.0)
    below = [(variation[0] - value) / fall - index / steps for index, value in enumerate(variation)]
    farthest = max(range(len(below)), key=below.__getitem__)
    name = "bent" if below[farthest] > ELBOW_DEPTH else "straight"
    return Outcome(name, (), holds=(farthest + 1,), value=below[farthest])


def kendall(values: Sequence[float], over: Sequence[float]) -> tuple[float, float]:
    """Kendall's tau-a of two sequences and its exact two-sided probability by chance.

    Ties count as no order, and the probability is that of untied numbers, which is never too
    small for tied ones.
    """
    n = len(values)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    score = sum(_sign((values[i] - values[j]) * (over[i] - over[j])) for i, j in pairs)
    return (score / len(pairs) if pairs else 0.0), _probability(n, abs(score))


def _taus(means: bootstrap.Means, over: Sequence[float]) -> bootstrap.Means:
    """Kendall's tau-a of each column of means (numbers, draws)."""
    first, second = np.triu_indices(len(means), 1)
    order = np.sign(np.array(over, dtype=np.float64)[first] - np.array(over)[second])
    taus: bootstrap.Means = (np.sign(means[first] - means[second]) * order[:, None]).mean(axis=0)
    return taus


def _probability(n: int, score: int) -> float:
    """Chance that a random order of n has |concordant − discordant| of at least `score`."""
    orders = [1]  # orders[k]: permutations with k inversions, built one element at a time
    for size in range(2, n + 1):
        longer = [0] * (len(orders) + size - 1)
        for inversions, count in enumerate(orders):
            for more in range(size):
                longer[inversions + more] += count
        orders = longer
    pairs = math.comb(n, 2)
    as_far = sum(count for k, count in enumerate(orders) if abs(pairs - 2 * k) >= score)
    return as_far / math.factorial(n)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
