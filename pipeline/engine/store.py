"""Where values of steps are kept: an entry a key, complete or absent.

    cache/NAME/KEY/value.joblib   the value, large arrays readable in place (memory-mapped)
                   files/         instead, for a step whose value is a folder
                   entry.json     {"key", "parts", "seconds", "finished"}

An entry is written beside its place and moved there whole, so a reader sees all of it or none.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# joblib is imported where values move: asking what is stored must not wait for NumPy.


class Store:
    """The entries under a folder, which is made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        """Where the entry of a step with that key stands, or would stand."""
        return self.folder / name / key

    def entry(self, name: str, key: str) -> dict[str, Any] | None:
        """What was noted of a stored value (see above); None if there is none."""
        try:
            text = (self.path(name, key) / "entry.json").read_text(encoding="utf-8")
        except OSError:
            return None
        entry: dict[str, Any] = json.loads(text)
        return entry

    def load(self, name: str, key: str) -> Any:
        """The stored value; its large arrays are memory-mapped, read only."""
        path = self.path(name, key)
        if (files := path / "files").is_dir():
            return files
        import joblib

        return joblib.load(path / "value.joblib", mmap_mode="r")

    @contextmanager
    def draft(self, name: str, key: str) -> Iterator[Path]:
        """A folder to fill in; it becomes the entry when the block ends without an error."""
        final = self.path(name, key)
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=final.parent))
        try:
            yield draft
            if not final.exists():
                os.replace(draft, final)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def save(draft: Path, value: Any) -> None:
    """Write a value into a draft."""
    import joblib

    joblib.dump(value, draft / "value.joblib")


def note(draft: Path, entry: dict[str, Any]) -> None:
    """Write what is to be known of the entry; this makes it complete."""
    (draft / "entry.json").write_text(
        json.dumps(entry, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8"
    )
