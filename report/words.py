"""The words of templates/words.toml, which code puts before a reader."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

from report.results import ReportError

TEMPLATES = Path(__file__).parents[1] / "templates"


class Words:
    """Words by dotted name, as in `words("figures.epoch")`."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._words = dict(_flat(tables))

    def __call__(self, name: str) -> str:
        """The word of that name.

        Raises:
            ReportError: there is none; the nearest valid name is told.
        """
        if name not in self._words:
            near = difflib.get_close_matches(name, self.names(), n=1, cutoff=0.0)
            raise ReportError(f"templates/words.toml has no {name}; the nearest is {near[0]}")
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


def read(folder: Path = TEMPLATES) -> Words:
    """Read `words.toml` of a templates folder.

    Raises:
        ReportError: the file is missing or is not TOML.
    """
    path = folder / "words.toml"
    try:
        return Words(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReportError(f"{path}: cannot be read ({error})") from None


def _flat(tables: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs
