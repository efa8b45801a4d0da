"""Read files of the user whose digest is part of a step's key."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.control_characters import one_line
from pipeline.engine.file_digests import has_digest
from pipeline.errors import StudyError


@contextmanager
def open_unchanged(path: Path, digest: str) -> Iterator[BinaryIO]:
    """Open a file, and check at the end of the block that it has not changed since it was hashed.

    It is hashed after the block: what cannot be read to its end is an error of the disk, even if
    a decoder took it for the end of the file.

    Args:
        digest: of the content on which the step's key depends; see `file_digests.digests`.

    Raises:
        StudyError: the file cannot be read, or its content is not the expected one.
    """
    with open_file(path) as file:
        before = _stamp(os.fstat(file.fileno()))
        try:
            yield file
        except Exception:
            _check(path, file, before, digest)  # a change explains the error
            raise
        _check(path, file, before, digest)


def open_file(path: Path) -> BinaryIO:
    """Open a file without a buffer: its descriptor may be read too.

    Raises:
        StudyError: it cannot be opened.
    """
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise cannot_be_read(path, error) from None


def cannot_be_read(path: object, why: OSError | str) -> StudyError:
    """Return a one-line error: the disk or the permissions are at fault, not the content."""
    reason = why if isinstance(why, str) else why.strerror or str(why)
    return StudyError(
        f"{one_line(str(path))}: cannot be read ({reason}); check the file, its permissions and "
        "its disk, then run the same command again"
    )


def _check(path: Path, file: BinaryIO, before: tuple[int, ...], digest: str) -> None:
    try:
        file.seek(0)
        unchanged = has_digest(file, digest) and _stamp(os.stat(path)) == before
    except OSError as error:
        raise cannot_be_read(path, error) from None
    if not unchanged:
        raise StudyError(
            f"{one_line(str(path))}: changed while the build was running; run the same command "
            "again"
        ) from None


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
