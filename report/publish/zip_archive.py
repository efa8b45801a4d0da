"""Writes a built site to a zip file."""

import os
import zipfile
from pathlib import Path

from report.errors import ReportError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Timestamp of every entry, the earliest in the zip format, for reproducible archives."""


def write_zip(site: Path, file: Path) -> None:
    """Write the site to a zip file atomically.

    Raises:
        ReportError: the file cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in site.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(site).as_posix(), EPOCH)
                entry.external_attr = 0o644 << 16
                compressed = path.suffix in (".flac", ".mp3", ".woff2", ".pdf")
                entry.compress_type = zipfile.ZIP_STORED if compressed else zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ReportError(f"{file}: cannot be written ({error.strerror})") from None
