"""Load study.toml and check it; all errors are reported at once, each with its line."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.errors import StudyError
from pipeline.file_names import on_disk
from pipeline.settings.cross_checks import cross_check
from pipeline.settings.error_messages import (
    SettingError,
    SettingsFile,
    format_value,
    key_path,
    setting_error,
)
from pipeline.settings.schema import SettingsTable, Study
from pipeline.settings.toml_lines import KeyPath, key_lines

MAX_FILE_BYTES = 1_000_000
"""Size limit of a study's file; the embedded study has about 3,000 bytes."""

HINTS = {
    "Invalid value": "give a value: text in quotes, true or false in lower case, decimals as 0.5",
    "Expected newline": "write one setting per line, decimals as 0.5 (not 0,5), comments after #",
    "Invalid statement": "write name = value or [table]; names have no spaces or accents",
    "Expected '=' after": "write name = value; names have no spaces or accents",
    "Cannot overwrite": "this setting is defined twice; delete one",
    "Cannot declare": "this table is defined twice; merge the two",
    "Cannot mutate": "this table or list is defined twice; merge the two",
    "Duplicate inline table": "this setting is defined twice; delete one",
    "Unclosed array": "close the list with ]",
    "Unterminated string": "close the quotes",
    "Illegal character": "close the quotes on the same line",
    "Unescaped '\\'": "write \\\\ for \\ in double quotes, or use single quotes",
    "a number with thousands": "no setting needs so large a number",
    "Expected ']": "close the table name with ]",
}
"""How to fix what `tomllib` reports, by the beginning of its message."""


def load_study(path: Path) -> Study:
    """Load and check `study.toml`; relative paths in it are relative to its folder.

    Raises:
        StudyError: the file is missing, is not TOML, or has invalid settings; one line per
            error, with the file's line.
    """
    path = on_disk(path)
    text = _read_text(path)
    try:
        study, errors = _validate(_parse(path, text))
    except RecursionError:
        raise StudyError(f"{path}: lists or tables are nested too deeply") from None
    source = SettingsFile(path, key_lines(text))
    if errors:
        raise source.to_study_error(errors)
    study = _with_absolute_paths(study, path.parent)
    study.set_source_file(source)
    return study


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; pass the path of a study's TOML file") from None
    except IsADirectoryError:
        raise StudyError(f"{path}: is a folder; pass the path of a study's TOML file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StudyError(f"{path}: cannot be read ({reason})") from None
    if len(content) > MAX_FILE_BYTES:
        raise StudyError(f"{path}: larger than {MAX_FILE_BYTES} bytes; this is not a study's file")
    try:
        text = content.decode("utf-8-sig")  # some editors write a byte-order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} is not UTF-8; save the file as "
            "UTF-8 in your editor"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # invalid TOML, or an integer with thousands of digits
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        reason = str(error)[: at.start()] if at else str(error)
        if long := re.search(r"[0-9a-f_]{4000,}", text):
            at, reason = None, "a number with thousands of digits"
        end = long.start() if long else len(text.rstrip())
        line = int(at[1]) if at and at[1] else text.count("\n", 0, end) + 1
        stated = text.split("\n")[line - 1].strip()
        hints = [hint for start, hint in HINTS.items() if reason.startswith(start)]
        raise StudyError(
            f"{path}:{line}: invalid TOML: {format_value(stated)} "
            f"({reason[0].lower()}{reason[1:]}); {hints[0] if hints else 'see toml.io'}"
        ) from None


def _validate(settings: dict[str, Any]) -> tuple[Study, list[SettingError]]:
    """The study, with defaults in place of invalid settings, and all errors."""
    invalid: set[KeyPath] = set()
    errors: list[SettingError] = []
    while True:
        kept: dict[KeyPath, list[int]] = {}
        try:
            study = Study.model_validate(_without(settings, invalid, (), kept))
        except ValidationError as error:
            details = error.errors()
            if not invalid:  # later errors are artefacts of removed keys
                schema = Study.model_json_schema()
                errors = [setting_error(schema, detail) for detail in details]
            for detail in details:
                keys = _original_path(key_path(detail), kept)
                keys = keys[:-1] if detail["type"] == "missing" else keys
                invalid.add(keys[:3] if keys[0] == "models" else keys)  # drop whole models
            continue
        for conflict in cross_check(study, invalid):
            involved = tuple(_original_path(keys, kept) for keys in conflict.settings)
            errors.append(SettingError(conflict.message, involved))
        return study, errors


def _without(
    value: Any, invalid: set[KeyPath], keys: KeyPath, kept: dict[KeyPath, list[int]]
) -> Any:
    """Copy settings without the invalid ones; `kept` receives the indices left in each list."""
    if isinstance(value, dict):
        return {
            name: _without(inner, invalid, (*keys, name), kept)
            for name, inner in value.items()
            if (*keys, name) not in invalid
        }
    if isinstance(value, list):
        kept[keys] = [index for index in range(len(value)) if (*keys, index) not in invalid]
        return [_without(value[index], invalid, (*keys, index), kept) for index in kept[keys]]
    return value


def _original_path(keys: KeyPath, kept: dict[KeyPath, list[int]]) -> KeyPath:
    """Undo the renumbering of list elements by `_without`."""
    found: KeyPath = ()
    for key in keys:
        original = kept[found][key] if isinstance(key, int) and found in kept else key
        found = (*found, original)
    return found


def _with_absolute_paths(study: Study, folder: Path) -> Study:
    """Resolve the study's paths; relative ones start at `folder`."""

    def absolute(stated: Path) -> Path:
        # os.path, unlike pathlib, does not raise on unknown users and loops of links.
        return Path(os.path.realpath(on_disk(folder / os.path.expanduser(stated))))

    def absolute_paths(table: SettingsTable, *names: str) -> dict[str, Path]:
        stated = {name: getattr(table, name) for name in names}
        return {name: absolute(path) for name, path in stated.items() if path is not None}

    report = absolute_paths(study.report, "logo", "templates", "bibliography")
    songs = [
        # Keep the file's own name if it is a link: the song is named after it.
        song.model_copy(update={"file": on_disk(absolute(song.file.parent) / song.file.name)})
        for song in study.new_songs
    ]
    return study.model_copy(
        update={
            "data": study.data.model_copy(update=absolute_paths(study.data, "path", "table")),
            "new_songs": songs,
            "listening": study.listening.model_copy(
                update=absolute_paths(study.listening, "answers")
            ),
            "report": study.report.model_copy(update=report),
        }
    )
