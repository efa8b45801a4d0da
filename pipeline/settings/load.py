"""From study.toml to a checked study; every mistake is told at once, with the line to mend."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.errors import StudyError
from pipeline.settings.cross_checks import cross_check
from pipeline.settings.error_messages import SettingError, SettingsFile, mistake, place, value
from pipeline.settings.schema import Study
from pipeline.settings.toml_lines import Keys, lines

LARGEST = 1_000_000
"""Bytes that a study's file may have; the embedded one has 3 000."""

HINTS = {
    "Invalid value": "it lacks a value, or text its quotes; true and false are small, decimals 0.5",
    "Expected newline": "one setting a line, decimals with a point (0.5, not 0,5), # for comments",
    "Invalid statement": "a line is name = value, or [table]; names have no spaces and no accents",
    "Expected '=' after": "a line is name = value; names have no spaces and no accents",
    "Cannot overwrite": "this setting stands twice; delete one",
    "Cannot declare": "this table stands twice; join the two",
    "Cannot mutate": "this table or list stands twice; join the two",
    "Duplicate inline table": "this setting stands twice; delete one",
    "Unclosed array": "a list ends with ]",
    "Unterminated string": "text ends with the quotes it begins with",
    "Illegal character": "text ends, in its line, with the quotes it begins with",
    "Unescaped '\\'": "in double quotes write \\\\ for \\, or put the text in single quotes",
    "a number of thousands": "no setting needs that many",
    "Expected ']": "a table's name ends with ]",
}
"""What to do about what `tomllib` finds, by how it tells of it."""


def read(path: Path) -> Study:
    """Read and check `study.toml`; relative paths in it are relative to its folder.

    Raises:
        StudyError: the file is missing, is not TOML, or has wrong settings: all of them are
            told, a line each, with the line of the file to mend.
    """
    text = _text(path)
    try:
        study, errors_found = _checked(_parsed(path, text))
    except RecursionError:
        raise StudyError(f"{path}: lists or tables too deep in each other") from None
    source = SettingsFile(path, lines(text))
    if errors_found:
        raise source.as_error(errors_found)
    study = _placed(study, path.parent)
    study.set_source_file(source)
    return study


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; name the study's TOML file") from None
    except IsADirectoryError:
        raise StudyError(f"{path}: is a folder; name the study's TOML file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StudyError(f"{path}: cannot be read ({reason})") from None
    if len(content) > LARGEST:
        raise StudyError(f"{path}: more than {LARGEST} bytes; that is no study")
    try:
        text = content.decode("utf-8-sig")  # some editors put a mark in front
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StudyError(
            f"{path}:{line}: found a byte that is not UTF-8 (0x{content[error.start]:02x}); save "
            "the file as UTF-8 in your editor"
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # of TOML, or of an integer of thousands of digits
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        reason = str(error)[: at.start()] if at else str(error)
        if long := re.search(r"[0-9a-f_]{4000,}", text):
            at, reason = None, "a number of thousands of digits"
        end = long.start() if long else len(text.rstrip())
        line = int(at[1]) if at and at[1] else text.count("\n", 0, end) + 1
        stated = text.split("\n")[line - 1].strip()
        hints = [hint for start, hint in HINTS.items() if reason.startswith(start)]
        raise StudyError(
            f"{path}:{line}: not TOML: found {value(stated)} ({reason[0].lower()}{reason[1:]})"
            f"; {hints[0] if hints else 'see toml.io'}"
        ) from None


def _checked(settings: dict[str, Any]) -> tuple[Study, list[SettingError]]:
    """The study, with defaults in place of what is wrong, and all that is wrong."""
    broken: set[Keys] = set()
    found: list[SettingError] = []
    while True:
        kept: dict[Keys, list[int]] = {}
        try:
            study = Study.model_validate(_without(settings, broken, (), kept))
        except ValidationError as error:
            wrong = error.errors()
            if not broken:  # what comes later comes of leaving out
                schema = Study.model_json_schema()
                found = [mistake(schema, detail) for detail in wrong]
            for detail in wrong:
                keys = _original(place(detail), kept)
                keys = keys[:-1] if detail["type"] == "missing" else keys
                broken.add(keys[:3] if keys[0] == "models" else keys)  # a model is whole or none
            continue
        for together in cross_check(study, broken):
            places = tuple(_original(keys, kept) for keys in together.places)
            found.append(SettingError(together.message, places))
        return study, found


def _without(stated: Any, broken: set[Keys], keys: Keys, kept: dict[Keys, list[int]]) -> Any:
    """Settings without what is broken; `kept` receives which elements of each list are left."""
    if isinstance(stated, dict):
        return {
            name: _without(inner, broken, (*keys, name), kept)
            for name, inner in stated.items()
            if (*keys, name) not in broken
        }
    if isinstance(stated, list):
        kept[keys] = [index for index in range(len(stated)) if (*keys, index) not in broken]
        return [_without(stated[index], broken, (*keys, index), kept) for index in kept[keys]]
    return stated


def _original(keys: Keys, kept: dict[Keys, list[int]]) -> Keys:
    """Where a setting stood before `_without` left others out."""
    found: Keys = ()
    for key in keys:
        stood = kept[found][key] if isinstance(key, int) and found in kept else key
        found = (*found, stood)
    return found


def _placed(study: Study, folder: Path) -> Study:
    """The study with its paths made absolute, those that are relative from `folder`."""

    def absolute(stated: Path) -> Path:
        # Of os.path, which takes users and loops of links that do not exist for what they are.
        return Path(os.path.realpath(folder / os.path.expanduser(stated)))

    data = study.data
    if data.path is not None:
        data = data.model_copy(update={"path": absolute(data.path)})
    songs = [
        # A song is called what its file is, not what that may be a link to.
        song.model_copy(update={"file": absolute(song.file.parent) / song.file.name})
        for song in study.new_songs
    ]
    places = {
        name: absolute(stated)
        for name in ("logo", "templates", "bibliography")
        if (stated := getattr(study.report, name)) is not None
    }
    report = study.report.model_copy(update=places)
    return study.model_copy(update={"data": data, "new_songs": songs, "report": report})
