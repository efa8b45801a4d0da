"""Find the music files in a user's folder."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import StudyError

AUDIO_SUFFIXES = frozenset(
    ".wav .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .au .caf .w64 .m4a .aac .wma".split()
)
"""File extensions considered music; files that libsndfile cannot decode are reported as faults."""


LAYOUT_HINT = "data.path must be a folder with one subfolder per genre"


def find_music(folder: Path) -> list[str]:
    """List music files under `folder/GENRE/`, as sorted POSIX paths relative to `folder`.

    Skips hidden files and folders, other extensions, and anything that is not a regular file
    (reading a pipe would block). Links to folders are followed, but no folder is visited twice.

    Raises:
        StudyError: the folder is missing, a folder in it cannot be listed, or no genre has music.
    """
    if os.path.isfile(folder):
        raise StudyError(f"{folder}: is a file; {LAYOUT_HINT}")
    if not os.path.isdir(folder):
        raise StudyError(f"{folder}: no such folder; {LAYOUT_HINT}")
    found = [path.relative_to(folder).as_posix() for path in _walk(folder)]
    files = sorted(file for file in found if "/" in file)
    if not files:
        problem = f"{len(found)} music files outside genre folders" if found else "no music files"
        raise StudyError(f"{folder}: {problem}; {LAYOUT_HINT}")
    return files


def _walk(folder: Path) -> Iterator[Path]:
    """Music files in a folder, at any depth; links to folders are followed last."""
    seen: set[tuple[int, int]] = set()
    folders, links = [folder], deque[Path]()
    while folders or links:
        current = folders.pop() if folders else links.popleft()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            raise StudyError(
                f"{current}: cannot list this folder ({error.strerror}); make it readable or move "
                "it out of the music folder"
            ) from None
        for entry in entries:
            path = current / entry.name
            if entry.name.startswith("."):
                continue
            if os.path.isdir(path):
                links.append(path) if entry.is_symlink() else folders.append(path)
            elif path.suffix.lower() in AUDIO_SUFFIXES and _is_readable(path):
                yield path


def _is_readable(path: Path) -> bool:
    """True for a regular file, and for a broken link, which becomes a fault when it is read."""
    return os.path.isfile(path) or not os.path.exists(path)
