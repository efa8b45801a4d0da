"""Run steps in worker processes on this machine, one process per executor."""

import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from pipeline.engine import device, worker
from pipeline.engine.process_lifecycle import block_sigint, start_resource_tracker

MEMORY_FRACTION = 0.8
"""Fraction of the machine's memory, and of a GPU's, that concurrent steps may use."""

OPEN_FILES = 10_240
"""Files that a process may need at once: each memory-mapped array of a step's inputs is one."""

GPU_PROCESS_BYTES = 2 << 30
"""GPU memory of one process: the CUDA context, a network and its batches."""


class WorkerLost(Exception):
    """A worker process was killed while it ran a step."""

    def __str__(self) -> str:
        return (
            "its worker process was killed, most likely for lack of memory; "
            "close other programs or study fewer clips, then run again"
        )


def cpu_count() -> int:
    """Number of CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_limit() -> int:
    """Bytes that all running steps may use together."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container limit
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return int(MEMORY_FRACTION * total)


def allow_open_files() -> None:
    """Raise the limit on open files, which is low by default, as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


class Pool:
    """Up to `workers` processes, each started when a step needs it.

    Each worker has its own executor, so losing one does not break the others. Running steps
    share the machine's memory according to `Step.memory`. On a machine with a GPU, as many
    processes use it at once as fit in its memory; the driver schedules them.

    Args:
        workers: maximum number of processes.
        on_progress: called from another thread with (step, fraction done in [0, 1], note).
    """

    def __init__(self, workers: int, on_progress: Callable[[str, float, str], None]) -> None:
        self.memory = memory_limit()
        self.max_gpu_processes = max(
            1, int(MEMORY_FRACTION * device.gpu_memory()) // GPU_PROCESS_BYTES
        )
        self.context = multiprocessing.get_context("spawn")
        self.on_progress, self.progress_lock = on_progress, threading.Lock()
        os.environ.update(worker.ENVIRONMENT)
        allow_open_files()
        start_resource_tracker()
        self.queues: dict[ProcessPoolExecutor, SimpleQueue[worker.Message]] = {}
        self.listeners: list[threading.Thread] = []
        self.idle = [self._start_executor() for _ in range(workers)]
        self.busy: dict[Future[dict[str, Any]], tuple[worker.Task, ProcessPoolExecutor]] = {}

    def can_run(self, task: worker.Task) -> bool:
        """True if a worker is idle and the step fits in memory, or no other step is running."""
        tasks = [task, *(other for other, _ in self.busy.values())]
        fits = sum(other.step.memory for other in tasks) <= self.memory
        fits &= sum(other.parts["device"] == "cuda" for other in tasks) <= self.max_gpu_processes
        return bool(self.idle) and (fits or not self.busy)

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Start a step on an idle worker."""
        executor = self.idle.pop()
        with block_sigint():
            future = executor.submit(worker.run, task)
        self.busy[future] = task, executor
        return future

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """Return the store entry of a finished step and free its worker, replaced if lost.

        Raises:
            WorkerLost: the worker was killed.
            Exception: raised by the step.
        """
        _, executor = self.busy.pop(future)
        try:
            entry = future.result()
        except BrokenProcessPool:
            executor.shutdown()
            _close_writer(self.queues.pop(executor))
            executor = self._start_executor()
            raise WorkerLost from None
        finally:
            self.idle.append(executor)
        return entry

    def close(self) -> None:
        """Kill all workers, including those running a step."""
        # Not only those in `busy`: Ctrl-C may have interrupted `submit`.
        for process in multiprocessing.active_children():
            process.kill()
        for executor, messages in self.queues.items():
            executor.shutdown(cancel_futures=True)
            _close_writer(messages)
        for thread in self.listeners:
            thread.join(timeout=1)

    def _start_executor(self) -> ProcessPoolExecutor:
        # One queue per worker: a worker killed while holding the queue lock must not block the
        # other workers' queues.
        messages: SimpleQueue[worker.Message] = self.context.SimpleQueue()
        executor = ProcessPoolExecutor(
            1, mp_context=self.context, initializer=worker.initialize, initargs=(messages,)
        )
        self.queues[executor] = messages
        thread = threading.Thread(target=self._listen, args=(messages,), daemon=True)
        thread.start()
        self.listeners.append(thread)
        return executor

    def _listen(self, messages: "SimpleQueue[worker.Message]") -> None:
        """Forward messages until every writer of the queue is closed."""
        with suppress(EOFError, OSError):
            try:
                while True:
                    message = messages.get()
                    with self.progress_lock:
                        self.on_progress(*message)
            finally:  # keep draining if the display failed: a full pipe would block the worker
                while True:
                    messages.get()


def _close_writer(messages: "SimpleQueue[worker.Message]") -> None:
    """End the queue's listener with EOFError.

    Neither public way works: `SimpleQueue.close` also closes the reader, which the listener is
    using, and a sentinel would need the queue lock, which a killed worker may still hold.
    """
    messages._writer.close()  # type: ignore[attr-defined]
