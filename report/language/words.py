"""The words of templates/words.toml, which code puts before a reader."""

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
        """The word of that name.

        Raises:
            ReportError: there is none; the nearest valid name is told.
        """
        if name not in self._words:
            raise ReportError(f"words.toml has no {name}{nearest(name, self.names())}")
        return str(self._words[name])

    def names(self) -> list[str]:
        """Every dotted name."""
        return list(self._words)

    def several(self, name: str) -> list[str]:
        """A list of words, such as the months."""
        self(name)
        return [str(word) for word in self._words[name]]

    def known(self, name: str, otherwise: str) -> str:
        """The word of that name, or `otherwise`: for names that users make up, like genres."""
        return str(self._words.get(name, otherwise))


def read(*folders: Path) -> Words:
    """Read `words.toml` of templates folders, the words of the first before those of the rest.

    The last folder must have one. Without folders, our own templates are read.

    Raises:
        ReportError: the file is missing or is not TOML.
    """
    found: dict[str, Any] = {}
    *_, ours = folders = folders or (TEMPLATES,)
    for folder in reversed(folders):
        path = folder / "words.toml"
        if folder != ours and not path.exists():
            continue
        try:
            found |= dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ReportError(f"{path}: cannot be read ({error})") from None
    return Words(found)


def _flat(tables: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs
