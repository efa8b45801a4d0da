"""Error messages for settings: what was found, and what the schema allows instead."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from pipeline.control_characters import one_line
from pipeline.errors import StudyError, did_you_mean, shorten
from pipeline.settings.toml_lines import KeyPath

MAX_ERRORS = 40
"""Errors reported at once: about one screen."""


@dataclass(frozen=True)
class SettingError:
    """An error in one setting, or in several taken together.

    `settings` are the settings involved; the error is reported at the first that the file sets.
    """

    message: str
    settings: tuple[KeyPath, ...]


@dataclass(frozen=True)
class SettingsFile:
    """The path of a study's file and the line of each setting in it."""

    path: Path
    lines: dict[KeyPath, int]

    def format(self, error: SettingError) -> str:
        """One line: file, line number, setting, what is wrong, how to fix it."""
        setting = self._reported_setting(error)
        where = f"{self.path}:{self._line(setting)}"
        return one_line(f"{where}: {dotted_name(setting)}: {error.message}")

    def to_study_error(self, errors: Iterable[SettingError]) -> StudyError:
        """A StudyError that reports all errors, in the order of the file."""
        ordered = sorted(errors, key=lambda error: self._line(self._reported_setting(error)))
        messages = list(dict.fromkeys(self.format(error) for error in ordered))
        if len(messages) > MAX_ERRORS:
            omitted = len(messages) - MAX_ERRORS
            messages[MAX_ERRORS:] = [one_line(f"... and {omitted} more in {self.path}")]
        return StudyError("\n".join(messages))

    def _reported_setting(self, error: SettingError) -> KeyPath:
        present = [setting for setting in error.settings if setting in self.lines]
        return (present or error.settings)[0]

    def _line(self, setting: KeyPath) -> int:
        """Line of a setting, or of the innermost table that would contain it."""
        while setting and setting not in self.lines:
            setting = setting[:-1]
        return self.lines[setting] if setting else 1


def dotted_name(setting: KeyPath) -> str:
    """Name of a setting without list indices: the line number identifies the element."""
    return ".".join(shorten(key) for key in setting if isinstance(key, str))


Schema = dict[str, Any]
"""A JSON schema as pydantic generates it from a model."""


def key_path(detail: ErrorDetails) -> KeyPath:
    """Setting that a pydantic error refers to, without the tag of the `models` union."""
    keys = detail["loc"]
    return keys[:3] + keys[4:] if keys[0] == "models" else keys


def setting_error(schema: Schema, detail: ErrorDetails) -> SettingError:
    """Translate a pydantic error.

    Args:
        schema: of the whole study.
        detail: one of `ValidationError.errors()`.
    """
    keys = key_path(detail)
    if detail["type"] == "extra_forbidden":
        return SettingError(_unknown_setting(schema, keys), (keys,))
    setting = _schema_at(schema, keys)
    expected = describe_allowed(schema, setting)
    if detail["type"] == "missing":
        return SettingError(f"missing; expected {expected}", (keys,))
    if detail["type"] == "finite_number":
        expected = expected.replace("a number", "a finite number")
    value = detail["input"]
    is_choice = isinstance(value, str) and "enum" in setting
    hint = did_you_mean(value, setting["enum"]) if is_choice else ""
    return SettingError(f"expected {expected}, got {format_value(value)}{hint}", (keys,))


