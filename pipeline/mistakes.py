"""Mistakes in study.toml, told with the line to mend."""

import difflib
import re
from collections.abc import Callable
from pathlib import Path

from pydantic_core import ErrorDetails

Keys = tuple[str | int, ...]
"""The way to a setting, table by table."""


class At(ValueError):
    """A mistake at a place in the settings: carries the path of keys to it."""

    def __init__(self, place: Keys, message: str) -> None:
        super().__init__(message)
        self.place = place


def explain(path: Path, text: str, names: Callable[[Keys], list[str]], detail: ErrorDetails) -> str:
    """One line: the file and its line, the setting, what is wrong, what would be right.

    Args:
        text: of the file.
        names: the settings allowed in the table that some keys lead to.
        detail: one mistake, as pydantic tells it.
    """
    error = detail.get("ctx", {}).get("error")
    place = error.place if isinstance(error, At) else detail["loc"]
    keys = tuple(key for key in place if key not in ("size", "layers"))  # the union's own tags
    where = f"{path}:{_line(text, keys)}: " if keys else f"{path}: "
    name = ".".join(map(str, keys))
    if detail["type"] == "extra_forbidden":
        allowed = names(keys[:-1])
        near = difflib.get_close_matches(str(keys[-1]), allowed, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{where}{name} is no setting{hint} (allowed: {', '.join(allowed)})"
    if isinstance(error, Exception):
        return f"{where}{name}: {error}"
    found = "" if detail["type"] == "missing" else f" (found {detail['input']!r})"
    return f"{where}{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}{found}"


def _line(text: str, keys: Keys) -> int:
    """The line of `text` where the deepest known part of `keys` is set; 1 if none is."""
    table: list[str] = []
    best, depth, seen = 1, 0, -1
    wanted = [key for key in keys if isinstance(key, str)]
    index = next((key for key in keys if isinstance(key, int)), 0)
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            seen = seen + 1 if header[1] == "[[" and table == wanted[: len(table)] else seen
            found = table
        elif assignment := re.match(r"\s*([\w\"'.-]+)\s*=", line):
            found = table + [part.strip("\"'") for part in assignment[1].split(".")]
        else:
            continue
        if found == wanted[: len(found)] and seen in (-1, index) and len(found) > depth:
            best, depth = number, len(found)
    return best
