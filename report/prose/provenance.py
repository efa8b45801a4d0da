"""Provenance of the report's numbers: the step that computed each, and its settings."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.results.schema import Step
from report.queries.results import Results

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """A step and the numbers it computed, abbreviated as `a.b.{c, d}`."""

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
    """Groups numbers by the step that computed them."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._steps = {step.name: step for step in results.steps}
        named = dict.fromkeys(number.step for number in results.numbers.values())
        self._ids = {
            name: f"p{index}" for index, name in enumerate(dict.fromkeys([*self._steps, *named]))
        }

    def origin_id(self, name: str) -> str:
        """Return the id of the step behind a number."""
        return self._ids[self._results.number(name).step]

    @property
    def all_origins(self) -> list[Origin]:
        """Every step that computed a number, with all of its numbers."""
        by_step: dict[str, list[str]] = {}
        for name, number in self._results.numbers.items():
            by_step.setdefault(number.step, []).append(name)
        return [
            Origin(place, self._steps.get(step), step, _merged(by_step[step]))
            for step, place in self._ids.items()
            if step in by_step
        ]


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


def _merged(names: list[str]) -> list[str]:
    """Merge names that differ in a few parts as a.{b, c}.{d, e}.

    The first part is never merged: it is the kind of number.
    """
    groups = [tuple(name.split(".")) for name in names]
    for place in range(1, max(map(len, groups))):
        similar: dict[tuple[Parts, Parts], list[str]] = {}
        for parts in groups:
            at = max(1, len(parts) - place)
            if at < len(parts):
                similar.setdefault((parts[:at], parts[at + 1 :]), []).append(parts[at])
            else:
                similar.setdefault((parts, ("",)), []).append("")
        groups = [
            tuple(part for part in (*before, _braced(group), *after) if part)
            for (before, after), group in similar.items()
        ]
    return [".".join(parts) for parts in groups]


def _braced(parts: list[str]) -> str:
    """One part as it is, several in braces."""
    return parts[0] if len(parts) == 1 else f"{{{', '.join(parts)}}}"
