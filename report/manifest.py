"""A record of what a build wrote, so that the next command notices any change in it."""

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from report.checksummed_file import read_sealed, write_sealed

NAME = ".rendered"
"""File in the output folder with the manifest."""


@dataclass(frozen=True)
class Manifest:
    """What PDF, site and results were made from, and their files.

    Attributes:
        sources: digest of everything that the pages were made from.
        files: digest of each file, by path relative to the output folder.
    """

    sources: str
    files: dict[str, str]

    def changes(self, out: Path) -> Iterator[tuple[str, str]]:
        """Yield each file that is not as it was written, and what happened to it."""
        present = _digests(_files(out))
        for name in sorted(self.files.keys() | present.keys()):
            if name not in present:
                yield name, "is missing"
            elif name not in self.files:
                yield name, "was not written by latentes"
            elif present[name] != self.files[name]:
                yield name, "has changed since latentes wrote it"


def read(out: Path) -> Manifest | None:
    """Return the manifest of an output folder; None if there is none or it is damaged."""
    try:
        return Manifest(**json.loads(read_sealed(out / NAME)))
    except (OSError, ValueError):
        return None


def write(out: Path, sources: str, known: Mapping[str, str] | None = None) -> None:
    """Record the files of an output folder.

    Args:
        known: digests of files that are not to be read, by path.
    """
    known = dict(known or {})
    files = {name: path for name, path in _files(out).items() if name not in known}
    manifest = Manifest(sources, _digests(files) | known)
    write_sealed(out / NAME, json.dumps(asdict(manifest), ensure_ascii=False).encode())


def _files(out: Path) -> dict[str, Path]:
    """Return everything but folders that is in the place of PDF, site and results."""
    paths = [out / "informe.pdf", *(out / "site").rglob("*"), *(out / "results").rglob("*")]
    return {
        path.relative_to(out).as_posix(): path
        for path in paths
        if path.is_symlink() or (path.exists() and not path.is_dir())
    }


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    with ThreadPoolExecutor() as pool:
        return dict(zip(files, pool.map(_digest, files.values()), strict=True))


def _digest(path: Path) -> str:
    """Return the digest of a file; "" unless it is a regular file that can be read."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
