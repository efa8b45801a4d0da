"""Sentences that depend on results: a claim has a wording for each outcome, or the build stops.

In a template:

    {% claim "snr-and-size", trend(numbers, sizes) %}
    {% wording "rises" %} ... {{ claim.tau | decimal(2) }} ...
    {% wording "falls" %} ...
    {% wording "unclear", "few" %} ...
    {% endclaim %}

Inside a wording, `claim` is the outcome with all that was measured to reach it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from report.results import Number, ReportError

LEVEL = 0.05
"""Probability under which chance is ruled out."""


@dataclass(frozen=True)
class Outcome:
    """What became of a claim, and the numbers it rests on.

    `tau` and `p` are those of a trend; `holds` and `fails` are the labels of the numbers for
    which a condition holds and does not, `even` of those that cannot be told apart; `value` is
    what else was measured.
    """

    name: str
    numbers: tuple[Number, ...]
    tau: float = math.nan
    p: float = math.nan
    holds: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()
    even: tuple[Any, ...] = ()
    value: float = math.nan


def trend(numbers: Sequence[Number], over: Sequence[float]) -> Outcome:
    """Whether numbers rise or fall with `over`: Kendall's tau, exact two-sided test at 5 %.

    Outcomes: `rises`, `falls`, `unclear`, and `few` when even a perfect order of so few numbers
    (four or fewer) could be chance.
    Source: M. G. Kendall, "A new measure of rank correlation", Biometrika 30, 1938.
    """
    tau, p = kendall([number.value for number in numbers], over)
    if _probability(len(numbers), math.comb(len(numbers), 2)) > LEVEL:
        name = "few"
    elif p > LEVEL:
        name = "unclear"
    else:
        name = "rises" if tau > 0 else "falls"
    return Outcome(name, tuple(numbers), tau=tau, p=p)


def difference(first: Number, second: Number) -> Outcome:
    """Whether `first` is above `second`: their 95 % intervals must not overlap.

    Outcomes: `higher`, `lower`, `unclear` when they overlap, `unknown` when either number has
    no interval. Stricter than a test of the difference: it never finds one too many.
    """
    numbers = (first, second)
    if first.interval is None or second.interval is None:
        return Outcome("unknown", numbers)
    if first.interval[0] > second.interval[1]:
        return Outcome("higher", numbers)
    return Outcome("lower" if first.interval[1] < second.interval[0] else "unclear", numbers)


def above(numbers: Sequence[Number], labels: Sequence[Any], limit: float) -> Outcome:
    """Which numbers are above `limit`, by the low end of their interval where there is one.

    Outcomes: `all`, `some`, `none`; `holds` and `fails` carry the labels.
    """
    lows = [n.value if n.interval is None else n.interval[0] for n in numbers]
    holds = tuple(label for label, low in zip(labels, lows, strict=True) if low > limit)
    fails = tuple(label for label, low in zip(labels, lows, strict=True) if low <= limit)
    name = "some" if holds and fails else "all" if holds else "none"
    return Outcome(name, tuple(numbers), holds=holds, fails=fails)


def which(numbers: Sequence[Number], labels: Sequence[Any], flags: Sequence[bool]) -> Outcome:
    """For which labels a condition holds, as the `flags` computed from `numbers` say.

    Outcomes: `all`, `some`, `none`; `holds` and `fails` carry the labels.
    """
    holds = tuple(label for label, flag in zip(labels, flags, strict=True) if flag)
    fails = tuple(label for label, flag in zip(labels, flags, strict=True) if not flag)
    name = "some" if holds and fails else "all" if holds else "none"
    return Outcome(name, tuple(numbers), holds=holds, fails=fails)


def compare(firsts: Sequence[Number], seconds: Sequence[Number], labels: Sequence[Any]) -> Outcome:
    """Pair by pair, where `firsts` are above `seconds`: see `difference`.

    Outcomes: `higher`, `lower` or `unclear` where every pair is so, else `mixed`; `unknown` where
    a pair has no intervals. `holds` are the labels of the higher, `fails` of the lower, `even` of
    those whose intervals overlap.
    """
    pairs = list(zip(firsts, seconds, strict=True))
    names = [difference(first, second).name for first, second in pairs]
    kinds = set(names)
    name = "unknown" if "unknown" in kinds else names[0] if len(kinds) == 1 else "mixed"
    found = {
        kind: tuple(label for label, one in zip(labels, names, strict=True) if one == kind)
        for kind in ("higher", "lower", "unclear")
    }
    numbers = tuple(number for pair in pairs for number in pair)
    return Outcome(
        name, numbers, holds=found["higher"], fails=found["lower"], even=found["unclear"]
    )


BENT = 0.1
"""How far from a straight line a curve must go to be called bent."""


def bend(variation: Sequence[float]) -> Outcome:
    """Whether the variation within k clusters, k = 1, 2, …, falls along a bent line.

    The curve is brought into a square of side 1 and compared with its diagonal (Satopää et al.,
    "Finding a 'kneedle' in a haystack", 2011). Outcomes: `straight` where it is nowhere farther
    than `BENT` below it, `bent` otherwise; `holds` has the k of the farthest point, `value` is
    the distance there.
    """
    steps, fall = len(variation) - 1, variation[0] - variation[-1]
    if steps < 2 or fall <= 0:
        return Outcome("straight", (), holds=(1,), value=0.0)
    below = [(variation[0] - value) / fall - index / steps for index, value in enumerate(variation)]
    farthest = max(range(len(below)), key=below.__getitem__)
    name = "bent" if below[farthest] > BENT else "straight"
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


class Claims(Extension):
    """The `{% claim %}` block of the templates."""

    tags = {"claim"}  # noqa: RUF012 (jinja2 declares it so)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Turn the block into a chain of tests that ends in an error."""
        line = next(parser.stream).lineno
        title = parser.parse_expression()
        parser.stream.expect("comma")
        measured = parser.parse_expression()
        parser.parse_statements(("name:wording",))
        outcome = nodes.Name("claim", "load")
        tests: list[nodes.If] = []
        while not parser.stream.skip_if("name:endclaim"):
            at = parser.stream.expect("name:wording").lineno
            names = [parser.parse_expression()]
            while parser.stream.skip_if("comma"):
                names.append(parser.parse_expression())
            body = parser.parse_statements(("name:wording", "name:endclaim"))
            fits = nodes.Compare(
                nodes.Getattr(outcome, "name", "load"), [nodes.Operand("in", nodes.List(names))]
            )
            tests.append(nodes.If(fits, body, [], [], lineno=at))
        template = nodes.Const(parser.filename or parser.name)
        stop = self.call_method("stop", [title, outcome, template, nodes.Const(line)])
        otherwise: list[nodes.Node] = [nodes.Output([stop], lineno=line)]
        for test in reversed(tests):
            test.else_ = otherwise
            otherwise = [test]
        keep = nodes.Assign(nodes.Name("claim", "store"), measured, lineno=line)
        return nodes.Scope([keep, *otherwise], lineno=line)

    def stop(self, title: str, outcome: Outcome, template: str, line: int) -> NoReturn:
        """Refuse to build a report in which a claim has no true wording."""
        numbers = ", ".join(f"{number.name} = {number.value:g}" for number in outcome.numbers)
        raise ReportError(
            f'{template}:{line}: the claim "{title}" came out as "{outcome.name}" and has no '
            f"wording for it (measured: {numbers}); write one"
        )
