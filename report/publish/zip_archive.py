"""Writes a built site to a zip file."""

import contextlib
import os
import zipfile
from pathlib import Path

from pipeline.engine.fsync import flush_one
from report.errors import ReportError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Timestamp of every entry, the earliest in the zip format, for reproducible archives."""


def write_zip(site: Path, file: Path) -> None:
    """Write the site to a zip file atomically.

    Raises:
        ReportError: the file cannot be written, is in the site or would replace something else
            than a regular file.
    """
    if os.path.lexists(file) and (file.is_symlink() or not file.is_file()):
        raise ReportError(f"{file}: exists and is not a regular file; choose another name")
    if file.resolve().is_relative_to(site.resolve()):
        raise ReportError(f"{file}: would become part of the site; choose another folder")
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in site.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(site).as_posix(), EPOCH)
                entry.external_attr = 0o644 << 16
                compressed = path.suffix in (".flac", ".mp3", ".woff2", ".pdf")
                entry.compress_type = zipfile.ZIP_STORED if compressed else zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        flush_one(draft)
        draft.replace(file)
    except OSError as error:
        raise ReportError(f"{file}: cannot be written ({error.strerror})") from None
    finally:
        with contextlib.suppress(OSError):  # such as a name that is too long
            draft.unlink()
