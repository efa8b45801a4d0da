"""Names of files: which of a user's folder are music, and which a result may have."""

import os
import re
import unicodedata
from pathlib import Path

from pipeline.study import StudyError

SUFFIXES = frozenset(
    ".wav .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .au .caf .w64 .m4a .aac .wma".split()
)
"""Endings taken for music; what libsndfile cannot decode of these is reported as a fault."""


def find(folder: Path) -> list[str]:
    """Files of music under `folder/GENRE/`, as POSIX paths relative to `folder`, sorted.

    Hidden files, what no audio ending marks, and what is no file (a pipe would never end) are
    passed over. Links to folders are not followed, so no loop of links can catch the walk.

    Raises:
        StudyError: the folder is missing, a folder in it cannot be listed, or it holds no genre
            with music.
    """
    if folder.exists() and not folder.is_dir():
        raise StudyError(f"{folder}: is a file; data.path needs a folder with one a genre")
    if not folder.is_dir():
        raise StudyError(f"{folder}: no such folder; data.path needs a folder with one a genre")
    files = sorted(
        (Path(root) / name).relative_to(folder).as_posix()
        for root, folders, names in os.walk(folder, onerror=_unlistable)
        if root != str(folder)
        for name in names
        if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        if _may_be_read(Path(root, name))
    )
    if not files:
        raise StudyError(f"{folder}: no music in it; data.path needs a folder with one a genre")
    return files


def _unlistable(error: OSError) -> None:
    raise StudyError(
        f"{error.filename}: this folder cannot be listed ({error.strerror}); give yourself the "
        "right to read it, or move it out of the music"
    )


def _may_be_read(path: Path) -> bool:
    """Whether a path is a file, or a broken link, which is reported as a fault later."""
    return path.is_file() or not path.exists()


def slug(name: str) -> str:
    """A name for files and addresses: lower-case ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "x"
