"""Worker processes on this machine's cores, each its own pool, so that one lost harms no other."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from pipeline.engine import device, worker
from pipeline.engine.process_lifecycle import block_sigint

SHARE = 0.8
"""Of the machine's memory, and of a GPU's, what steps side by side may need together."""

ON_GPU = 2 << 30
"""Bytes that a process takes of a GPU's memory: CUDA itself, a network, and clips on their way."""


class WorkerLost(Exception):
    """A worker process was ended from outside while a step ran."""

    def __str__(self) -> str:
        return (
            "its process was ended from outside, most often for lack of memory; "
            "close other programs or study fewer clips, then run again"
        )


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> int:
    """Bytes that all running steps together may need."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # where no container sets a limit
        whole = min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return int(SHARE * whole)


class Pool:
    """So many workers, started when a step needs them.

    Steps share the machine's memory by what each says it needs. On a machine with a GPU they
    share that too: its time is the driver's to divide, and as many processes use it at once as
    its memory holds.

    Args:
        advanced: called from another thread with what running steps tell.
    """

    def __init__(self, workers: int, advanced: Callable[[str, float, str], None]) -> None:
        self.memory = memory()
        self.on_gpu = max(1, int(SHARE * device.memory()) // ON_GPU)
        self.context = multiprocessing.get_context("spawn")
        self.advanced, self.one = advanced, threading.Lock()
        os.environ.update(worker.ENVIRONMENT)
        self.lines: dict[ProcessPoolExecutor, SimpleQueue[worker.Message]] = {}
        self.listening: list[threading.Thread] = []
        self.idle = [self._fresh() for _ in range(workers)]
        self.busy: dict[Future[dict[str, Any]], tuple[worker.Task, ProcessPoolExecutor]] = {}

    def free(self, task: worker.Task) -> bool:
        """Whether a worker waits, and memory is left for the step; one alone may always try."""
        tasks = [task, *(other for other, _ in self.busy.values())]
        fits = sum(other.step.memory for other in tasks) <= self.memory
        fits &= sum(other.parts["device"] == "cuda" for other in tasks) <= self.on_gpu
        return bool(self.idle) and (fits or not self.busy)

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Hand a step to an idle worker."""
        executor = self.idle.pop()
        with block_sigint():
            future = executor.submit(worker.run, task)
        self.busy[future] = task, executor
        return future

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """The entry of a step that ended; its worker, or another in its place, is idle again.

        Raises:
            WorkerLost: the worker did not live to the end.
            Exception: what the step raised.
        """
        _, executor = self.busy.pop(future)
        try:
            entry = future.result()
        except BrokenProcessPool:
            executor.shutdown()
            self.lines.pop(executor)._writer.close()  # type: ignore[attr-defined]
            executor = self._fresh()
            raise WorkerLost from None
        finally:
            self.idle.append(executor)
        return entry

    def close(self) -> None:
        """End all workers, in the middle of a step if they are in one."""
        # Ctrl-C may come between two lines of `submit`: what runs is asked of the system.
        for process in multiprocessing.active_children():
            process.kill()
        for executor, messages in self.lines.items():
            executor.shutdown(cancel_futures=True)
            # Not by a last message: a worker may have been killed with the lock in its hand.
            messages._writer.close()  # type: ignore[attr-defined]
        for thread in self.listening:
            thread.join(timeout=1)

    def _fresh(self) -> ProcessPoolExecutor:
        # A line of its own: one that is killed while it writes leaves no other without a word.
        messages: SimpleQueue[worker.Message] = self.context.SimpleQueue()
        executor = ProcessPoolExecutor(
            1, mp_context=self.context, initializer=worker.start, initargs=(messages,)
        )
        self.lines[executor] = messages
        thread = threading.Thread(target=self._listen, args=(messages,), daemon=True)
        thread.start()
        self.listening.append(thread)
        return executor

    def _listen(self, messages: "SimpleQueue[worker.Message]") -> None:
        """Until no process is left that could tell anything."""
        with suppress(EOFError, OSError):
            try:
                while True:
                    message = messages.get()
                    with self.one:
                        self.advanced(*message)
            finally:  # who shows it may be gone; a worker that nobody hears would wait for ever
                while True:
                    messages.get()
