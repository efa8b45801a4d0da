"""What a study names must be there, and within its limits, before anything is computed."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.audio.scan import find
from pipeline.data.demo.styles import GENRES
from pipeline.errors import StudyError, nearest
from pipeline.settings.error_messages import SettingError
from pipeline.settings.schema import Study
from pipeline.settings.toml_lines import Keys

FEWEST = 3
"""Files that a study needs: one each for training, validation and test."""


def check_paths(study: Study) -> list[str]:
    """The files of the study's music, relative to its folder; none if it is embedded.

    Raises:
        StudyError: something that the study names is missing, or is more than its limits: all
            of it, a line each.
    """
    errors_found: list[SettingError] = []
    files: list[str] = []
    data = study.data
    if data.path is not None:
        try:
            files = find(data.path)
        except StudyError as error:
            errors_found.append(SettingError(f"{error}{_near(data.path)}", (("data", "path"),)))
    names = files or [
        f"{genre}/{genre}.{index:05d}.flac" for genre in GENRES for index in range(data.demo_clips)
    ]
    if not errors_found:
        errors_found += [*_amounts(study, names), *_chosen(study, names)]
    errors_found += [*_songs(study), *_words(study)]
    if errors_found:
        raise study.settings_error(errors_found)
    return files


def _amounts(study: Study, names: list[str]) -> Iterator[SettingError]:
    """Too much music, or too little."""
    path: Keys = ("data", "path") if study.data.path is not None else ("data", "demo_clips")
    if len(names) < FEWEST:
        yield SettingError(
            f"found {len(names)} files of music; a study needs {FEWEST}, for training, "
            "validation and test",
            (path,),
        )
    for limit, what, found in (
        ("genres", "genres (folders with music)", len(_genres(names))),
        ("clips", "files", len(names)),
    ):
        most: int = getattr(study.limits, limit)
        if found > most:
            yield SettingError(
                f"found {found} {what}, more than limits.{limit} ({most}); study fewer, or raise "
                f"{limit} under [limits]",
                (path, ("limits", limit)),
            )


def _chosen(study: Study, names: list[str]) -> Iterator[SettingError]:
    """A genre or a song that the music does not have. Of a song only the name is known here:
    whether it is of the test set says the step `featured`."""
    genre, song = study.report.genre, study.report.song
    if genre is not None and genre not in (genres := _genres(names)):
        listed = ", ".join(genres[:12]) + (", ..." if len(genres) > 12 else "")
        yield SettingError(
            f'found "{genre}", no genre of the music{nearest(genre, genres)} ({listed})',
            (("report", "genre"),),
        )
    known = dict.fromkeys([name.rpartition(".")[0] for name in names] + names)
    if song is not None and song not in known and song.rpartition("@")[0] not in known:
        yield SettingError(
            f'found "{song}", no clip of the music{nearest(song, known)}; needs GENRE/FILE '
            "without its ending",
            (("report", "song"),),
        )


def _genres(names: list[str]) -> list[str]:
    return sorted({name.partition("/")[0] for name in names})


def _songs(study: Study) -> Iterator[SettingError]:
    for index, song in enumerate(study.new_songs):
        yield from _file(song.file, ("new_songs", index, "file"))


def _words(study: Study) -> Iterator[SettingError]:
    """Files of the user's own for the report."""
    report = study.report
    for name, path in (("logo", report.logo), ("bibliography", report.bibliography)):
        if path is not None:
            yield from _file(path, ("report", name))
    if report.templates is not None and not os.path.isdir(report.templates):
        settings_error = f"{report.templates}: no such folder{_near(report.templates)}"
        yield SettingError(settings_error, (("report", "templates"),))


def _file(path: Path, place: Keys) -> Iterator[SettingError]:
    if os.path.isdir(path):
        yield SettingError(f"{path}: is a folder; name a file", (place,))
    elif not os.path.isfile(path):
        yield SettingError(f"{path}: no such file{_near(path)}", (place,))


def _near(path: Path) -> str:
    """What stands where a missing path should lead, and is called nearly so."""
    if os.path.lexists(path):
        return ""
    try:
        return nearest(path.name, sorted(os.listdir(path.parent)))
    except OSError:
        return ""
