"""Run one step in a worker process: load its inputs, call its function, store its value."""

import importlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from pipeline.engine import progress
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.graph import Step
from pipeline.engine.process_lifecycle import exit_with_parent
from pipeline.engine.store import Store, reporting_limits, save, write_entry

Message = tuple[str, float, str]
"""(step, fraction done in [0, 1], note)."""

MESSAGE_INTERVAL_SECONDS = 0.1
"""Minimum time between two progress messages of a step."""

send_message: Callable[[Message], None] | None = None
"""Sends progress of the running step to the parent process, if set."""

send_checkpoint: Callable[[bytes], None] | None = None
"""Copies checkpoints of the running step to another machine, if set."""

ENVIRONMENT = {
    # Workers run side by side, one per core.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    # cuBLAS is deterministic only with a fixed workspace.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""Environment of a worker, set before it starts because libraries read it on import."""


def initialize(messages: "SimpleQueue[Message]") -> None:
    """Connect a new worker process to its parent."""
    global send_message
    send_message = messages.put
    exit_with_parent()


@dataclass(frozen=True)
class Task:
    """A step and what a worker needs to compute it.

    Args:
        key: the step's key.
        parts: what the key was hashed from; see `Graph.parts`.
        keys: key of every step it reads, by name.
        history: of the steps that lead to this one, by name, if it asks for it.
        folder: the store's folder.
    """

    step: Step
    key: str
    parts: dict[str, Any]
    keys: dict[str, str]
    history: dict[str, dict[str, Any]]
    folder: Path


def run(task: Task) -> dict[str, Any]:
    """Compute a step and store its value.

    Returns:
        The entry written beside the value.

    Raises:
        DamagedEntry: a stored input is damaged.
        StoreError: the value cannot be written.
        Exception: raised by the step's function.
    """
    step, key, folder = task.step, task.key, task.folder
    store = Store(folder)
    last = 0.0

    def load(name: str) -> Any:
        return store.load(name, task.keys[name])

    def send_progress(fraction: float, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if send_message is not None and (now - last > MESSAGE_INTERVAL_SECONDS or fraction >= 1):
            last = now
            send_message((step.name, fraction, note))

    module, _, name = step.function.partition(":")
    with reporting_limits(folder):
        function = getattr(importlib.import_module(module), name)
        arguments = dict(step.parameters) | dict(step.untracked)
        for argument, source in step.inputs.items():
            arguments[argument] = (
                load(source)
                if isinstance(source, str)
                else {label: load(inner) for label, inner in source.items()}
            )
    if step.history:
        arguments["history"] = task.history
    checkpoint = Checkpoint(store.checkpoint(step.name, key), send_checkpoint)
    if step.resumable:
        arguments["checkpoint"] = checkpoint
    token = progress.listener.set(send_progress)
    try:
        with store.draft(step.name, key) as draft:
            if step.folder:
                (draft / "files").mkdir()
                arguments["folder"] = draft / "files"
            with _temporary_files_in(draft.parent):
                value = function(**arguments)
            if not step.folder:
                save(draft, value)
            entry = {
                "key": key,
                "parts": task.parts,
                "seconds": round(checkpoint.seconds, 3),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            write_entry(draft, entry)
    finally:
        progress.listener.reset(token)
    return entry


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Put temporary files of the block in a hidden folder, which the store sweeps.

    The corpus needs as much space while it is read as when it is stored, and the system's
    temporary folder is often small.
    """
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=".", dir=folder, ignore_cleanup_errors=True) as inside:
        tempfile.tempdir = inside
        try:
            yield
        finally:
            tempfile.tempdir = before
