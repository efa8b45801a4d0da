"""Where each number comes from: the step that computed it, and how to compute it again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from report.results import Results, Step


@dataclass(frozen=True)
class Origin:
    """A step and the numbers that it gave, in short: `a.b.{c, d}`."""

    id: str
    step: Step | None
    name: str
    numbers: list[str]

    @property
    def settings(self) -> str:
        """The step's settings, as JSON."""
        found = self.step.parameters if self.step else {}
        return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""


class Provenance:
    """Numbers by the step that computed them."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._steps = {step.name: step for step in results.steps}
        named = dict.fromkeys(number.step for number in results.numbers.values())
        self._ids = {
            name: f"p{place}" for place, name in enumerate(dict.fromkeys([*self._steps, *named]))
        }
        self.cited: dict[str, None] = {}

    def cite(self, *names: str) -> str:
        """Note that numbers are spoken of; the id of the step that gave the first."""
        self.cited |= dict.fromkeys(names)
        return self._ids[self._results.number(names[0]).step]

    @property
    def every(self) -> list[Origin]:
        """Every step that gave a number, with all of its numbers."""
        return self._origins(self._results.numbers)

    @property
    def spoken(self) -> list[Origin]:
        """The steps that gave the numbers noted so far, with these."""
        return self._origins(self.cited)

    def _origins(self, names: Iterable[str]) -> list[Origin]:
        by_step: dict[str, list[str]] = {}
        for name in names:
            by_step.setdefault(self._results.number(name).step, []).append(name)
        return [
            Origin(self._ids[step], self._steps.get(step), step, _short(by_step[step]))
            for step in self._ids
            if step in by_step
        ]


def pattern(names: Iterable[str]) -> str:
    """The names in one: a.*.c for a.b.c and a.d.c."""
    first, *others = dict.fromkeys(names)
    parts = first.split(".")
    for other in others:
        theirs = other.split(".")
        if len(theirs) != len(parts):
            return f"{first} …"
        parts = [a if a == b else "*" for a, b in zip(parts, theirs, strict=True)]
    return ".".join(parts)


def _short(names: list[str]) -> list[str]:
    """Names that differ in their last part alone, as one."""
    ends: dict[str, list[str]] = {}
    for name in names:
        before, _, end = name.rpartition(".")
        ends.setdefault(before, []).append(end)
    return [
        f"{before}.{found[0]}" if len(found) == 1 else f"{before}.{{{', '.join(found)}}}"
        for before, found in ends.items()
    ]
