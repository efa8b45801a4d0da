"""Files that begin with a digest of the rest, so that damage is noticed on reading."""

import hashlib
from pathlib import Path
from threading import get_ident


def write_sealed(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    draft = path.with_name(f"{path.name}.{get_ident()}.draft")
    draft.write_bytes(_digest(content) + b"\n" + content)
    draft.replace(path)


def read_sealed(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        ValueError: it is damaged.
        OSError: it cannot be read.
    """
    digest, _, content = path.read_bytes().partition(b"\n")
    if digest != _digest(content):
        raise ValueError(f"{path}: damaged")
    return content


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
