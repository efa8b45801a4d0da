"""Files kept between renders, because most renders only change text."""

import shutil
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from report.checksummed_file import read_sealed, write_sealed
from report.terminal import print_line


class Kept:
    """Files in `folder`, named after what they were made from.

    They are verified when read; a damaged one counts as missing, with a warning.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None if it is missing or damaged."""
        self._used.add(name)
        path = self.folder / name
        try:
            return read_sealed(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            print_line(Console(stderr=True), f"Warning: {path}: damaged; making it again")
            return None

    def write(self, name: str, content: bytes) -> None:
        """Keep a file."""
        self._used.add(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_sealed(self.folder / name, content)

    def get(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the content of a file, made and kept if it is missing."""
        content = self.read(name)
        if content is None:
            content = make()
            self.write(name, content)
        return content

    def prune(self) -> None:
        """Remove everything that was neither read nor written since this object was created."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in self._used:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
