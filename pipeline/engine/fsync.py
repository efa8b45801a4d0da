"""Flush files to the disk before they are renamed into place.

A rename can reach the disk before the content of the renamed files, so that after a power failure
a complete-looking file is empty.
"""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FLUSHES = 8
"""Files flushed at a time: file systems write those together in one go."""


def flush(folder: Path) -> None:
    """Flush a folder and all files and folders in it."""
    with ThreadPoolExecutor(FLUSHES) as pool:
        list(pool.map(flush_one, [*folder.rglob("*"), folder]))


def flush_one(path: Path) -> None:
    """Flush a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # not offered by the file system
            raise
    finally:
        os.close(descriptor)
