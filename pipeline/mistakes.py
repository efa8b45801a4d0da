"""Mistakes of the user's: what they are, and how one is told with the line to mend."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.characters import one_line
from pipeline.lines import Keys

MOST = 40
"""Mistakes told at once: a screen of them."""


class StudyError(Exception):
    """A mistake of the user's, told in one line each: what, where, how to mend."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with one setting, or with several together.

    `places` leads to these settings; it is told at the first that the file states.
    """

    message: str
    places: tuple[Keys, ...]


@dataclass(frozen=True)
class Source:
    """The file that states a study, and the line of each setting in it."""

    path: Path
    lines: dict[Keys, int]

    def tell(self, mistake: Mistake) -> str:
        """One line: the file and its line, the setting, what is wrong, how to mend it."""
        place = self._place(mistake)
        mark = " " if mistake.message.startswith("is ") else ": "
        where = f"{self.path}:{self._line(place)}"
        return one_line(f"{where}: {named(place)}{mark}{mistake.message}")

    def tell_all(self, mistakes: Iterable[Mistake]) -> StudyError:
        """All of them, in the order of the file."""
        ordered = sorted(mistakes, key=lambda mistake: self._line(self._place(mistake)))
        told = list(dict.fromkeys(self.tell(mistake) for mistake in ordered))
        if len(told) > MOST:
            told[MOST:] = [one_line(f"... and {len(told) - MOST} more in {self.path}")]
        return StudyError("\n".join(told))

    def _place(self, mistake: Mistake) -> Keys:
        stated = [place for place in mistake.places if place in self.lines]
        return (stated or mistake.places)[0]

    def _line(self, place: Keys) -> int:
        """Where a setting stands, or else what it would stand in."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines[place] if place else 1


def named(place: Keys) -> str:
    """A setting's name; the line tells which element of a list is meant."""
    return ".".join(shown(key) for key in place if isinstance(key, str))


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that is nearest to another, as the end of a message; empty if none is."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def nearest_size(size: int, known: Collection[int]) -> str:
    """The known size that is nearest to another, as the end of a message."""
    return f"; the nearest is {min(known, key=lambda other: abs(other - size))}" if known else ""


def shown(text: str) -> str:
    """Text as a terminal may show it (`one_line`), not too long."""
    plain = one_line(text)
    return plain if len(plain) <= 80 else f"{plain[:77]}..."
