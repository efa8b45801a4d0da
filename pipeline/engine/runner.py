"""Run what is missing of a graph, side by side on this machine's cores."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline.engine import worker
from pipeline.engine.graph import Graph
from pipeline.engine.store import Store


class Display(Protocol):
    """Who is told what happens; see `report.terminal`."""

    def started(self, step: str) -> None:
        """A step was handed to a worker."""

    def advanced(self, step: str, share: float, note: str) -> None:
        """A running step told how far it is."""

    def finished(self, step: str, seconds: float) -> None:
        """A step's value is stored."""

    def failed(self, step: str, error: BaseException) -> None:
        """A step raised; what does not read it goes on."""


class WorkerLost(Exception):
    """A worker process was ended from outside while a step ran."""

    def __str__(self) -> str:
        return (
            "its process was ended from outside, most often for lack of memory; "
            "close other programs or study fewer clips, then run again"
        )


@dataclass
class Outcome:
    """What became of each step."""

    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    failed: dict[str, BaseException] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def missing(graph: Graph, store: Store, wanted: list[str]) -> list[str]:
    """Steps that must run for the values of `wanted` to be stored, in the graph's order.

    A stored value is enough: what it was once made of need not be stored any more.
    """
    needed: set[str] = set()
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name not in needed and store.entry(name, graph.key(name)) is None:
            needed.add(name)
            pending.extend(graph.steps[name].needs)
    return [name for name in graph.steps if name in needed]


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(graph: Graph, store: Store, wanted: list[str], display: Display) -> Outcome:
    """Compute and store the values of `wanted` and all they need.

    A step that fails does not stop those that do not read it. Interrupting leaves every stored
    value intact.
    """
    todo = missing(graph, store, wanted)
    stored = [name for name in graph.steps if store.entry(name, graph.key(name)) is not None]
    outcome = Outcome(reused=stored)
    if not todo:
        return outcome
    context = multiprocessing.get_context("spawn")
    messages: multiprocessing.queues.SimpleQueue[worker.Message] = context.SimpleQueue()
    listening = threading.Thread(target=_listen, args=(messages, display.advanced), daemon=True)
    listening.start()
    workers = min(cores(), len(todo))
    os.environ.update(worker.ENVIRONMENT)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=worker.start, initargs=(messages,)
    )
    try:
        _run(graph, store, todo, workers, pool, display, outcome)
        pool.shutdown()
    except BaseException:
        # Ctrl-C may come while a worker is being started: the system knows them all.
        for process in multiprocessing.active_children():
            process.kill()
        pool.shutdown(cancel_futures=True)
        raise
    finally:
        messages.put(("", 1.0, ""))
        listening.join(timeout=1)
    return outcome


def _run(
    graph: Graph,
    store: Store,
    todo: list[str],
    workers: int,
    pool: ProcessPoolExecutor,
    display: Display,
    outcome: Outcome,
) -> None:
    running: dict[Future[dict[str, Any]], str] = {}
    waiting = list(todo)
    while waiting or running:
        lost = set(outcome.failed) | set(outcome.skipped)
        dead = [name for name in waiting if lost & set(graph.steps[name].needs)]
        outcome.skipped.extend(dead)
        waiting = [name for name in waiting if name not in dead]
        open_steps = set(waiting) | set(running.values())
        ready = [n for n in waiting if not open_steps & set(graph.steps[n].needs)]
        ready.sort(key=lambda name: -graph.rank[name])
        for name in ready[: workers - len(running)]:
            step = graph.steps[name]
            waiting.remove(name)
            display.started(name)
            future = pool.submit(
                worker.run,
                step,
                graph.key(name),
                graph.parts(name),
                {need: graph.key(need) for need in step.needs},
                _history(graph, store, name) if step.history else {},
                store.folder,
            )
            running[future] = name
        if not running:
            continue
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            name = running.pop(future)
            error = future.exception()
            if error is None:
                outcome.computed.append(name)
                display.finished(name, future.result()["seconds"])
            else:
                if isinstance(error, BrokenProcessPool):
                    # No further step can be handed to this pool.
                    outcome.skipped.extend(waiting)
                    waiting = []
                    error = WorkerLost()
                outcome.failed[name] = error
                display.failed(name, error)


def _history(graph: Graph, store: Store, asking: str) -> dict[str, dict[str, Any]]:
    """Seconds and end of every stored step but the one that asks."""
    found: dict[str, dict[str, Any]] = {}
    for name in graph.steps:
        entry = store.entry(name, graph.key(name)) if name != asking else None
        if entry is not None:
            found[name] = {"seconds": entry["seconds"], "finished": entry["finished"]}
    return found


def _listen(
    messages: "multiprocessing.queues.SimpleQueue[worker.Message]",
    advanced: Callable[[str, float, str], None],
) -> None:
    while (message := messages.get())[0]:
        advanced(*message)
