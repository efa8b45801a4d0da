"""Steps on the workers of a Dask scheduler, with no disk in common with them.

What a step reads travels to the workers once, its value comes back and is stored here. Steps
that read the user's files or fill a folder stay on this machine. A worker that is lost takes
nothing along: the scheduler hands its step to another.
"""

import os
import tempfile
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.engine import device, worker
from pipeline.engine.fingerprint import fingerprint
from pipeline.engine.graph import Step
from pipeline.engine.pool import Pool, WorkerLost
from pipeline.engine.store import Store, note

WAIT = 15
"""Seconds to wait for the scheduler, and for its first worker."""

_alone = threading.Lock()
"""Seeds belong to a process, not to a thread: one step at a time."""


class ClusterError(Exception):
    """The cluster cannot be used; told in one line."""


class Cluster:
    """A `pipeline.engine.runner.Executor` on a scheduler's workers, each one step at a time.

    Args:
        address: of the scheduler, as in "tcp://host:8786".
        pool: for the steps that stay on this machine.
        store: where values go, and where what steps read comes from.
        advanced: called from another thread with what running steps tell.

    Raises:
        ClusterError: distributed is not installed, or no scheduler or no worker answers.
    """

    def __init__(
        self, address: str, pool: Pool, store: Store, advanced: Callable[[str, float, str], None]
    ) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("--scheduler needs Dask: pip install 'latentes[cluster]'") from None
        try:
            self.client = Client(address, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no Dask scheduler answers there ({error})") from None
        try:
            self.client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError:
            self.client.close()
            raise ClusterError(f"{address}: the scheduler has no worker; start one") from None
        self.pool, self.store = pool, store
        self.topic = f"latentes-{uuid.uuid4()}"
        self.client.subscribe_topic(self.topic, lambda event: advanced(*event[1]))
        self.sent: dict[str, Any] = {}
        self.busy: dict[Future[dict[str, Any]], tuple[worker.Task, Any]] = {}

    def free(self, step: Step) -> bool:
        """Whether a worker waits that a step may go to."""
        if _stays(step):
            return self.pool.free(step)
        return len(self.busy) < max(len(self.client.nthreads()), 1)

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Hand a step to a worker."""
        if _stays(task.step):
            return self.pool.submit(task)
        inputs = {name: self._send(name, key) for name, key in task.keys.items()}
        remote = self.client.submit(
            compute, task, inputs, self.topic, key=f"{task.step.name}-{uuid.uuid4()}", pure=False
        )
        future: Future[dict[str, Any]] = Future()
        self.busy[future] = task, remote
        remote.add_done_callback(lambda ended: future.set_result({}))
        return future

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """The entry of a step that ended, its value stored here.

        Raises:
            WorkerLost: worker after worker was lost, or what the step reads was.
            StoreError: the value cannot be written.
            Exception: what the step raised.
        """
        from distributed.scheduler import KilledWorker

        if future not in self.busy:
            return self.pool.collect(future)
        task, remote = self.busy.pop(future)
        try:
            content, entry = remote.result()
        except (KilledWorker, CancelledError):
            self.sent.clear()
            raise WorkerLost from None
        with self.store.draft(task.step.name, task.key) as draft:
            (draft / "value.joblib").write_bytes(content)
            note(draft, entry)
        found: dict[str, Any] = entry
        return found

    def close(self) -> None:
        """Give up what still runs, and end the workers on this machine."""
        self.client.close()
        self.pool.close()

    def _send(self, name: str, key: str) -> Any:
        """A stored value on its way to every worker; the same one however often it is asked."""
        if key not in self.sent:
            self.store.check(name, key)
            content = (self.store.path(name, key) / "value.joblib").read_bytes()
            self.sent[key] = self.client.scatter(content, broadcast=True, hash=False)
        return self.sent[key]


def _stays(step: Step) -> bool:
    return bool(step.places) or step.folder


def compute(
    task: worker.Task, inputs: dict[str, bytes], topic: str
) -> tuple[bytes, dict[str, Any]]:
    """On a Dask worker: a step's value as stored, and its entry.

    Raises:
        ClusterError: this machine's code, libraries or device are not the builder's.
    """
    from distributed import get_worker

    os.environ.update(worker.ENVIRONMENT)
    here = get_worker()
    code, libraries = fingerprint(task.step.function)
    kind = device.kind() if "torch" in libraries else "any"
    for what, ours, theirs in (
        ("the code of latentes", code, task.parts["code"]),
        ("the versions of libraries", libraries, task.parts["libraries"]),
        ("the kind of device", kind, task.parts["device"]),
    ):
        if ours != theirs:
            raise ClusterError(f"{what} on worker {here.address} is not that of this machine")
    store = Store(_home())
    with _alone:
        for name, content in inputs.items():
            if store.entry(name, task.keys[name]) is None:
                with store.draft(name, task.keys[name]) as draft:
                    (draft / "value.joblib").write_bytes(content)
                    note(draft, {})
        worker.tell = lambda message: here.log_event(topic, message)
        entry = worker.run(replace(task, folder=store.folder))
    path = store.path(task.step.name, task.key) / "value.joblib"
    return path.read_bytes(), {key: value for key, value in entry.items() if key != "files"}


@cache
def _home() -> Path:
    """A folder for what passed through this worker process."""
    folder = tempfile.TemporaryDirectory(prefix="latentes-")
    _homes.append(folder)
    return Path(folder.name)


_homes: list[tempfile.TemporaryDirectory[str]] = []
"""Removed when the process ends."""
