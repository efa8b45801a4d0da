"""SHA-256 of the user's files, cached by size, times and inode."""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def digests(folder: Path, files: Iterable[str], index: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of `folder`, by relative path.

    A file whose size, mtime, ctime and inode match `index` is not read again. Unreadable files
    get the digest "unreadable"; the step that reads them reports the error.

    Args:
        index: a JSON file that caches digests between calls; rewritten if it changes.
    """
    try:
        known: dict[str, list[object]] = json.loads(index.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    fresh = dict(known)
    result: dict[str, str] = {}
    for file in files:
        path = folder / file
        try:
            status = path.stat()
            stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
            entry = known.get(str(path))
            if entry is None or entry[:-1] != stamp:
                with path.open("rb") as stream:
                    entry = [*stamp, hashlib.file_digest(stream, "sha256").hexdigest()]
                fresh[str(path)] = entry
            result[file] = str(entry[-1])
        except OSError:
            result[file] = "unreadable"
    if fresh != known:
        draft = index.with_suffix(f".{os.getpid()}")
        try:
            index.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(fresh), encoding="utf-8")
            os.replace(draft, index)
        except OSError:  # not cached: the files are read again next time
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    return result
