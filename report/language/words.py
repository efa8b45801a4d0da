"""Reads `words.toml`: the words of the report that code, not a template, writes."""

import re
import tomllib
from pathlib import Path
from typing import Any

from report.errors import ReportError, nearest
from report.paths import TEMPLATES


class Words:
    """Words by dotted name, as in `words("figures.epoch")`."""

    def __init__(self, words: dict[str, Any]) -> None:
        self._words = words

    def __call__(self, name: str) -> str:
        """Return the word with this name.

        Raises:
            ReportError: there is none; the message suggests the nearest name.
        """
        if name not in self._words:
            raise ReportError(f"words.toml has no {name}{nearest(name, self.names())}")
        return str(self._words[name])

    def fill(self, name: str, **values: object) -> str:
        """Return the word with this name, with each `{key}` replaced by a value.

        Not `str.format`, which reads attributes and pads to any width.
        """
        return re.sub(r"\{(\w+)\}", lambda key: str(values.get(key[1], key[0])), self(name))

    def names(self) -> list[str]:
        """Return every dotted name."""
        return list(self._words)

    def word_list(self, name: str) -> list[str]:
        """Return a list of words, such as the months."""
        self(name)
        return [str(word) for word in self._words[name]]

    def get(self, name: str, default: str) -> str:
        """Return the word with this name, or `default`: for names that users invent (genres)."""
        return str(self._words.get(name, default))


def read(*folders: Path) -> Words:
    """Read `words.toml` from template folders; earlier folders override later ones.

    The last folder must have one. By default our own templates are read.

    Raises:
        ReportError: the file is missing or is not TOML.
    """
    words: dict[str, Any] = {}
    *_, ours = folders = folders or (TEMPLATES,)
    for folder in reversed(folders):
        path = folder / "words.toml"
        if folder != ours and not path.exists():
            continue
        try:
            words |= dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ReportError(f"{path}: cannot be read ({error})") from None
    return Words(words)


def _flat(tables: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs
