"""Line numbers of the settings of a TOML file, which `tomllib` does not record."""

import re
import tomllib

KeyPath = tuple[str | int, ...]
"""Path of a setting: a table or setting name, or the index of an array element, per level."""

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


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line number, from 1, of each table, setting and array element of a TOML document.

    A dotted key ("training.epochs = 3") also gives a line to its tables if they have none yet.

    Args:
        text: a document that `tomllib` accepts; the result is undefined for any other.
    """
    return _LineScanner(text).found


class _LineScanner:
    """Single pass over a valid document."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.counted, self.line = 0, 1
        self.found: dict[KeyPath, int] = {}
        self.arrays: dict[KeyPath, int] = {}
        table: KeyPath = ()
        while self._next():
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._assignment(table)

    def _next(self) -> str:
        """Skip white space and comments; return the next character, "" at the end."""
        self._take(SPACE)
        return self.text[self.at : self.at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        taken = pattern.match(self.text, self.at)
        if taken is None:
            raise ValueError(f"invalid TOML at character {self.at}")
        self.at = taken.end()
        return taken[0]

    def _record(self, keys: KeyPath) -> None:
        """Record the current line for a key path and for its tables if they have none yet."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        for depth in range(1, len(keys) + 1):
            self.found.setdefault(keys[:depth], self.line)

    def _key(self) -> list[str]:
        parts = [_unquote(self._take(KEY))]
        while DOT.match(self.text, self.at):
            self._take(DOT)
            parts.append(_unquote(self._take(KEY)))
        return parts

    def _header(self) -> KeyPath:
        """Read "[table]" or "[[array]]"; return the key path that the settings below it extend."""
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        self._next()
        keys: KeyPath = ()
        parts = self._key()
        for depth, part in enumerate(parts, start=1):
            keys += (part,)
            if array and depth == len(parts):
                self.arrays[keys] = self.arrays.get(keys, -1) + 1
            if keys in self.arrays:
                keys += (self.arrays[keys],)
        self._record(keys)
        self._next()
        self.at += 2 if array else 1
        return keys

    def _assignment(self, table: KeyPath) -> None:
        keys = table + tuple(self._key())
        self._record(keys)
        self._next()
        self.at += 1  # the equals sign
        self._value(keys)

    def _value(self, keys: KeyPath) -> None:
        opening = self._next()
        if opening not in ("[", "{"):
            self._take(SCALAR)
            return
        self.at += 1
        count = 0
        while (character := self._next()) not in ("]", "}"):
            if character == ",":
                self.at += 1
            elif opening == "{":
                self._assignment(keys)
            else:
                self._record((*keys, count))
                self._value((*keys, count))
                count += 1
        self.at += 1


def _unquote(part: str) -> str:
    """Unquote one part of a key."""
    if part[0] not in "\"'":
        return part
    plain: str = tomllib.loads(f"x = {part}")["x"]
    return plain
