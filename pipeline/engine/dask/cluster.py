"""Steps on the workers of a Dask scheduler, with no disk in common with them.

What a step reads travels to the workers once, its value comes back and is stored here. Steps
that read the user's files or fill a folder stay on this machine. A worker that is lost takes
nothing along: the scheduler holds the last checkpoint of its step, and hands both to another. A
step that does not end has its checkpoint brought here, for the next attempt to go on from.
"""

import logging
import math
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from typing import Any

from pipeline.engine import worker
from pipeline.engine.checkpoint import put
from pipeline.engine.dask.remote_step import WAIT, WorkerMismatch, checkpoint_variable, compute
from pipeline.engine.graph import Step
from pipeline.engine.pool import SHARE, Pool, WorkerLost
from pipeline.engine.store import Store, note

FETCH_SECONDS = 0.5
"""Seconds in which a build that ends early brings the checkpoints of its steps here: an interrupted
command has one for all its order."""

REFRESH = 0.5
"""Seconds for which the list of workers is taken for good."""


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
        # What it has to say of lost connections is told here, in a line.
        for name in [name for name in logging.root.manager.loggerDict if "distributed" in name]:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.address = address
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
        self.workers: dict[str, Any] = {}
        self.asked = -math.inf
        self.sent: dict[str, Any] = {}
        self.busy: dict[Future[dict[str, Any]], tuple[worker.Task, Any, str]] = {}

    def free(self, task: worker.Task) -> bool:
        """Whether a worker waits that may run a step."""
        return (
            self.pool.free(task)
            if _runs_locally(task.step)
            else self._waiting(task.step) is not None
        )

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Hand a step to a worker; should that one be lost, any other may take it."""
        if _runs_locally(task.step):
            return self.pool.submit(task)
        with self._connected():
            inputs = {name: self._send(name, key) for name, key in task.keys.items()}
            chosen = self._waiting(task.step)
            key = f"{task.step.name}-{uuid.uuid4()}"
            if task.step.resumes:
                checkpoint_variable(key, self.client).set(self._checkpoint(task))
            remote = self.client.submit(
                compute,
                task,
                inputs,
                self.topic,
                key=key,
                pure=False,
                workers=chosen and [chosen],
                allow_other_workers=True,
            )
        future: Future[dict[str, Any]] = Future()
        self.busy[future] = task, remote, chosen or ""
        remote.add_done_callback(lambda ended: future.set_result({}))
        return future

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """The entry of a step that ended, its value stored here.

        Raises:
            ClusterError: the scheduler was lost, or a worker is not like this machine.
            WorkerLost: worker after worker was lost, or what the step reads was.
            StoreError: the value cannot be written.
            Exception: what the step raised.
        """
        if future not in self.busy:
            return self.pool.collect(future)
        task, remote, _ = self.busy[future]
        try:
            content, entry = self._result(remote)
        except Exception:
            self._fetch_checkpoints({remote.key: task}, WAIT)
            del self.busy[future]
            raise
        with self.store.draft(task.step.name, task.key) as draft:
            (draft / "value.joblib").write_bytes(content)
            note(draft, entry)
        checkpoint_variable(remote.key, self.client).delete()
        del self.busy[future]
        return entry

    def close(self) -> None:
        """Give up what still runs, and end the workers on this machine."""
        running = {remote.key: task for task, remote, _ in self.busy.values()}
        self._fetch_checkpoints(running, FETCH_SECONDS)
        self.client.close(timeout=2)
        self.pool.close()

    def _result(self, remote: Any) -> tuple[bytes, dict[str, Any]]:
        """What a task on a worker gave."""
        from distributed.scheduler import KilledWorker

        with self._connected():
            try:
                found: tuple[bytes, dict[str, Any]] = remote.result()
            except (KilledWorker, CancelledError):
                self.client.scheduler_info()  # is it the scheduler that was lost?
                self.sent.clear()
                raise WorkerLost from None
            except WorkerMismatch as error:
                raise ClusterError(str(error)) from None
            except ModuleNotFoundError as error:
                raise ClusterError(
                    f"a worker cannot import {error.name}: install this project there as here"
                ) from None
        return found

    def _fetch_checkpoints(self, tasks: dict[str, worker.Task], seconds: float) -> None:
        """Store what the scheduler holds of steps that did not end, as far as so many seconds
        allow, and let it hold no more."""
        until = time.monotonic() + seconds
        for key, task in tasks.items():
            if task.step.resumes and self.client.status == "running":
                checkpoint = checkpoint_variable(key, self.client)
                with suppress(OSError, TimeoutError):
                    left = max(until - time.monotonic(), 0.01)
                    if content := checkpoint.get(left, callback_timeout=left):
                        put(self.store.checkpoint(task.step.name, task.key), content)
                checkpoint.delete()

    def _checkpoint(self, task: worker.Task) -> bytes:
        """What an earlier attempt on this machine left of a step."""
        try:
            return self.store.checkpoint(task.step.name, task.key).read_bytes()
        except OSError:
            return b""

    def _waiting(self, step: Step) -> str | None:
        """The address of a worker without a step, with the memory that this one needs if any
        worker of the cluster has that much."""
        if time.monotonic() - self.asked > REFRESH:
            with self._connected():
                self.workers = self.client.scheduler_info(n_workers=-1)["workers"]
            self.asked = time.monotonic()
        taken = {address for _, _, address in self.busy.values()}
        room = {at: SHARE * facts["memory_limit"] or math.inf for at, facts in self.workers.items()}
        enough = min(step.memory, max(room.values(), default=0))
        return next((at for at in sorted(room) if room[at] >= enough and at not in taken), None)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Tell of a lost scheduler in a line, whatever Dask makes of it."""
        try:
            yield
        except Exception as error:
            if isinstance(error, ClusterError) or self.client.status == "running":
                raise
            raise ClusterError(
                f"{self.address}: the connection to the scheduler was lost; "
                "what was computed is kept, the same command goes on from there"
            ) from None

    def _send(self, name: str, key: str) -> Any:
        """A stored value on its way to the workers; the same one however often it is asked."""
        if key not in self.sent:
            self.store.check(name, key)
            content = (self.store.path(name, key) / "value.joblib").read_bytes()
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")
                # As the result of a task, for Dask brings that back if its worker is lost; what
                # `scatter` sends it does not, and waits forever for a worker that is being lost.
                self.sent[key] = self.client.submit(
                    bytes, content, key=f"{name}-{uuid.uuid4()}", pure=False
                )
        return self.sent[key]


def _runs_locally(step: Step) -> bool:
    return bool(step.places) or step.folder
