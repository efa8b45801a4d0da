"""Find the music files in a user's folder."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import StudyError
from pipeline.file_names import composed
from pipeline.music_folder.endings import is_music
from pipeline.music_folder.layout import LAYOUT_HINT, TABLE_HINT, misplaced

BUILT = frozenset({"cache", "encoded", "results", "site", "wandb"})
"""What the commands write into an output folder, and may replace or delete there."""

SYSTEM_FOLDERS = frozenset({"@eaDir", "__MACOSX", "$RECYCLE.BIN", "lost+found"})
"""What operating systems and network drives keep beside files."""

OUTPUT_MARKS = (".study", "cache/.lock")
"""Files that show that a folder is the output folder of a build."""


@dataclass(frozen=True)
class Music:
    """The music files of a folder, as sorted POSIX paths relative to it.

    `genres` has the genre of each of `files`; None if it is the file's first folder. `left_out`
    maps the files that have no genre to the kind of fault: "outside" of the folders of genres, or
    "no_genre" in the table. `unmatched` is the number of the table's rows of other files.
    """

    files: list[str] = field(default_factory=list)
    genres: dict[str, str] | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    unmatched: int = 0

    def genre(self, file: str) -> str:
        """Genre of one of `files`; names that differ only in how accents are composed are one."""
        return composed(file.partition("/")[0]) if self.genres is None else self.genres[file]


def find_music(folder: Path, out: Path | None = None) -> Music:
    """The music under `folder/GENRE/`; see `list_music`.

    Raises:
        StudyError: also if no folder of a genre has music, or the folders are plainly no genres.
    """
    found = list_music(folder, out)
    files = [file for file in found if "/" in file]
    outside = {file: "outside" for file in found if "/" not in file}
    if len(outside) > len(files):
        raise StudyError(
            f"{folder}: {len(outside)} of {len(found)} music files are outside genre folders; "
            f"{LAYOUT_HINT}, or {TABLE_HINT}"
        )
    if problem := misplaced(folder, files):
        raise StudyError(problem)
    return Music(files, None, outside)


def list_music(folder: Path, out: Path | None = None) -> list[str]:
    """All music files of a folder, at any depth, as sorted POSIX paths relative to it.

    Skips hidden files and folders, endings that say neither sound nor video, what builds have
    written, and anything that is not a regular file (reading a pipe would block). Links to folders
    are followed, but no folder is visited twice.

    Args:
        folder: the music.
        out: output folder of this build; those of others are recognised by their content.

    Raises:
        StudyError: the folder is missing or has no music, a folder in it cannot be listed, or the
            build would overwrite the music.
    """
    if os.path.isfile(folder):
        raise StudyError(f"{folder}: is a file; {LAYOUT_HINT}")
    if not os.path.isdir(folder):
        raise StudyError(f"{folder}: no such folder; {LAYOUT_HINT}")
    if is_built(folder, out) or _is_same(folder, out):
        raise StudyError(
            f"{folder}: builds write into this folder; move the music elsewhere, or choose another "
            "folder with --out"
        )
    found = sorted(path.relative_to(folder).as_posix() for path in _walk(folder, out))
    if not found:
        raise StudyError(f"{folder}: no music files; {LAYOUT_HINT}")
    return found


def is_built(path: Path, out: Path | None) -> bool:
    """True if a path leads to what a build has written, or will write into `out`."""
    real = Path(os.path.realpath(path))
    return any(
        child.name in BUILT and _is_output(child.parent, out) for child in (real, *real.parents)
    )


def _is_output(folder: Path, out: Path | None) -> bool:
    marked = any((folder / mark).is_file() for mark in OUTPUT_MARKS)
    return marked or _is_same(folder, out)


def _is_same(folder: Path, out: Path | None) -> bool:
    return out is not None and os.path.realpath(folder) == os.path.realpath(out)


def _walk(folder: Path, out: Path | None) -> Iterator[Path]:
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
            if entry.name.startswith(".") or entry.name in SYSTEM_FOLDERS:
                continue
            if (entry.is_symlink() or entry.name in BUILT) and is_built(path, out):
                continue
            if os.path.isdir(path):
                links.append(path) if entry.is_symlink() else folders.append(path)
            elif _is_readable(path) and is_music(path):
                yield path


def _is_readable(path: Path) -> bool:
    """True for a regular file, and for a broken link, which becomes a fault when it is read."""
    return os.path.isfile(path) or not os.path.exists(path)
