"""Mistakes of the user's: what they are, and how one is told with the line to mend."""

import difflib
from collections.abc import Collection

from pipeline.control_characters import one_line


class StudyError(Exception):
    """A mistake of the user's, told in one line each: what, where, how to mend."""


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
