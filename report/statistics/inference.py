"""Statistical tests behind claims; each returns an `Outcome` with one name per possible case."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from report.statistics import bootstrap

FEW_CLIPS = 10
"""Clips below which a verdict is worded as resting on few."""


@dataclass(frozen=True)
class Outcome:
    """Result of a test, and the numbers that it was computed from.

    Attributes:
        name: which case of the test holds; templates have a wording for each.
        numbers: the numbers tested.
        holds, fails: labels for which a condition is true and false.
        undecided: labels that cannot be told apart.
        value: any other quantity measured, in `unit`.
        low, high: 95 % interval of `value`; NaN if there is none.
    """

    name: str
    numbers: tuple[Number, ...]
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
    def few_clips(self) -> int | None:
        """How many clips the numbers are means over, if fewer than `FEW_CLIPS`."""
        clips = [number.clips for number in self.numbers if number.clips is not None]
        return min(clips) if clips and min(clips) < FEW_CLIPS else None

    @property
    def has_interval(self) -> bool:
        """True if `low` and `high` are set."""
        return not math.isnan(self.low)


def trend(numbers: Sequence[Number], over: Sequence[float]) -> Outcome:
    """Test whether numbers rise or fall from each value of `over` to the next larger one.

    Means over the same clips are compared clip by clip, as in `difference`; other numbers have no
    spread, and only their order counts.

    Outcomes: `rises` or `falls` if every step does, else `unclear`; `few` if a mean is over one
    clip or there is one number. `holds` has the larger `over` of each step that rises,
    `fails` of those that fall, `undecided` of the others; `low` and `high` are the smallest and
    largest step.
    """
    order = sorted(range(len(numbers)), key=lambda index: -over[index])
    steps = [(numbers[large], numbers[small]) for large, small in pairwise(order)]
    if not steps or any(number.clips == 1 for number in numbers):
        return Outcome("few", tuple(numbers))
    outcomes = [_step(*step) for step in steps]
    groups = {
        name: tuple(
            over[large] for large, o in zip(order[:-1], outcomes, strict=True) if o.name == name
        )
        for name in ("higher", "lower", "unclear")
    }
    rising, falling = (len(groups[name]) == len(steps) for name in ("higher", "lower"))
    return Outcome(
        "rises" if rising else "falls" if falling else "unclear", tuple(numbers),
        holds=groups["higher"], fails=groups["lower"], undecided=groups["unclear"],
        low=min(each.value for each in outcomes), high=max(each.value for each in outcomes),
        unit=numbers[0].unit,
    )  # fmt: skip


def _step(first: Number, second: Number) -> Outcome:
    """As `difference`, but by order alone where the numbers have no values per clip."""
    tested = difference(first, second)
    if tested.name != "unknown":
        return tested
    name = "higher" if tested.value > 0 else "lower" if tested.value < 0 else "unclear"
    return replace(tested, name=name)


def difference(first: Number, second: Number) -> Outcome:
    """Test whether `first` is above `second`: paired bootstrap of the mean per-clip difference.

    Outcomes: `higher` or `lower` if the 95 % interval excludes 0, else `unclear`; `unknown` if
    they share fewer than two clips. `value` is the mean difference over shared clips.
    """
    numbers = (first, second)
    values = bootstrap.paired_values(numbers)
    if values is None:
        return Outcome("unknown", numbers, value=first.value - second.value, unit=first.unit)
    differences = values[0] - values[1]
    low, high = bootstrap.mean_interval(differences)
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


def against_clips(
    numbers: Sequence[Number], labels: Sequence[Any], mean: Number, places: int
) -> Outcome:
    """Compare single songs with the test clips of which `mean` is the mean, all rounded to
    `places` decimals.

    A song is unlike the test clips if it is outside the central 95 % of their values; the
    interval of their mean, much narrower, says nothing of single songs.

    Outcomes: `higher`, `lower` or `unclear` (inside) if all numbers agree, else `mixed`;
    `unknown` if there are fewer than two values. `holds` has the labels above, `fails` those
    below, `undecided` those inside; `low` and `high` are the ends of the range.
    """
    values = bootstrap.paired_values([mean])
    if values is None:
        return Outcome("unknown", (mean,), value=mean.value, unit=mean.unit)
    low, high = (round(end, places) for end in bootstrap.percentile_interval(values))
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


def compare(
    firsts: Sequence[Number], seconds: Sequence[Number], labels: Sequence[Any], least: float = 0.0
) -> Outcome:
    """Test pair by pair whether `firsts` are above `seconds`; see `difference`.

    Mean differences below `least`, however sure, are unclear: readers would see equal numbers.

    Outcomes: `higher`, `lower` or `unclear` if all pairs agree, else `mixed`; `unknown` if a pair
    is. `holds` has the labels of the higher, `fails` of the lower, `undecided` of the unclear;
    `low` and `high` are the smallest and largest mean difference.
    """
    pairs = list(zip(firsts, seconds, strict=True))
    outcomes = [difference(first, second) for first, second in pairs]
    outcomes = [
        replace(each, name="unclear")
        if abs(each.value) < least and each.name != "unknown"
        else each
        for each in outcomes
    ]
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
