"""A built site as a zip file."""

import os
import zipfile
from pathlib import Path

from report.errors import ReportError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can state: the same site gives the same bytes."""


def write_zip(site: Path, file: Path) -> None:
    """Write the site as a zip file; the file is whole or not there.

    Raises:
        ReportError: it cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in site.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(site).as_posix(), EPOCH)
                entry.external_attr = 0o644 << 16
                # Sound is compressed already.
                stored = path.suffix in (".flac", ".mp3", ".woff2", ".pdf")
                entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ReportError(f"{file}: cannot be written ({error.strerror})") from None