def format_value(value: object) -> str:
    """Format a TOML value on one line, close to how it was written."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{shorten(value)}"'
        case dict():
            return "a table" if value else "an empty table"
        case list():
            return shorten(f"[{', '.join(map(format_value, value[:20]))}]")
        case datetime.date() | datetime.time():
            return f"the date or time {value.isoformat()}"
        case int() if abs(value) >= 10**20:
            return "a number with more than 20 digits"
        case _:
            return shorten(str(value))


def describe_allowed(schema: Schema, setting: Schema) -> str:
    """Describe the values that a setting accepts, such as "a whole number from 1 to 100".

    Args:
        schema: of the whole study, to resolve references.
        setting: schema of the setting.
    """
    options = _options(schema, setting)
    if len(options) > 1:
        return " or ".join(describe_allowed(schema, option) for option in options)
    [setting] = options
    if "enum" in setting:
        return "one of " + ", ".join(f'"{option}"' for option in setting["enum"])
    match setting.get("type"):
        case "integer":
            return "a whole number" + _format_range(setting)
        case "number":
            return "a number" + _format_range(setting)
        case "boolean":
            return "true or false"
        case "array":
            items = describe_allowed(schema, setting["items"])
            return f"a {'non-empty ' if setting.get('minItems') else ''}list, each item {items}"
        case "object":
            names = setting.get("properties")
            return f"a table with {', '.join(names)}" if names else "a list of sizes per family"
    if setting.get("format") == "date":
        return "a date without quotes, such as 2026-01-31"
    if setting.get("format") == "path":
        return "a path in quotes"
    if setting.get("format") == "uri":
        return (
            'a URL in quotes, such as "https://example.org" '
            f'(at most {setting["maxLength"]} characters, no spaces, none of "<>^`{{|}}\\)'
        )
    return ("non-empty " if setting.get("minLength") else "") + "text in quotes"


def _unknown_setting(schema: Schema, keys: KeyPath) -> str:
    """Message for a name that its table does not have, with the likeliest correction."""
    name, table = str(keys[-1]), keys[:-1]
    known = [
        setting
        for option in _options(schema, _schema_at(schema, table))
        for setting in option.get("properties", {})
    ]
    hint = did_you_mean(name, known)
    if not hint and (tables := [keys[:-1] for keys in _all_settings(schema) if keys[-1] == name]):
        places = [f"in [{dotted_name(keys)}]" if keys else "at the top" for keys in sorted(tables)]
        hint = f"; it belongs {' or '.join(places)}"
    return f"unknown setting{hint} (known here: {', '.join(known)})"


def _all_settings(schema: Schema) -> list[KeyPath]:
    """All tables, and all settings outside lists."""
    found: list[KeyPath] = []
    pending: list[KeyPath] = [()]
    while pending:
        table = pending.pop()
        for name, setting in _schema_at(schema, table).get("properties", {}).items():
            found.append((*table, name))
            if "properties" in _resolve(schema, setting):
                pending.append((*table, name))
    return found


def _schema_at(schema: Schema, keys: KeyPath) -> Schema:
    """Schema of the setting at `keys`."""
    setting = schema
    for key in keys:
        for option in _options(schema, setting):
            if isinstance(key, int) and "items" in option:
                setting = option["items"]
            elif key in option.get("properties", {}):
                setting = option["properties"][key]
            elif "additionalProperties" in option and "properties" not in option:
                setting = option["additionalProperties"]
    return _resolve(schema, setting)


def _options(schema: Schema, setting: Schema) -> list[Schema]:
    """Alternatives of a setting without null, which TOML cannot state."""
    setting = _resolve(schema, setting)
    options = setting.get("anyOf") or setting.get("oneOf") or [setting]
    return [_resolve(schema, option) for option in options if option.get("type") != "null"]


def _resolve(schema: Schema, setting: Schema) -> Schema:
    """Follow `$ref`."""
    while "$ref" in setting:
        setting = schema["$defs"][setting["$ref"].rpartition("/")[2]]
    return setting


def _format_range(setting: Schema) -> str:
    low, high = setting.get("minimum"), setting.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    bounds = {
        "exclusiveMinimum": "above",
        "minimum": "of at least",
        "exclusiveMaximum": "below",
        "maximum": "at most",
    }
    stated = [f"{word} {setting[name]}" for name, word in bounds.items() if name in setting]
    return f" {' and '.join(stated)}" if stated else ""
