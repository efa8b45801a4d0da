"""Where each number comes from: the step that computed it, and how to compute it again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from report.results import Results, Step

Parts = tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """A step, or several, and the numbers that they gave, in short: `a.b.{c, d}`."""

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
        by_step = self._by_step(self._results.numbers)
        return [
            Origin(self._ids[step], self._steps.get(step), step, [n for n, _ in _merged(names)])
            for step, names in by_step.items()
        ]

    @property
    def spoken(self) -> list[Origin]:
        """The steps that gave the numbers noted so far, with these; steps that are named alike
        stand together."""
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
    """The names in one: a.*.c for a.b.c and a.d.c."""
    first, *others = dict.fromkeys(names)
    parts = first.split(".")
    for other in others:
        theirs = other.split(".")
        if len(theirs) != len(parts):
            return f"{first} …"
        parts = [a if a == b else "*" for a, b in zip(parts, theirs, strict=True)]
    return ".".join(parts)


def _merged(names: list[str]) -> list[tuple[str, list[str]]]:
    """Names that differ in some of their parts alone as one, a.{b, c}.{d, e}, and which they are.

    The first part is never one of them: it tells one kind of name from another.
    """
    found = [(tuple(name.split(".")), [name]) for name in names]
    for place in range(1, max(len(parts) for parts, _ in found)):
        alike: dict[tuple[Parts, Parts], list[tuple[str, list[str]]]] = {}
        for parts, members in found:
            at = max(1, len(parts) - place)
            if at < len(parts):
                alike.setdefault((parts[:at], parts[at + 1 :]), []).append((parts[at], members))
            else:
                alike.setdefault((parts, ("",)), []).append(("", members))
        found = [
            (tuple(part for part in (*before, _braced(group), *after) if part),
             [name for _, members in group for name in members])
            for (before, after), group in alike.items()
        ]  # fmt: skip
    return [(".".join(parts), members) for parts, members in found]


def _braced(group: list[tuple[str, list[str]]]) -> str:
    """One part, or several in braces."""
    parts = [part for part, _ in group]
    return parts[0] if len(parts) == 1 else f"{{{', '.join(parts)}}}"
