"""Find the music files in a user's folder."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from pipeline.audio.decoder_warnings import mute_decoder
from pipeline.errors import StudyError

AUDIO_SUFFIXES = frozenset(
    ".wav .flac .mp3 .ogg .oga .opus .aif .aiff .aifc .au .caf .w64 .m4a .aac .wma".split()
)
"""File extensions considered music; files that libsndfile cannot decode are reported as faults."""


UNKNOWN_FORMAT = 1
"""libsndfile's code of a file whose format its header does not tell."""

LAYOUT_HINT = "data.path must be a folder with one subfolder per genre"

BUILT = frozenset({"cache", "encoded", "results", "site", "wandb"})
"""What the commands write into an output folder, and may replace or delete there."""

OUTPUT_MARKS = (".study", "cache/.lock")
"""Files that show that a folder is the output folder of a build."""


def find_music(folder: Path, out: Path | None = None) -> list[str]:
    """List music files under `folder/GENRE/`, as sorted POSIX paths relative to `folder`.

    Skips hidden files and folders, other extensions, what builds have written, and anything that
    is not a regular file (reading a pipe would block). Links to folders are followed, but no
    folder is visited twice.

    Args:
        folder: the music.
        out: output folder of this build; those of others are recognised by their content.

    Raises:
        StudyError: the folder is missing, a folder in it cannot be listed, no genre has music, or
            the build would overwrite the music.
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
    found = [path.relative_to(folder).as_posix() for path in _walk(folder, out)]
    files = sorted(file for file in found if "/" in file)
    if not files:
        problem = f"{len(found)} music files outside genre folders" if found else "no music files"
        raise StudyError(f"{folder}: {problem}; {LAYOUT_HINT}")
    return files


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


def is_known_format(file: Path) -> bool:
    """False if libsndfile rejects a file because of its header.

    It recognises a format within milliseconds, in files of any size.

    Raises:
        OSError: the file cannot be opened.
    """
    import soundfile  # imports NumPy, which is slow

    with file.open("rb") as opened, mute_decoder():
        try:
            soundfile.SoundFile(opened.fileno(), closefd=False).close()
        except soundfile.LibsndfileError as error:
            return bool(error.code != UNKNOWN_FORMAT)
        except RuntimeError:
            return True  # the step that reads it tells what is wrong
    return True


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
            if entry.name.startswith("."):
                continue
            if (entry.is_symlink() or entry.name in BUILT) and is_built(path, out):
                continue
            if os.path.isdir(path):
                links.append(path) if entry.is_symlink() else folders.append(path)
            elif path.suffix.lower() in AUDIO_SUFFIXES and _is_readable(path):
                yield path


def _is_readable(path: Path) -> bool:
    """True for a regular file, and for a broken link, which becomes a fault when it is read."""
    return os.path.isfile(path) or not os.path.exists(path)
