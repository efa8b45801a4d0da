"""Where values of steps are kept: an entry a key, complete or absent, checked when read.

    cache/NAME/KEY/value.joblib   the value, large arrays readable in place (memory-mapped)
                   files/         instead, for a step whose value is a folder
                   entry.json     {"key", "parts", "seconds", "finished",
                                   "files": {path: [size, time of change, SHA-256]}}
    cache/NAME/.KEY.checkpoint    of a step that did not end yet; see `pipeline.engine.checkpoint`
    cache/.lock                   held by who writes; who removes holds it alone

An entry is written beside its place and moved there whole, so a reader sees all of it or none.
"""

import copyreg
import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# joblib is imported where values move: asking what is stored must not wait for NumPy.

ROOM = 1 << 20
"""Bytes below which a disk is full: then what libraries say of a failure is no help."""

_good: set[tuple[str, int, int, int]] = set()
"""Files that this process has read and found to be what was stored: path, size, time, inode."""


class DamagedEntry(Exception):
    """A stored value is not what was stored."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(name, key)
        self.name, self.key = name, key

    def __str__(self) -> str:
        return f"{self.name}: its stored value is damaged"


class StoreError(Exception):
    """A folder cannot be written; told in one line: which, why, how to mend."""


def store_error(error: OSError, folder: Path) -> StoreError:
    """A fault of the system, as a line for the user."""
    why = error.strerror or str(error)
    remedy = "choose another folder with --out"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None):
        remedy = "make room there, then run the same command"
    return StoreError(f"{folder}: cannot be written ({why}); {remedy}")


@contextmanager
def reporting_full_disk(folder: Path) -> Iterator[None]:
    """Where something fails on a full disk, say so, whatever it says itself.

    Raises:
        StoreError: the disk is full, or was before what failed removed what it had written.
    """
    why = os.strerror(errno.ENOSPC)
    try:
        yield
    except Exception as error:
        full = why in str(error) or shutil.disk_usage(folder).free < ROOM
        if isinstance(error, StoreError) or not full:
            raise
        raise store_error(OSError(errno.ENOSPC, why), folder) from None


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[None]:
    """Hold a folder alone, after waiting for who holds it.

    Raises:
        StoreError: it cannot be written.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / ".lock").open("a")
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise store_error(error, folder) from None


