"""Check that the files a study names exist, and its limits, before anything is computed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import StudyError, did_you_mean
from pipeline.file_names import composed
from pipeline.music_folder.genre_table import TableError, genres_from_table
from pipeline.music_folder.layout import TABLE_HINT
from pipeline.music_folder.scan import Music, find_music, is_built, list_music
from pipeline.settings.error_messages import SettingError
from pipeline.settings.schema import Study
from pipeline.settings.toml_lines import KeyPath

MIN_FILES = 3
"""One each for training, validation and test."""


def check_paths(study: Study, demo_genres: Sequence[str], out: Path | None = None) -> Music:
    """Find the study's music files; none for the embedded music.

    Args:
        study: with absolute paths, as `load_study` returns it.
        demo_genres: genres of the embedded music.
        out: output folder of the build; what builds write is never their music.

    Raises:
        StudyError: files are missing or limits are exceeded; one line per error.
    """
    errors: list[SettingError] = []
    music = Music(
        [
            f"{genre}/{genre}.{index:05d}.flac"
            for genre in demo_genres
            for index in range(study.data.demo_clips)
        ]
    )
    if study.data.path is not None:
        try:
            music = _find_music(study, study.data.path, out)
        except TableError as error:
            errors.append(SettingError(str(error), (("data", error.setting),)))
        except StudyError as error:
            hint = _similar_name(study.data.path)
            errors.append(SettingError(f"{error}{hint}", (("data", "path"),)))
    if not errors:
        errors += [*_check_amount(study, music), *_check_selection(study, music)]
    errors += [*_check_new_songs(study, out), *_check_report_files(study), *_check_answers(study)]
    if errors:
        raise study.to_study_error(errors)
    return music if study.data.path is not None else Music()


def _find_music(study: Study, path: Path, out: Path | None) -> Music:
    """The user's music, with genres by folder or from the study's table.

    Raises:
        StudyError: it cannot be used.
    """
    data = study.data
    if data.table is None or data.file_column is None or data.genre_column is None:
        return find_music(path, out)
    files = list_music(path, out)
    for error in _check_file(data.table, ("data", "table")):
        raise TableError(error.message)
    return genres_from_table(data.table, data.file_column, data.genre_column, files)


def _check_amount(study: Study, music: Music) -> Iterator[SettingError]:
    """Too much music, or too little."""
    data, files = study.data, len(music.files)
    setting: KeyPath = ("data", "path") if data.path is not None else ("data", "demo_clips")
    if files < MIN_FILES:
        others = f" with a genre, and {len(music.left_out)} without" if music.left_out else ""
        yield SettingError(
            f"found {files} music files{others}; a study needs at least {MIN_FILES}, for training, "
            "validation and test",
            (setting,),
        )
    where = "folders with music" if data.table is None else f"in column {data.genre_column}"
    hint = "" if data.path is None or data.table else f"; if these are not genres, {TABLE_HINT}"
    for limit, unit, found, otherwise in (
        ("genres", f"genres ({where})", len(_genres(music)), hint),
        ("clips", "files", files, ""),
    ):
        maximum: int = getattr(study.limits, limit)
        if found > maximum:
            yield SettingError(
                f"found {found} {unit}, more than limits.{limit} ({maximum}); use fewer, or raise "
                f"limits.{limit}{otherwise}",
                (setting, ("limits", limit)),
            )


def _check_selection(study: Study, music: Music) -> Iterator[SettingError]:
    """Check that the featured genre and song exist. Whether the song is in the test set is only
    known to the step `featured`."""
    genre, song = study.report.genre, study.report.song
    if genre is not None and genre not in (genres := _genres(music)):
        listed = ", ".join(genres[:12]) + (", ..." if len(genres) > 12 else "")
        yield SettingError(
            f'no genre "{genre}" in the music (genres: {listed}){did_you_mean(genre, genres)}',
            (("report", "genre"),),
        )
    names = [composed(file) for file in music.files]
    known = dict.fromkeys([name.rpartition(".")[0] for name in names] + names)
    form = "GENRE/FILE" if music.genres is None else "the path of a file"
    if song is not None and song not in known and song.rpartition("@")[0] not in known:
        yield SettingError(
            f'no clip "{song}" in the music; give {form} without the file extension'
            f"{did_you_mean(song, known)}",
            (("report", "song"),),
        )


def _genres(music: Music) -> list[str]:
    return sorted({music.genre(file) for file in music.files})


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


def _check_answers(study: Study) -> Iterator[SettingError]:
    if (answers := study.listening.answers) is None:
        return
    try:
        os.listdir(answers)
    except NotADirectoryError:
        problem = "is a file; expected a folder"
    except FileNotFoundError:
        problem = f"no such folder{_similar_name(answers)}"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    else:
        return
    yield SettingError(f"{answers}: {problem}", (("listening", "answers"),))


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
