"""Run steps on the workers of a Dask scheduler, without a shared file system.

Each input is sent to the cluster once; the value of a step is sent back and stored here. Steps
that read the user's files or write a folder run on this machine. The scheduler holds the last
checkpoint of each running step, so that another worker resumes the step if its worker is lost.
Checkpoints of unfinished steps are fetched here, so that the next run resumes them.
"""

import logging
import math
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from typing import Any

from pipeline.engine import worker
from pipeline.engine.checkpoint import write_checkpoint
from pipeline.engine.dask.remote_step import (
    TIMEOUT_SECONDS,
    WorkerMismatch,
    checkpoint_variable,
    compute,
)
from pipeline.engine.graph import Step
from pipeline.engine.pool import MEMORY_FRACTION, Pool, WorkerLost
from pipeline.engine.store import Store, write_entry

FETCH_SECONDS = 0.5
"""Time to fetch checkpoints on exit; an interrupted command exits within a second."""

WORKERS_TTL_SECONDS = 0.5
"""Time for which the list of workers is cached."""

FROZEN_SECONDS = 60.0
"""Time without a heartbeat after which a worker counts as lost; Dask itself takes 5 to 10
minutes."""

QUERIES = 10
"""Queries for heartbeats in `FROZEN_SECONDS`."""

RESTART_SECONDS = 10.0
"""Time for nannies to kill frozen workers."""


class ClusterError(Exception):
    """The cluster cannot be used; a one-line message for the user."""


