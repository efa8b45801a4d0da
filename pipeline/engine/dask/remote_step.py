"""Run one step on a Dask worker, from pickled inputs to a pickled value."""

import ctypes
import os
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from pipeline.engine import device, worker
from pipeline.engine.checkpoint import write_checkpoint
from pipeline.engine.fingerprint import fingerprint
from pipeline.engine.store import Store, write_entry

TIMEOUT_SECONDS = 15
"""Time to wait for the scheduler."""

_step_lock = threading.Lock()
"""Limits a worker process to one step at a time: random generators are per process."""


class WorkerMismatch(Exception):
    """The worker's code, libraries or device differ from those of the machine that builds."""


class TaskCancelled(Exception):
    """The client cancelled the step or disconnected."""


def checkpoint_variable(key: str, client: Any = None) -> Any:
    """Return the Dask variable with the checkpoint of a running task.

    Args:
        key: key of the Dask task. Each attempt has its own variable, because the scheduler may
            process the deletion of one attempt's after the creation of the next one's.
    """
    from distributed import Variable

    return Variable(key, client)


def compute(
    task: worker.Task, inputs: dict[str, bytes], topic: str
) -> tuple[bytes, dict[str, Any]]:
    """Compute a step.

    Dask does not stop a running task that was cancelled, so the step checks whenever it reports
    progress.

    Args:
        inputs: stored bytes of the values that the step reads, by step.
        topic: Dask topic for progress messages.

    Returns:
        (content of value.joblib, store entry without its files).

    Raises:
        WorkerMismatch: this worker differs from the machine that builds.
        TaskCancelled: the client cancelled the step or disconnected.
        Exception: raised by the step.
    """
    from distributed import get_worker
    from threadpoolctl import threadpool_limits

    os.environ.update(worker.ENVIRONMENT)
    _keep_freed_memory()
    dask_worker = get_worker()
    _check_worker(task, dask_worker.address)
    key = str(dask_worker.get_current_task())

    def cancelled() -> bool:
        state = dask_worker.state.tasks.get(key)
        return state is None or state.state == "cancelled"

    def send_message(message: worker.Message) -> None:
        if cancelled():
            raise TaskCancelled
        dask_worker.log_event(topic, message)

    store, checkpoint = Store(_store_folder()), checkpoint_variable(key)
    with _step_lock, threadpool_limits(1):
        for name, content in inputs.items():
            if store.entry(name, task.keys[name]) is None:
                with store.draft(name, task.keys[name]) as draft:
                    (draft / "value.joblib").write_bytes(content)
                    write_entry(draft, {})
        worker.send_message = send_message
        worker.send_checkpoint = (
            partial(_send_checkpoint, checkpoint) if task.step.resumable else None
        )
        if task.step.resumable and (content := checkpoint.get(TIMEOUT_SECONDS)):
            write_checkpoint(store.checkpoint(task.step.name, task.key), content)
        try:
            entry = worker.run(replace(task, folder=store.folder))
        finally:
            if cancelled():  # a checkpoint may have been sent after the client deleted it
                checkpoint.delete()
    path = store.path(task.step.name, task.key) / "value.joblib"
    return path.read_bytes(), {key: value for key, value in entry.items() if key != "files"}


def _check_worker(task: worker.Task, address: str) -> None:
    code, libraries = fingerprint(task.step.function)
    device_type = device.device_type() if "torch" in libraries else "any"
    for what, worker_has, expected in (
        ("code of latentes", code, task.parts["code"]),
        ("library versions", libraries, task.parts["libraries"]),
        ("device type", device_type, task.parts["device"]),
    ):
        if worker_has != expected:
            raise WorkerMismatch(f"worker {address}: its {what} must match this machine's")


def _send_checkpoint(checkpoint: Any, content: bytes) -> None:
    """Send a checkpoint to the scheduler; if that fails, a lost step only takes longer."""
    with suppress(OSError, TimeoutError):
        checkpoint.set(content, timeout=TIMEOUT_SECONDS)


@cache
def _keep_freed_memory() -> None:
    """Undo the allocator setting of Dask's nanny, `MALLOC_TRIM_THRESHOLD_`.

    It makes glibc return every large array to the system as soon as it is freed; the page faults
    for the next array make training three times slower. These are the values that glibc reaches by
    itself. Other C libraries have no `mallopt`, or ignore it.
    """
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
        mallopt(M_MMAP_THRESHOLD, 32 << 20)


@cache
def _store_folder() -> Path:
    """Create this process's temporary store."""
    folder = tempfile.TemporaryDirectory(prefix="latentes-")
    _temporary_folders.append(folder)
    return Path(folder.name)


_temporary_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Keeps the folder until the process ends."""
