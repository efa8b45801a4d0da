"""Check that the files a study names exist, and its limits, before anything is computed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.audio.scan import find_music, is_built
from pipeline.errors import StudyError, did_you_mean
from pipeline.settings.error_messages import SettingError
from pipeline.settings.schema import Study
from pipeline.settings.toml_lines import KeyPath

MIN_FILES = 3
"""One each for training, validation and test."""


def check_paths(study: Study, demo_genres: Sequence[str], out: Path | None = None) -> list[str]:
    """List the study's music files, relative to its folder; empty for the embedded music.

    Args:
        study: with absolute paths, as `load_study` returns it.
        demo_genres: genres of the embedded music.
        out: output folder of the build; what builds write is never their music.

    Raises:
        StudyError: files are missing or limits are exceeded; one line per error.
    """
    errors: list[SettingError] = []
    files: list[str] = []
    data = study.data
    if data.path is not None:
        try:
            files = find_music(data.path, out)
        except StudyError as error:
            errors.append(SettingError(f"{error}{_similar_name(data.path)}", (("data", "path"),)))
    names = files or [
        f"{genre}/{genre}.{index:05d}.flac"
        for genre in demo_genres
        for index in range(data.demo_clips)
    ]
    if not errors:
        errors += [*_check_amount(study, names), *_check_selection(study, names)]
    errors += [*_check_new_songs(study, out), *_check_report_files(study)]
    if errors:
        raise study.to_study_error(errors)
    return files


def _check_amount(study: Study, names: list[str]) -> Iterator[SettingError]:
    """Too much music, or too little."""
    setting: KeyPath = ("data", "path") if study.data.path is not None else ("data", "demo_clips")
    if len(names) < MIN_FILES:
        yield SettingError(
            f"found {len(names)} music files; a study needs at least {MIN_FILES}, for training, "
            "validation and test",
            (setting,),
        )
    for limit, unit, found in (
        ("genres", "genres (folders with music)", len(_genres(names))),
        ("clips", "files", len(names)),
    ):
        maximum: int = getattr(study.limits, limit)
        if found > maximum:
            yield SettingError(
                f"found {found} {unit}, more than limits.{limit} ({maximum}); use fewer, or raise "
                f"limits.{limit}",
                (setting, ("limits", limit)),
            )


def _check_selection(study: Study, names: list[str]) -> Iterator[SettingError]:
    """Check that the featured genre and song exist. Whether the song is in the test set is only
    known to the step `featured`."""
    genre, song = study.report.genre, study.report.song
    if genre is not None and genre not in (genres := _genres(names)):
        listed = ", ".join(genres[:12]) + (", ..." if len(genres) > 12 else "")
        yield SettingError(
            f'no genre "{genre}" in the music (genres: {listed}){did_you_mean(genre, genres)}',
            (("report", "genre"),),
        )
    known = dict.fromkeys([name.rpartition(".")[0] for name in names] + names)
    if song is not None and song not in known and song.rpartition("@")[0] not in known:
        yield SettingError(
            f'no clip "{song}" in the music; give GENRE/FILE without the file extension'
            f"{did_you_mean(song, known)}",
            (("report", "song"),),
        )


def _genres(names: list[str]) -> list[str]:
    return sorted({name.partition("/")[0] for name in names})


def _check_new_songs(study: Study, out: Path | None) -> Iterator[SettingError]:
    for index, song in enumerate(study.new_songs):
        setting: KeyPath = ("new_songs", index, "file")
        yield from _check_file(song.file, setting)
        if is_built(song.file, out):
            yield SettingError(
                f"{song.file}: written by a build; copy it to another folder", (setting,)
            )


def _check_report_files(study: Study) -> Iterator[SettingError]:
    report = study.report
    for name, path in (("logo", report.logo), ("bibliography", report.bibliography)):
        if path is not None:
            yield from _check_file(path, ("report", name))
    if report.templates is not None and not os.path.isdir(report.templates):
        message = f"{report.templates}: no such folder{_similar_name(report.templates)}"
        yield SettingError(message, (("report", "templates"),))


def _check_file(path: Path, setting: KeyPath) -> Iterator[SettingError]:
    if os.path.isdir(path):
        yield SettingError(f"{path}: is a folder; expected a file", (setting,))
    elif not os.path.isfile(path):
        yield SettingError(f"{path}: no such file{_similar_name(path)}", (setting,))


def _similar_name(path: Path) -> str:
    """Suffix for a message that suggests the closest sibling of a missing path."""
    if os.path.lexists(path):
        return ""
    try:
        return did_you_mean(path.name, sorted(os.listdir(path.parent)))
    except OSError:
        return ""