class Cluster:
    """A `pipeline.engine.runner.Executor` that gives each Dask worker one step at a time.

    Args:
        address: address of the scheduler, such as "tcp://host:8786".
        pool: runs the steps that must run on this machine.
        store: source of inputs and destination of values.
        on_progress: called from another thread with (step, fraction done in [0, 1], note).

    Raises:
        ClusterError: distributed is not installed, the scheduler does not answer, or it has no
            worker.
    """

    def __init__(
        self, address: str, pool: Pool, store: Store, on_progress: Callable[[str, float, str], None]
    ) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("--scheduler needs Dask: pip install 'latentes[cluster]'") from None
        # Lost connections are reported as a ClusterError instead.
        for name in [name for name in logging.root.manager.loggerDict if "distributed" in name]:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.address = address
        try:
            self.client = Client(address, timeout=TIMEOUT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no Dask scheduler answers ({error})") from None
        try:
            self._wait_for_worker()
        except ClusterError:
            self.client.close()
            raise
        self.pool, self.store = pool, store
        self.topic = f"latentes-{uuid.uuid4()}"
        self.client.subscribe_topic(self.topic, lambda event: on_progress(*event[1]))
        self.workers: dict[str, Any] = {}
        self.workers_updated = -math.inf
        self.sent: dict[str, Any] = {}
        self.busy: dict[Future[dict[str, Any]], tuple[worker.Task, Any, str]] = {}
        self.frozen: set[str] = set()
        self.closing = threading.Event()
        threading.Thread(target=self._watch_workers, daemon=True).start()

    def can_run(self, task: worker.Task) -> bool:
        """True if an idle worker can run the step now."""
        if _runs_locally(task.step):
            return self.pool.can_run(task)
        if self._idle_worker(task.step) is not None:
            return True
        if not self.busy and not self.pool.busy:
            self._wait_for_worker()
        return False

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Start a step on an idle worker; if that is lost, the scheduler may choose any other."""
        if _runs_locally(task.step):
            return self.pool.submit(task)
        with self._reporting_lost_scheduler():
            inputs = {name: self._send(name, key) for name, key in task.keys.items()}
            chosen = self._idle_worker(task.step)
            key = f"{task.step.name}-{uuid.uuid4()}"
            if task.step.resumable:
                checkpoint_variable(key, self.client).set(self._stored_checkpoint(task))
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
        remote.add_done_callback(lambda _: future.set_result({}))
        return future

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """Store the value of a finished step and return its entry.

        Raises:
            ClusterError: the scheduler was lost, or a worker does not match this machine.
            WorkerLost: too many workers were lost, or the step's inputs were.
            StoreError: the value cannot be written.
            Exception: raised by the step.
        """
        if future not in self.busy:
            return self.pool.collect(future)
        task, remote, _ = self.busy[future]
        try:
            content, entry = self._result(remote)
        except Exception:
            self._fetch_checkpoints({remote.key: task}, TIMEOUT_SECONDS)
            del self.busy[future]
            raise
        with self.store.draft(task.step.name, task.key) as draft:
            (draft / "value.joblib").write_bytes(content)
            write_entry(draft, entry)
        checkpoint_variable(remote.key, self.client).delete()
        del self.busy[future]
        return entry

    def close(self) -> None:
        """Cancel running steps and stop the workers on this machine."""
        self.closing.set()
        running = {remote.key: task for task, remote, _ in self.busy.values()}
        self._fetch_checkpoints(running, FETCH_SECONDS)
        self.client.close(timeout=2)
        self.pool.close()

    def _wait_for_worker(self) -> None:
        with self._reporting_lost_scheduler():
            try:
                self.client.wait_for_workers(1, timeout=TIMEOUT_SECONDS)
            except TimeoutError:
                raise ClusterError(
                    f"{self.address}: the scheduler has no worker; start one, then run the same "
                    "command again"
                ) from None

    def _watch_workers(self) -> None:
        """Cancel the steps of workers that froze, and all steps if no worker is left.

        A frozen worker keeps its connection, for instance if it was suspended or its machine
        lost the network. `collect` reports its step as lost.
        """
        last_seen: dict[str, float] = {}
        # Queries without a new heartbeat. Not seconds: the scheduler itself may have paused.
        silent: dict[str, int] = {}
        none_alive = 0
        while not self.closing.wait(FROZEN_SECONDS / QUERIES):
            try:
                workers = self.client.scheduler_info(n_workers=-1)["workers"]
                silent = {
                    address: silent[address] + 1
                    if info["last_seen"] == last_seen.get(address)
                    else 0
                    for address, info in workers.items()
                }
                last_seen = {address: info["last_seen"] for address, info in workers.items()}
                none_alive = 0 if 0 in silent.values() else none_alive + 1
                self.frozen = {address for address in silent if silent[address] >= QUERIES}
                lost = set()
                if self.frozen:
                    processing = self.client.processing(list(self.frozen))
                    lost = {key for keys in processing.values() for key in keys}
                running = [remote for _, remote, _ in list(self.busy.values())]
                self.client.cancel(
                    [one for one in running if none_alive >= QUERIES or one.key in lost]
                )
                if self.frozen:
                    # As the scheduler itself does after 5 minutes. `Client.restart_workers`
                    # refuses workers without a nanny.
                    scheduler: Any = self.client.scheduler
                    self.client.sync(
                        scheduler.restart_workers,
                        workers=list(self.frozen),
                        timeout=RESTART_SECONDS,
                        wait_for_workers=False,
                        on_error="return",
                        stimulus_id=f"latentes-frozen-{time.time()}",
                    )
            except Exception:
                continue  # the scheduler was lost, which `collect` reports

    def _result(self, remote: Any) -> tuple[bytes, dict[str, Any]]:
        """Return the pickled value and the entry of a task."""
        from distributed.scheduler import KilledWorker

        with self._reporting_lost_scheduler():
            try:
                result: tuple[bytes, dict[str, Any]] = remote.result()
            except (KilledWorker, CancelledError):
                self.client.scheduler_info()  # raises if the scheduler is lost too
                self.sent.clear()
                raise WorkerLost from None
            except WorkerMismatch as error:
                raise ClusterError(str(error)) from None
            except ModuleNotFoundError as error:
                raise ClusterError(
                    f"a worker cannot import {error.name}; install latentes on every worker"
                ) from None
        return result

    def _fetch_checkpoints(self, tasks: dict[str, worker.Task], seconds: float) -> None:
        """Store the checkpoints of unfinished steps, within `seconds`, and delete them from the
        scheduler."""
        until = time.monotonic() + seconds
        for key, task in tasks.items():
            if task.step.resumable and self.client.status == "running":
                checkpoint = checkpoint_variable(key, self.client)
                with suppress(OSError, TimeoutError):
                    left = max(until - time.monotonic(), 0.01)
                    if content := checkpoint.get(left, callback_timeout=left):
                        write_checkpoint(self.store.checkpoint(task.step.name, task.key), content)
                checkpoint.delete()

    def _stored_checkpoint(self, task: worker.Task) -> bytes:
        """Content of the step's checkpoint in the store; empty if there is none."""
        try:
            return self.store.checkpoint(task.step.name, task.key).read_bytes()
        except OSError:
            return b""

    def _idle_worker(self, step: Step) -> str | None:
        """Address of an idle worker with enough memory for the step, or with as much as any
        worker has if none has enough; None if all such workers are busy."""
        if time.monotonic() - self.workers_updated > WORKERS_TTL_SECONDS:
            with self._reporting_lost_scheduler():
                self.workers = self.client.scheduler_info(n_workers=-1)["workers"]
            self.workers_updated = time.monotonic()
        unavailable = self.frozen | {address for _, _, address in self.busy.values()}
        memory = {
            address: MEMORY_FRACTION * info["memory_limit"] or math.inf  # 0 means no limit
            for address, info in self.workers.items()
        }
        enough = min(step.memory, max(memory.values(), default=0))
        return next(
            (a for a in sorted(memory) if memory[a] >= enough and a not in unavailable), None
        )

    @contextmanager
    def _reporting_lost_scheduler(self) -> Iterator[None]:
        """Re-raise any error as ClusterError if the connection to the scheduler is lost."""
        try:
            yield
        except Exception as error:
            if isinstance(error, ClusterError) or self.client.status == "running":
                raise
            raise ClusterError(
                f"{self.address}: the connection to the scheduler was lost; "
                "what was computed is kept; run the same command to continue"
            ) from None

    def _send(self, name: str, key: str) -> Any:
        """Send a stored value to the cluster, once, and return its Dask future."""
        if key not in self.sent:
            self.store.verify(name, key)
            content = (self.store.path(name, key) / "value.joblib").read_bytes()
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")
                # Not `scatter`: Dask recomputes the result of a task if its worker is lost, but
                # not scattered data, and waits forever if the worker is lost while scattering.
                self.sent[key] = self.client.submit(
                    bytes, content, key=f"{name}-{uuid.uuid4()}", pure=False
                )
        return self.sent[key]


def _runs_locally(step: Step) -> bool:
    return bool(step.untracked) or step.folder
