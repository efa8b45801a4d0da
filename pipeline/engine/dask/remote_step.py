"""What happens on a worker of a Dask scheduler: one step, from values sent to a value sent back."""

import os
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from pipeline.engine import device, worker
from pipeline.engine.checkpoint import put
from pipeline.engine.fingerprint import fingerprint
from pipeline.engine.store import Store, note

WAIT = 15
"""Seconds to wait for the scheduler."""

_alone = threading.Lock()
"""Seeds belong to a process, not to a thread: one step at a time."""


class WorkerMismatch(Exception):
    """This machine's code, libraries or device are not the builder's; told in one line."""


class TaskCancelled(Exception):
    """The builder that asked for the step is gone."""


def checkpoint_variable(key: str, client: Any = None) -> Any:
    """The checkpoint of a step, as the scheduler holds it while a task is under way.

    Args:
        key: of Dask's task, so that each attempt has its own: what the scheduler is told in
            different ways it may hear in another order.
    """
    from distributed import Variable

    return Variable(key, client)


def compute(
    task: worker.Task, inputs: dict[str, bytes], topic: str
) -> tuple[bytes, dict[str, Any]]:
    """A step's value as stored, and its entry.

    Dask lets a task that was given up run to its end; a step ends with the next news that it
    tells.

    Args:
        inputs: what the step reads, as stored.
        topic: under which the builder hears of the step.

    Raises:
        Unlike: see there.
        Unwanted: see there.
        Exception: what the step raised.
    """
    from distributed import get_worker
    from threadpoolctl import threadpool_limits

    os.environ.update(worker.ENVIRONMENT)
    here = get_worker()
    _compare(task, here.address)
    key = str(here.get_current_task())

    def wanted() -> bool:
        known = here.state.tasks.get(key)
        return known is not None and known.state != "cancelled"

    def tell(message: worker.Message) -> None:
        if not wanted():
            raise TaskCancelled
        here.log_event(topic, message)

    store, checkpoint = Store(_home()), checkpoint_variable(key)
    with _alone, threadpool_limits(1):
        for name, content in inputs.items():
            if store.entry(name, task.keys[name]) is None:
                with store.draft(name, task.keys[name]) as draft:
                    (draft / "value.joblib").write_bytes(content)
                    note(draft, {})
        worker.tell = tell
        worker.keep = partial(_save_checkpoint, checkpoint) if task.step.resumes else None
        if task.step.resumes and (content := checkpoint.get(WAIT)):
            put(store.checkpoint(task.step.name, task.key), content)
        try:
            entry = worker.run(replace(task, folder=store.folder))
        finally:
            if not wanted():  # the builder let go of the last one, and another may have come
                checkpoint.delete()
    path = store.path(task.step.name, task.key) / "value.joblib"
    return path.read_bytes(), {key: value for key, value in entry.items() if key != "files"}


def _compare(task: worker.Task, address: str) -> None:
    code, libraries = fingerprint(task.step.function)
    kind = device.kind() if "torch" in libraries else "any"
    for what, ours, theirs in (
        ("the code of latentes", code, task.parts["code"]),
        ("the versions of libraries", libraries, task.parts["libraries"]),
        ("the kind of device", kind, task.parts["device"]),
    ):
        if ours != theirs:
            raise WorkerMismatch(f"{what} on worker {address} is not that of this machine")


def _save_checkpoint(checkpoint: Any, content: bytes) -> None:
    """Hand a checkpoint to the scheduler; without one a lost step only takes longer."""
    with suppress(OSError, TimeoutError):
        checkpoint.set(content, timeout=WAIT)


@cache
def _home() -> Path:
    """A folder for what passed through this worker process."""
    folder = tempfile.TemporaryDirectory(prefix="latentes-")
    _homes.append(folder)
    return Path(folder.name)


_homes: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends."""
