"""On which line of a TOML file each of its settings stands; `tomllib` keeps no lines."""

import re
import tomllib

Keys = tuple[str | int, ...]
"""The way to a setting, table by table; a number counts the elements of an array."""

SPACE = re.compile(r"(?:\s|#[^\n]*)*")
KEY = re.compile(r'[\w-]+|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.ASCII)
DOT = re.compile(r"[ \t]*\.[ \t]*")
SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\d{4}-\d\d-\d\d \d[^\s,\]}#]*"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


def lines(text: str) -> dict[Keys, int]:
    """The line, from 1, of each table, setting and element of an array in a TOML document.

    A key of several parts ("training.epochs = 3") counts for the tables it goes through where
    no line before did.

    Args:
        text: what `tomllib` reads without an error; of anything else the lines mean nothing.
    """
    return _Scan(text).found


class _Scan:
    """One walk through a valid document."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.counted, self.line = 0, 1
        self.found: dict[Keys, int] = {}
        self.arrays: dict[Keys, int] = {}
        table: Keys = ()
        while self._next():
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._assignment(table)

    def _next(self) -> str:
        """The sign that follows white space and comments; "" at the end."""
        self._take(SPACE)
        return self.text[self.at : self.at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        taken = pattern.match(self.text, self.at)
        if taken is None:
            raise ValueError(f"no TOML at character {self.at}")
        self.at = taken.end()
        return taken[0]

    def _note(self, keys: Keys) -> None:
        """Notes the present line for a place and for the tables on the way to it."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        for depth in range(1, len(keys) + 1):
            self.found.setdefault(keys[:depth], self.line)

    def _key(self) -> list[str]:
        parts = [_plain(self._take(KEY))]
        while DOT.match(self.text, self.at):
            self._take(DOT)
            parts.append(_plain(self._take(KEY)))
        return parts

    def _header(self) -> Keys:
        """Reads "[table]" or "[[array]]"; what follows belongs to the place it returns."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        self._next()
        keys: Keys = ()
        parts = self._key()
        for depth, part in enumerate(parts, start=1):
            keys += (part,)
            if array and depth == len(parts):
                self.arrays[keys] = self.arrays.get(keys, -1) + 1
            if keys in self.arrays:
                keys += (self.arrays[keys],)
        self._note(keys)
        self._next()
        self.at += 2 if array else 1
        return keys

    def _assignment(self, table: Keys) -> None:
        keys = table + tuple(self._key())
        self._note(keys)
        self._next()
        self.at += 1  # the equals sign
        self._value(keys)

    def _value(self, keys: Keys) -> None:
        opening = self._next()
        if opening not in ("[", "{"):
            self._take(SCALAR)
            return
        self.at += 1
        count = 0
        while (sign := self._next()) not in ("]", "}"):
            if sign == ",":
                self.at += 1
            elif opening == "{":
                self._assignment(keys)
            else:
                self._note((*keys, count))
                self._value((*keys, count))
                count += 1
        self.at += 1


def _plain(part: str) -> str:
    """A part of a key without its quotes."""
    if part[0] not in "\"'":
        return part
    plain: str = tomllib.loads(f"x = {part}")["x"]
    return plain
