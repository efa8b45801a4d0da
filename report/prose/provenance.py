"""Provenance of the report's numbers: the step that computed each, and its settings."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.results.schema import Step
from report.queries.results import Results

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """A step (or several, merged) and the numbers it computed, abbreviated as `a.b.{c, d}`."""

    id: str
    step: Step | None
    name: str
    numbers: list[str]

    @property
    def settings(self) -> str:
        """The step's settings as JSON; empty if it has none."""
        parameters = self.step.parameters if self.step else {}
        return json.dumps(parameters, ensure_ascii=False, sort_keys=True) if parameters else ""


class Provenance:
    """Groups numbers by the step that computed them, and records which the report cites."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._steps = {step.name: step for step in results.steps}
        named = dict.fromkeys(number.step for number in results.numbers.values())
        self._ids = {
            name: f"p{index}" for index, name in enumerate(dict.fromkeys([*self._steps, *named]))
        }
        self.cited: dict[str, None] = {}

    def cite(self, *names: str) -> str:
        """Record that numbers are cited; return the id of the step behind the first."""
        self.cited |= dict.fromkeys(names)
        return self._ids[self._results.number(names[0]).step]

    @property
    def all_origins(self) -> list[Origin]:
        """Every step that computed a number, with all of its numbers."""
        by_step = self._by_step(self._results.numbers)
        return [
            Origin(self._ids[step], self._steps.get(step), step, [n for n, _ in _merged(names)])
            for step, names in by_step.items()
        ]

    @property
    def cited_origins(self) -> list[Origin]:
        """The steps behind the numbers cited so far; steps with similar names are merged."""
        by_step = self._by_step(self.cited)
        return [
            Origin(self._ids[steps[0]], None, name, [
                numbers for numbers, _ in _merged([n for step in steps for n in by_step[step]])
            ])
            for name, steps in _merged(list(by_step))
        ]  # fmt: skip

    def _by_step(self, names: Iterable[str]) -> dict[str, list[str]]:
        by_step: dict[str, list[str]] = {}
        for name in names:
            by_step.setdefault(self._results.number(name).step, []).append(name)
        return {step: by_step[step] for step in self._ids if step in by_step}


def pattern(names: Iterable[str]) -> str:
    """Merge names into one pattern: a.b.c and a.d.c become a.*.c."""
    first, *others = dict.fromkeys(names)
    parts = first.split(".")
    for other in others:
        other_parts = other.split(".")
        if len(other_parts) != len(parts):
            return f"{first} …"
        parts = [a if a == b else "*" for a, b in zip(parts, other_parts, strict=True)]
    return ".".join(parts)


def _merged(names: list[str]) -> list[tuple[str, list[str]]]:
    """Merge names that differ in a few parts as a.{b, c}.{d, e}; each with its members.

    The first part is never merged: it is the kind of number.
    """
    groups = [(tuple(name.split(".")), [name]) for name in names]
    for place in range(1, max(len(parts) for parts, _ in groups)):
        similar: dict[tuple[Parts, Parts], list[tuple[str, list[str]]]] = {}
        for parts, members in groups:
            at = max(1, len(parts) - place)
            if at < len(parts):
                similar.setdefault((parts[:at], parts[at + 1 :]), []).append((parts[at], members))
            else:
                similar.setdefault((parts, ("",)), []).append(("", members))
        groups = [
            (tuple(part for part in (*before, _braced(group), *after) if part),
             [name for _, members in group for name in members])
            for (before, after), group in similar.items()
        ]  # fmt: skip
    return [(".".join(parts), members) for parts, members in groups]


def _braced(group: list[tuple[str, list[str]]]) -> str:
    """One part as it is, several in braces."""
    parts = [part for part, _ in group]
    return parts[0] if len(parts) == 1 else f"{{{', '.join(parts)}}}"
