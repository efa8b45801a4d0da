"""Store the values of steps on disk, one entry per key, verified when read.

    cache/NAME/KEY/value.joblib   the value; large arrays can be memory-mapped
                   files/         instead of value.joblib, if the value is a folder
                   entry.json     {"key", "parts", "seconds", "finished",
                                   "files": {path: [size, mtime in ns, SHA-256]},
                                   "digest": SHA-256 of the rest}
    cache/NAME/.KEY.checkpoint    of an unfinished step; see `pipeline.engine.checkpoint`
    cache/.lock                   flock: shared while writing, exclusive while removing

An entry is written to a draft folder and renamed into place, so readers see all of it or none.
"""

import copyreg
import errno
import fcntl
import hashlib
import json
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pipeline.engine.fsync import flush

# joblib is imported only where values are read or written: it imports NumPy, which is slow.

MIN_FREE_BYTES = 1 << 20
"""Free space below which the disk counts as full."""

FULL = (errno.ENOSPC, errno.EDQUOT)
TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
LIMITS = (*FULL, errno.EFBIG, *TOO_MANY_FILES)
"""Error numbers of an exhausted disk, quota or limit of the process (see `ulimit`)."""

_verified: set[tuple[str, int, int, int]] = set()
"""(path, size, mtime, inode) of files whose digest this process has verified."""


class DamagedEntry(Exception):
    """A stored value is missing or differs from its digest."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(name, key)
        self.name, self.key = name, key

    def __str__(self) -> str:
        return f"{self.name}: stored value is damaged"


class StoreError(Exception):
    """A folder cannot be written; one line: which, why, how to fix."""


def store_error(error: OSError, folder: Path) -> StoreError:
    """Convert an OSError into a one-line message for the user."""
    why, again = error.strerror or str(error), "then run the same command again"
    if error.errno in TOO_MANY_FILES:
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return StoreError(f"{why}, more than {allowed}; raise the limit (ulimit -n 4096), {again}")
    remedy = "choose another folder with --out"
    if error.errno in (*FULL, None):
        remedy = f"free some space there, {again}"
    elif error.errno == errno.EFBIG:
        remedy = f"raise the limit on the size of files (ulimit -f), {again}"
    return StoreError(f"{folder}: cannot be written ({why}); {remedy}")


@contextmanager
def reporting_limits(folder: Path) -> Iterator[None]:
    """Re-raise an error as StoreError if a disk or a limit of the process is exhausted.

    Libraries report that in many ways, and may have removed their files since.

    Args:
        folder: where files are written inside the block.

    Raises:
        StoreError: the disk is full or a file has reached its maximum size, or the error says so.
    """
    try:
        yield
    except (StoreError, DamagedEntry):
        raise
    except Exception as error:
        number = next((each for each in LIMITS if os.strerror(each) in str(error)), None)
        if number is None and shutil.disk_usage(folder).free < MIN_FREE_BYTES:
            number = errno.ENOSPC
        if number is None and _has_largest_file(folder):
            number = errno.EFBIG
        if number is None:
            raise
        where = Path(str(getattr(error, "filename", None) or folder))
        raise store_error(OSError(number, os.strerror(number)), where) from None


def _has_largest_file(folder: Path) -> bool:
    """True if a file in a folder is as large as this process may make one."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return limit != resource.RLIM_INFINITY and any(
        path.stat().st_size >= limit for path in folder.rglob("*") if path.is_file()
    )


def _raise_if_too_many_files(error: Exception) -> None:
    """Raise an error that says nothing about the file that could not be opened."""
    if isinstance(error, OSError) and error.errno in TOO_MANY_FILES:
        raise error


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[None]:
    """Lock a folder exclusively, waiting for other holders.

    Raises:
        StoreError: the folder cannot be written.
    """
    with _as_store_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / ".lock").open("a")
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def _as_store_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise store_error(error, folder) from None


