"""Errors caused by the user's settings or files, and the hints that end their messages."""

import difflib
from collections.abc import Collection

from pipeline.control_characters import one_line


class StudyError(Exception):
    """User error; one line per problem: what, where, how to fix."""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Suffix for a message that suggests the closest known name; empty if none is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def nearest_size_hint(size: int, known: Collection[int]) -> str:
    """Suffix for a message that names the closest known size; empty if `known` is empty."""
    return f"; the nearest is {min(known, key=lambda other: abs(other - size))}" if known else ""


def shorten(text: str) -> str:
    """Escape text for the terminal with `one_line` and truncate it to 80 characters."""
    plain = one_line(text)
    return plain if len(plain) <= 80 else f"{plain[:77]}..."
