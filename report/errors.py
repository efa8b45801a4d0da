"""A mistake that stops a report, told with the nearest valid name."""

import difflib
from collections.abc import Iterable


class ReportError(Exception):
    """A mistake that stops a report, told in one line: what, where, how to mend."""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The line that says that nothing is called so, and what the nearest name is."""
    return f"no {what} is called {name}{nearest(name, known)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The nearest of the known names, as the end of a message; empty where there is none."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"; the nearest is {near[0]}" if near else ""