class Store:
    """The entries under a folder, which is made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        """Where the entry of a step with that key stands, or would stand."""
        return self.folder / name / key

    def checkpoint(self, name: str, key: str) -> Path:
        """Where the checkpoint of a step with that key stands, or would stand."""
        return self.folder / name / f".{key}.checkpoint"

    def entry(self, name: str, key: str) -> dict[str, Any] | None:
        """What was noted of a stored value (see above); None if there is none.

        An entry whose note cannot be read, or of which a file is absent or of another size,
        does not count.
        """
        path = self.path(name, key)
        try:
            entry: dict[str, Any] = json.loads((path / "entry.json").read_text(encoding="utf-8"))
            whole = all(
                (path / file).stat().st_size == size for file, (size, *_) in entry["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return entry if whole else None

    def damaged(self, name: str, key: str) -> bool:
        """Whether something stands in an entry's place that does not count as one."""
        return self.path(name, key).exists() and self.entry(name, key) is None

    def entries(self, name: str) -> list[dict[str, Any]]:
        """All that is noted of a step under any key, the newest first."""
        folder = self.folder / name
        found = [
            entry
            for path in (folder.iterdir() if folder.is_dir() else ())
            if not path.name.startswith(".") and (entry := self.entry(name, path.name))
        ]
        return sorted(found, key=lambda entry: str(entry["finished"]), reverse=True)

    def check(self, name: str, key: str, quick: bool = False) -> None:
        """Read the files of an entry, each once in a process, and compare them with its note.

        Args:
            quick: take a file for good whose size and time of change are those noted.

        Raises:
            Damaged: they differ, or there is no entry.
        """
        entry = self.entry(name, key)
        if entry is None:
            raise DamagedEntry(name, key)
        for file, (size, changed, digest) in entry["files"].items():
            path = self.path(name, key) / file
            try:
                status = path.stat()
                stamp = (str(path), status.st_size, status.st_mtime_ns, status.st_ino)
                if stamp in _good or (quick and stamp[1:3] == (size, changed)):
                    continue
                if _digest(path) != digest:
                    raise DamagedEntry(name, key)
            except OSError:
                raise DamagedEntry(name, key) from None
            _good.add(stamp)

    def load(self, name: str, key: str, quick: bool = False) -> Any:
        """The stored value; its large arrays are memory-mapped, read only.

        Raises:
            Damaged: as `check`.
        """
        self.check(name, key, quick)
        path = self.path(name, key)
        if (files := path / "files").is_dir():
            return files
        import joblib

        return joblib.load(path / "value.joblib", mmap_mode="r")

    def discard(self, name: str, key: str) -> None:
        """Remove an entry: out of its place first, so that half an entry is never seen."""
        grave = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=self.folder / name))
        with suppress(FileNotFoundError):
            self.path(name, key).rename(grave / "entry")
        shutil.rmtree(grave, ignore_errors=True)

    @contextmanager
    def draft(self, name: str, key: str) -> Iterator[Path]:
        """A folder to fill in; it becomes the entry when the block ends without an error."""
        final = self.path(name, key)
        with self.lock():
            with _writing(final.parent):
                final.parent.mkdir(parents=True, exist_ok=True)
                draft = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=final.parent))
            try:
                yield draft
                with _writing(final.parent):
                    if self.damaged(name, key):
                        self.discard(name, key)
                    # Another build may have stored the same value meanwhile; either will do.
                    with suppress(FileExistsError):
                        _move(draft, final)
                    self.checkpoint(name, key).unlink(missing_ok=True)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def lock(self, exclusive: bool = False) -> Iterator[bool]:
        """Hold the store while writing; `exclusive`, while nobody else does, or give False.

        Raises:
            StoreError: the store cannot be written.
        """
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            stream = (self.folder / ".lock").open("a")
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
            except BlockingIOError:
                yield False
            else:
                yield True

    def sweep(self) -> None:
        """Remove what killed builds left half done, unless another build is at work."""
        with self.lock(exclusive=True) as exclusive:
            for path in self._hidden() if exclusive else ():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                elif path.suffix != ".checkpoint":  # the draft of one
                    path.unlink(missing_ok=True)

    def keep(self, keys: Iterable[tuple[str, str]]) -> tuple[int, int] | None:
        """Remove all entries and checkpoints but those of these names and keys.

        Returns:
            How many entries went, and the bytes they took; None if a build is at work.
        """
        kept = set(keys)
        with self.lock(exclusive=True) as exclusive:
            if not exclusive:
                return None
            gone = taken = 0
            for folder in [path for path in self.folder.iterdir() if path.is_dir()]:
                for path in list(folder.iterdir()):
                    if (folder.name, path.name.removeprefix(".").partition(".")[0]) in kept:
                        continue
                    files = (
                        [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
                    )
                    taken += sum(file.stat().st_size for file in files)
                    gone += not path.name.startswith(".")
                    if path.is_dir():
                        shutil.rmtree(path)
                    else:
                        path.unlink()
                with suppress(OSError):  # not empty: something of it is kept
                    folder.rmdir()
            return gone, taken

    def _hidden(self) -> Iterator[Path]:
        for folder in self.folder.iterdir():
            if folder.is_dir():
                yield from [path for path in folder.iterdir() if path.name.startswith(".")]


def save(draft: Path, value: Any) -> None:
    """Write a value into a draft.

    Raises:
        StoreError: it cannot be written.
    """
    import joblib

    if torch := sys.modules.get("torch"):
        # Its own way to pickle a tensor writes an address in memory: never twice the same bytes.
        copyreg.pickle(torch.Tensor, lambda tensor: (_tensor, (tensor.numpy(force=True),)))
    with _writing(draft.parent):
        joblib.dump(value, draft / "value.joblib")


def _tensor(array: Any) -> Any:
    """A tensor with memory of its own: the file it came from may not be written."""
    import torch

    return torch.tensor(array)


def note(draft: Path, entry: dict[str, Any]) -> None:
    """Write what is to be known of the entry and of its files; this makes it complete.

    Raises:
        StoreError: it cannot be written.
    """
    files = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        status = path.stat()
        name = path.relative_to(draft).as_posix()
        files[name] = [status.st_size, status.st_mtime_ns, _digest(path)]
    text = json.dumps(entry | {"files": files}, indent=1, sort_keys=True, ensure_ascii=False)
    with _writing(draft.parent):
        (draft / "entry.json").write_text(text, encoding="utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _move(draft: Path, final: Path) -> None:
    try:
        os.replace(draft, final)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(error.errno, "an entry stands there", str(final)) from None
        raise
