"""Names of files: which of a user's folder are music, and which a result may have."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import StudyError

SUFFIXES = frozenset(
    ".wav .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .au .caf .w64 .m4a .aac .wma".split()
)
"""Endings taken for music; what libsndfile cannot decode of these is reported as a fault."""


def find(folder: Path) -> list[str]:
    """Files of music under `folder/GENRE/`, as POSIX paths relative to `folder`, sorted.

    Hidden files and folders, what no audio ending marks, and what is no file (a pipe would never
    end) are passed over. Links to folders are followed, each folder once, so no loop of links
    can catch the walk.

    Raises:
        StudyError: the folder is missing, a folder in it cannot be listed, or it holds no genre
            with music.
    """
    if os.path.isfile(folder):
        raise StudyError(f"{folder}: is a file; data.path needs a folder with one a genre")
    if not os.path.isdir(folder):
        raise StudyError(f"{folder}: no such folder; data.path needs a folder with one a genre")
    found = [path.relative_to(folder).as_posix() for path in _walk(folder)]
    files = sorted(file for file in found if "/" in file)
    if not files:
        loose = (
            f"its {len(found)} files of music lie in no genre's folder"
            if found
            else "no music in it"
        )
        raise StudyError(f"{folder}: {loose}; data.path needs a folder with one a genre")
    return files


def _walk(folder: Path) -> Iterator[Path]:
    """Files of music in a folder, at any depth; in folders that links lead to, last."""
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
                f"{current}: this folder cannot be listed ({error.strerror}); give yourself the "
                "right to read it, or move it out of the music"
            ) from None
        for entry in entries:
            path = current / entry.name
            if entry.name.startswith("."):
                continue
            if os.path.isdir(path):
                links.append(path) if entry.is_symlink() else folders.append(path)
            elif path.suffix.lower() in SUFFIXES and _may_be_read(path):
                yield path


def _may_be_read(path: Path) -> bool:
    """Whether a path is a file, or a broken link, which is reported as a fault later."""
    return os.path.isfile(path) or not os.path.exists(path)