class Store:
    """Entries under `folder`, which is created on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        """Path of an entry, stored or not."""
        return self.folder / name / key

    def checkpoint(self, name: str, key: str) -> Path:
        """Path of a checkpoint, saved or not."""
        return self.folder / name / f".{key}.checkpoint"

    def entry(self, name: str, key: str) -> dict[str, Any] | None:
        """Return the content of entry.json; None if the entry is missing or incomplete.

        It is incomplete if entry.json cannot be read or differs from its digest, or a file is
        missing or has another size.
        """
        path = self.path(name, key)
        try:
            entry: dict[str, Any] = json.loads((path / "entry.json").read_text(encoding="utf-8"))
            complete = entry.pop("digest") == _entry_digest(entry) and all(
                (path / file).stat().st_size == size for file, (size, *_) in entry["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _raise_if_too_many_files(error)
            return None
        return entry if complete else None

    def is_incomplete(self, name: str, key: str) -> bool:
        """True if an entry directory exists but is incomplete."""
        return self.path(name, key).exists() and self.entry(name, key) is None

    def entries(self, name: str) -> list[dict[str, Any]]:
        """Return the entries of a step under any key, newest first."""
        folder = self.folder / name
        found = [
            entry
            for path in (folder.iterdir() if folder.is_dir() else ())
            if not path.name.startswith(".") and (entry := self.entry(name, path.name))
        ]
        return sorted(found, key=lambda entry: str(entry["finished"]), reverse=True)

    def verify(self, name: str, key: str, quick: bool = False) -> None:
        """Compare the files of an entry with their digests, once per process.

        Args:
            quick: skip files whose size and mtime are unchanged.

        Raises:
            DamagedEntry: a file differs, or there is no entry.
        """
        entry = self.entry(name, key)
        if entry is None:
            raise DamagedEntry(name, key)
        for file, (size, mtime, digest) in entry["files"].items():
            path = self.path(name, key) / file
            try:
                status = path.stat()
                stamp = (str(path), status.st_size, status.st_mtime_ns, status.st_ino)
                if stamp in _verified or (quick and stamp[1:3] == (size, mtime)):
                    continue
                if _digest(path) != digest:
                    raise DamagedEntry(name, key)
            except OSError as error:
                _raise_if_too_many_files(error)
                raise DamagedEntry(name, key) from None
            _verified.add(stamp)

    def load(self, name: str, key: str, quick: bool = False) -> Any:
        """Return a stored value, with large arrays memory-mapped read-only.

        Raises:
            DamagedEntry: as in `verify`.
        """
        self.verify(name, key, quick)
        path = self.path(name, key)
        if (files := path / "files").is_dir():
            return files
        import joblib

        return joblib.load(path / "value.joblib", mmap_mode="r")

    def discard(self, name: str, key: str) -> None:
        """Remove an entry, renaming it first so that no reader sees part of it."""
        trash = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=self.folder / name))
        with suppress(FileNotFoundError):
            self.path(name, key).rename(trash / "entry")
        shutil.rmtree(trash, ignore_errors=True)

    @contextmanager
    def draft(self, name: str, key: str) -> Iterator[Path]:
        """Yield an empty folder that becomes the entry if the block succeeds.

        The block must end with `write_entry`.

        Raises:
            StoreError: the store cannot be written.
        """
        final = self.path(name, key)
        with self.shared_lock():
            with _as_store_error(final.parent):
                final.parent.mkdir(parents=True, exist_ok=True)
                draft = Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=final.parent))
            try:
                with reporting_limits(final.parent):
                    yield draft
                with _as_store_error(final.parent):
                    if self.is_incomplete(name, key):
                        self.discard(name, key)
                    # Another build may have stored an equal value in the meantime.
                    with suppress(FileExistsError):
                        flush(draft)
                        _move(draft, final)
                    self.checkpoint(name, key).unlink(missing_ok=True)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def shared_lock(self) -> Iterator[None]:
        """Keep other builds from removing anything while this one writes.

        Raises:
            StoreError: the store cannot be written.
        """
        with self._open_lock() as stream:
            fcntl.flock(stream, fcntl.LOCK_SH)
            yield

    @contextmanager
    def try_exclusive_lock(self) -> Iterator[bool]:
        """Lock the store and yield True, or yield False at once if a build holds it.

        Raises:
            StoreError: the store cannot be written.
        """
        with self._open_lock() as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _open_lock(self) -> IO[str]:
        with _as_store_error(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / ".lock").open("a")

    def sweep(self) -> None:
        """Remove drafts left by killed builds, unless another build is running."""
        with self.try_exclusive_lock() as locked:
            for path in self._hidden_paths() if locked else ():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                elif path.suffix != ".checkpoint":  # the draft of one
                    path.unlink(missing_ok=True)

    def prune(self, keep: Iterable[tuple[str, str]]) -> tuple[int, int] | None:
        """Remove all entries and checkpoints except those of these names and keys.

        Returns:
            (entries removed, bytes freed); None if a build is running.
        """
        kept = set(keep)
        with self.try_exclusive_lock() as locked:
            if not locked:
                return None
            removed = freed = 0
            for folder in [path for path in self.folder.iterdir() if path.is_dir()]:
                for path in list(folder.iterdir()):
                    if (folder.name, path.name.removeprefix(".").partition(".")[0]) in kept:
                        continue
                    files = (
                        [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
                    )
                    freed += sum(file.stat().st_size for file in files)
                    removed += not path.name.startswith(".")
                    if path.is_dir():
                        shutil.rmtree(path)
                    else:
                        path.unlink()
                with suppress(OSError):  # not empty
                    folder.rmdir()
            return removed, freed

    def _hidden_paths(self) -> Iterator[Path]:
        for folder in self.folder.iterdir():
            if folder.is_dir():
                yield from [path for path in folder.iterdir() if path.name.startswith(".")]


def save(draft: Path, value: Any) -> None:
    """Write a value into a draft.

    Raises:
        StoreError: the draft cannot be written.
    """
    import joblib

    if torch := sys.modules.get("torch"):
        # torch pickles a memory address with each tensor, so the bytes would differ every time.
        copyreg.pickle(torch.Tensor, lambda tensor: (_tensor, (tensor.numpy(force=True),)))
    with _as_store_error(draft.parent):
        joblib.dump(value, draft / "value.joblib")


def _tensor(array: Any) -> Any:
    """Copy a memory-mapped array, which is read-only, to a tensor.

    Stored pickles refer to this function by name: renaming it makes them unreadable.
    """
    import torch

    return torch.tensor(array)


def write_entry(draft: Path, entry: dict[str, Any]) -> None:
    """Write entry.json with the sizes and digests of the draft's files and its own digest, which
    completes the draft.

    Raises:
        StoreError: the draft cannot be written.
    """
    files = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        status = path.stat()
        name = path.relative_to(draft).as_posix()
        files[name] = [status.st_size, status.st_mtime_ns, _digest(path)]
    entry = json.loads(json.dumps(entry | {"files": files}))
    entry["digest"] = _entry_digest(entry)
    text = json.dumps(entry, indent=1, sort_keys=True)  # a file's name may not be UTF-8
    with _as_store_error(draft.parent):
        (draft / "entry.json").write_text(text, encoding="utf-8")


def _entry_digest(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _move(draft: Path, final: Path) -> None:
    try:
        os.replace(draft, final)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(error.errno, "entry exists", str(final)) from None
        raise
