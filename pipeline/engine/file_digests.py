"""Content of the user's files as digests, with a quick path for files not touched since."""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def digests(folder: Path, files: Iterable[str], index: Path) -> dict[str, str]:
    """SHA-256 of each file of `folder`, by its relative path.

    A file whose size, times of change and inode are those in `index` is not read again.
    Unreadable files have the digest "unreadable": the step that reads them tells why.

    Args:
        index: a JSON file that remembers digests between calls; rewritten when it changes.
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
        except OSError:  # what cannot be remembered is read again the next time
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    return result
