"""What is wrong with a single setting, and what it may be, in words; read off the schema."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from pipeline.control_characters import one_line
from pipeline.errors import StudyError, nearest, shown
from pipeline.settings.toml_lines import Keys

MOST = 40
"""Mistakes told at once: a screen of them."""


@dataclass(frozen=True)
class SettingError:
    """What is wrong with one setting, or with several together.

    `places` leads to these settings; it is told at the first that the file states.
    """

    message: str
    places: tuple[Keys, ...]


@dataclass(frozen=True)
class SettingsFile:
    """The file that states a study, and the line of each setting in it."""

    path: Path
    lines: dict[Keys, int]

    def format(self, mistake: SettingError) -> str:
        """One line: the file and its line, the setting, what is wrong, how to mend it."""
        place = self._place(mistake)
        mark = " " if mistake.message.startswith("is ") else ": "
        where = f"{self.path}:{self._line(place)}"
        return one_line(f"{where}: {named(place)}{mark}{mistake.message}")

    def as_error(self, errors_found: Iterable[SettingError]) -> StudyError:
        """All of them, in the order of the file."""
        ordered = sorted(errors_found, key=lambda mistake: self._line(self._place(mistake)))
        told = list(dict.fromkeys(self.format(mistake) for mistake in ordered))
        if len(told) > MOST:
            told[MOST:] = [one_line(f"... and {len(told) - MOST} more in {self.path}")]
        return StudyError("\n".join(told))

    def _place(self, mistake: SettingError) -> Keys:
        stated = [place for place in mistake.places if place in self.lines]
        return (stated or mistake.places)[0]

    def _line(self, place: Keys) -> int:
        """Where a setting stands, or else what it would stand in."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines[place] if place else 1


def named(place: Keys) -> str:
    """A setting's name; the line tells which element of a list is meant."""
    return ".".join(shown(key) for key in place if isinstance(key, str))


Schema = dict[str, Any]
"""A JSON schema, as pydantic gives it of a model."""


def place(detail: ErrorDetails) -> Keys:
    """Where a setting is that pydantic finds wrong, without the tags of the union of models."""
    keys = detail["loc"]
    return keys[:3] + keys[4:] if keys[0] == "models" else keys


def mistake(schema: Schema, detail: ErrorDetails) -> SettingError:
    """One mistake as pydantic tells it, in the words of the study.

    Args:
        schema: of the whole study.
    """
    keys = place(detail)
    if detail["type"] == "extra_forbidden":
        return SettingError(_unknown(schema, keys), (keys,))
    setting = _at(schema, keys)
    needed = describe(schema, setting)
    if detail["type"] == "missing":
        return SettingError(f"is missing; needs {needed}", (keys,))
    if detail["type"] == "finite_number":
        needed = needed.replace("a number", "a finite number")
    found = detail["input"]
    near = nearest(found, setting["enum"]) if isinstance(found, str) and "enum" in setting else ""
    return SettingError(f"found {value(found)}{near or ';'} needs {needed}", (keys,))


def value(found: object) -> str:
    """A value of TOML as its author wrote it, more or less, in one line."""
    match found:
        case bool():
            return "true" if found else "false"
        case str():
            return f'"{shown(found)}"'
        case dict():
            return "a table" if found else "an empty table"
        case list():
            return shown(f"[{', '.join(map(value, found[:20]))}]")
        case datetime.date() | datetime.time():
            return f"the date or time {found.isoformat()}"
        case int() if abs(found) >= 10**20:
            return "a number of more than 20 digits"
        case _:
            return shown(str(found))


def describe(schema: Schema, setting: Schema) -> str:
    """What a setting may be.

    Args:
        schema: of the whole study, for what the setting refers to.
        setting: its own part of it.
    """
    options = _options(schema, setting)
    if len(options) > 1:
        return " or ".join(describe(schema, option) for option in options)
    [setting] = options
    if "enum" in setting:
        return "one of " + ", ".join(f'"{option}"' for option in setting["enum"])
    match setting.get("type"):
        case "integer":
            return "a whole number" + _range(setting)
        case "number":
            return "a number" + _range(setting)
        case "boolean":
            return "true or false"
        case "array":
            items = describe(schema, setting["items"])
            return f"a list{' that is not empty' if setting.get('minItems') else ''}, each {items}"
        case "object":
            names = setting.get("properties")
            return f"a table of {', '.join(names)}" if names else "a list of sizes for each family"
    if setting.get("format") == "date":
        return "a date without quotes, such as 2026-01-31"
    if setting.get("format") == "path":
        return "a path in quotes"
    if setting.get("format") == "uri":
        return (
            'an address in quotes, such as "https://example.org" '
            f'(at most {setting["maxLength"]} characters, no space and none of "<>^`{{|}}\\)'
        )
    return "text in quotes" + (", not empty" if setting.get("minLength") else "")


def _unknown(schema: Schema, keys: Keys) -> str:
    """What to say of a name that no table of the study's has, or not this one."""
    name, table = str(keys[-1]), keys[:-1]
    known = [
        setting
        for option in _options(schema, _at(schema, table))
        for setting in option.get("properties", {})
    ]
    near = nearest(name, known)
    if not near and (tables := [keys[:-1] for keys in _all(schema) if keys[-1] == name]):
        places = [f"under [{named(keys)}]" if keys else "at the top" for keys in sorted(tables)]
        near = f"; it belongs {' or '.join(places)}"
    return f"is no setting{near or '; this table knows'} ({', '.join(known)})"


def _all(schema: Schema) -> list[Keys]:
    """Every setting that stands in no list, and every table."""
    found: list[Keys] = []
    pending: list[Keys] = [()]
    while pending:
        table = pending.pop()
        for name, setting in _at(schema, table).get("properties", {}).items():
            found.append((*table, name))
            if "properties" in _resolved(schema, setting):
                pending.append((*table, name))
    return found


def _at(schema: Schema, keys: Keys) -> Schema:
    """The part of the schema that some keys lead to."""
    setting = schema
    for key in keys:
        for option in _options(schema, setting):
            if isinstance(key, int) and "items" in option:
                setting = option["items"]
            elif key in option.get("properties", {}):
                setting = option["properties"][key]
            elif "additionalProperties" in option and "properties" not in option:
                setting = option["additionalProperties"]
    return _resolved(schema, setting)


def _options(schema: Schema, setting: Schema) -> list[Schema]:
    """What may be stated for a setting: one thing or several; absence cannot be stated."""
    setting = _resolved(schema, setting)
    options = setting.get("anyOf") or setting.get("oneOf") or [setting]
    return [_resolved(schema, option) for option in options if option.get("type") != "null"]


def _resolved(schema: Schema, setting: Schema) -> Schema:
    """What a setting refers to, if it does."""
    while "$ref" in setting:
        setting = schema["$defs"][setting["$ref"].rpartition("/")[2]]
    return setting


def _range(setting: Schema) -> str:
    low, high = setting.get("minimum"), setting.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    bounds = {
        "exclusiveMinimum": "above",
        "minimum": "of at least",
        "exclusiveMaximum": "below",
        "maximum": "of at most",
    }
    stated = [f"{word} {setting[name]}" for name, word in bounds.items() if name in setting]
    return f" {' and '.join(stated)}" if stated else ""
