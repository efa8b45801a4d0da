"""Errors caused by the user's templates or results, and the hints that end their messages."""

import difflib
from collections.abc import Iterable


class ReportError(Exception):
    """User error; one line per problem: what, where, how to fix."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Message for an unknown name, with the nearest known one."""
    return f"no {what} is called {name}{nearest(name, known)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Suffix for a message that names the nearest known name; empty if `known` is empty."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"; the nearest is {near[0]}" if near else ""
