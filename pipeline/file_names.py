"""Names of files, whose accents may be composed on the disk otherwise than as typed.

Unicode writes é as one character (NFC, as keyboards do) or as e and an accent (NFD, as older Macs
name files). Only macOS looks files up by either.
"""

import os
import unicodedata
from pathlib import Path


def composed(text: str) -> str:
    """Text in Unicode's composed form (NFC), in which names can be compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def on_disk(path: Path) -> Path:
    """The path as it is on the disk, if only the composition of accents differs; else `path`.

    A name that exists as typed is preferred, then the first in order of code points.
    """
    if os.path.lexists(path):
        return path
    found = Path(path.anchor)
    for name in path.parts[len(found.parts) :]:
        if os.path.lexists(found / name):
            found /= name
            continue
        try:
            same = [other for other in os.listdir(found) if composed(other) == composed(name)]
        except OSError:
            return path
        if not same:
            return path
        found /= min(same)
    return found
