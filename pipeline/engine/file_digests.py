"""SHA-256 of the user's files, cached by size, times and inode."""

import errno
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.engine.progress import report_progress

UNREADABLE = "unreadable: "
"""Beginning of the digest of a file that cannot be read."""

UNKNOWN_FORMAT = "unknown format: "
"""Beginning of the digest of a large file in a format that no step can read."""

LARGE_BYTES = 1 << 24
"""Smaller files are hashed in a few milliseconds, without asking for their format."""

HEADER_BYTES = 1 << 16
"""Length of what is hashed of a large file in an unknown format."""

BLOCK_BYTES = 1 << 22
"""Bytes read between two reports of progress."""

SAVE_SECONDS = 5.0
"""Time between two saves of the index: what a killed process hashed in it is hashed again."""

RECENT_NS = 2 * 10**9
"""Age below which a file may be written again without a change of its times, which are counted in
clock ticks, and on FAT in 2 s; git's "racy" entries."""

Stamp = list[int]
"""Size, mtime, ctime and inode of a file."""


def content_digest(file: BinaryIO, advance: Callable[[int], None] = lambda count: None) -> str:
    """Digest of an open file.

    Args:
        advance: called with the number of bytes of each block that was read.
    """
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
        advance(len(block))
    return digest.hexdigest()


def has_digest(file: BinaryIO, digest: str) -> bool:
    """True if an open file has a digest that `digests` returned."""
    unknown = digest.startswith(UNKNOWN_FORMAT)
    return digest == (_header_digest(file) if unknown else content_digest(file))


def digests(
    folder: Path,
    files: Iterable[str],
    index: Path,
    is_known_format: Callable[[Path], bool] = lambda path: True,
) -> dict[str, str]:
    """Return the SHA-256 of each file of `folder`, by relative path.

    A file whose size, mtime, ctime and inode match `index` is not read again. One that was written
    in the last 2 s is not added to it: its times might not tell that it is written once more. A
    file that cannot be read gets the digest `UNREADABLE` and the reason; the step that reads it
    reports the error. A large file in an unknown format, which the step will reject because of its
    header, gets `UNKNOWN_FORMAT` and a digest of its header and size. Progress is reported in
    bytes.

    Args:
        index: a JSON file that caches digests between calls; rewritten if it changes, now and
            then and when the call is interrupted.
        is_known_format: whether a step can read a file, as its header tells.

    Raises:
        OSError: this process has too many open files.
    """
    known = _read_index(index)
    before = dict(known)
    found: dict[str, str] = {}
    stale: dict[str, Stamp] = {}
    recent: set[str] = set()

    def keep(file: str, stamp: Stamp) -> None:
        if file not in recent:
            known[str(folder / file)] = [*stamp, found[file]]

    for file in files:
        path = folder / file
        try:
            status = path.stat()
            stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
            if any(abs(time.time_ns() - changed) < RECENT_NS for changed in stamp[1:3]):
                recent.add(file)
            *known_stamp, digest = known.get(str(path), [""])
            found[file] = digest  # keeps the order of `files`
            if known_stamp == stamp:
                continue
            if stamp[0] < LARGE_BYTES or is_known_format(path):
                stale[file] = stamp
            else:
                with path.open("rb") as stream:
                    found[file] = _header_digest(stream)
                keep(file, stamp)
        except OSError as error:
            found[file] = _unreadable(error)
    done, total, saved = 0, sum(size for size, *_ in stale.values()), time.monotonic()

    def advance(count: int) -> None:
        nonlocal done
        done += count
        report_progress(done, max(done, total), f"{done / 1e9:.1f} of {total / 1e9:.1f} GB")

    try:
        for file, stamp in stale.items():
            path = folder / file
            try:
                with path.open("rb") as stream:
                    found[file] = content_digest(stream, advance)
                keep(file, stamp)
            except OSError as error:
                found[file] = _unreadable(error)
            if time.monotonic() - saved > SAVE_SECONDS:
                _write_index(index, known)
                saved = time.monotonic()
    finally:
        if known != before:
            _write_index(index, known)
    return found


def _unreadable(error: OSError) -> str:
    if error.errno in (errno.EMFILE, errno.ENFILE):  # not a fault of the file
        raise error
    return f"{UNREADABLE}{error.strerror}"


def _header_digest(file: BinaryIO) -> str:
    header = file.read(HEADER_BYTES)
    digest = hashlib.sha256(header).hexdigest()
    return f"{UNKNOWN_FORMAT}{digest} {file.seek(0, os.SEEK_END)}"


def _read_index(index: Path) -> dict[str, list[Any]]:
    """Stamp and digest of each file, by path; empty if there is no index or it is damaged."""
    try:
        digest, known = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return {}
    return known if digest == _index_digest(known) else {}


def _write_index(index: Path, known: dict[str, list[Any]]) -> None:
    draft = index.with_suffix(f".{os.getpid()}")
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps([_index_digest(known), known]), encoding="utf-8")
        os.replace(draft, index)
    except OSError:  # not cached: the files are read again next time
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _index_digest(known: object) -> str:
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()
