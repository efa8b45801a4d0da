"""Run what is missing of a graph, side by side, as far as faults and lost workers let it."""

from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline.engine import worker
from pipeline.engine.dask.cluster import Cluster, ClusterError
from pipeline.engine.graph import Graph
from pipeline.engine.pool import Pool, WorkerLost, cores
from pipeline.engine.store import DamagedEntry, Store, StoreError


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

    def again(self, step: str, reason: str) -> None:
        """A step has to run although it ran, or was stored, before."""


class Executor(Protocol):
    """Who runs steps: this machine's `pipeline.engine.pool.Pool`, or a cluster."""

    def free(self, task: worker.Task) -> bool:
        """Whether a worker waits that may run a step now."""

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Hand a step to an idle worker."""

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """The entry of a step that ended, or what it raised."""

    def close(self) -> None:
        """End all workers."""


@dataclass
class RunSummary:
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


def run(
    graph: Graph,
    store: Store,
    wanted: list[str],
    display: Display,
    scheduler: str | None = None,
) -> RunSummary:
    """Compute and store the values of `wanted` and all they need.

    A step that fails does not stop those that do not read it. Interrupting leaves every stored
    value intact. A step whose worker is lost runs once more; a stored value that turns out to
    be damaged is computed again.

    Args:
        scheduler: address of a Dask scheduler whose workers compute; else this machine does.

    Raises:
        ClusterError: the scheduler cannot be used.
        StoreError: the store cannot be written at all.
    """
    todo = missing(graph, store, wanted)
    if not todo:
        return RunSummary(reused=_stored(graph, store))
    store.sweep()
    with store.lock():
        local = Pool(min(cores(), len(todo)), display.advanced)
        pool: Executor = local
        try:
            if scheduler is not None:
                pool = Cluster(scheduler, local, store, display.advanced)
            build = _Build(graph, store, todo, pool, display)
            build.run()
        finally:
            pool.close()
    store.sweep()  # again: a builder's workers may outlive it by a moment
    return build.outcome


class _Build:
    """One run: what waits, what runs, and what became of the rest."""

    def __init__(
        self, graph: Graph, store: Store, todo: list[str], pool: Executor, display: Display
    ) -> None:
        self.graph, self.store, self.pool, self.display = graph, store, pool, display
        self.waiting = list(todo)
        self.running: dict[Future[dict[str, Any]], str] = {}
        self.outcome = RunSummary()
        self.lost: set[str] = set()
        self.repaired: set[str] = set()
        for name in todo:
            if store.damaged(name, graph.key(name)):
                display.again(name, "its stored value is damaged, it is computed again")

    def run(self) -> None:
        """Until nothing waits and nothing runs."""
        outcome = self.outcome
        while self.waiting or self.running:
            gone = set(outcome.failed) | set(outcome.skipped)
            dead = [name for name in self.waiting if gone & set(self.graph.steps[name].needs)]
            outcome.skipped.extend(dead)
            self.waiting = [name for name in self.waiting if name not in dead]
            for name in self._ready():
                task = self._task(name)
                if self.pool.free(task):
                    self.waiting.remove(name)
                    self.display.started(name)
                    self.running[self.pool.submit(task)] = name
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._finish(future, self.running.pop(future))
        ran = {*outcome.computed, *outcome.failed, *outcome.skipped}
        outcome.reused = [n for n in _stored(self.graph, self.store) if n not in ran]

    def _ready(self) -> list[str]:
        """Waiting steps whose inputs are stored: the early ones, then by the chain behind them."""
        open_steps = {*self.waiting, *self.running.values()}
        ready = [n for n in self.waiting if not open_steps & set(self.graph.steps[n].needs)]
        steps, rank = self.graph.steps, self.graph.rank
        return sorted(ready, key=lambda name: (not steps[name].early, -rank[name]))

    def _task(self, name: str) -> worker.Task:
        graph, step = self.graph, self.graph.steps[name]
        return worker.Task(
            step,
            graph.key(name),
            graph.parts(name),
            {need: graph.key(need) for need in step.needs},
            _history(graph, self.store, name) if step.history else {},
            self.store.folder,
        )

    def _finish(self, future: Future[dict[str, Any]], name: str) -> None:
        try:
            entry = self.pool.collect(future)
        except WorkerLost as error:
            if name in self.lost:
                self._fail(name, error)
            else:
                self.lost.add(name)
                self._again(name, "its worker was lost, it runs once more")
        except DamagedEntry as error:
            if error.name in self.repaired:
                self._fail(name, error)
            else:
                self._repair(error.name)
                self._again(name, f"it waits until {error.name} is computed again")
        except ClusterError:
            raise
        except Exception as error:
            self._fail(name, error)
            if isinstance(error, StoreError):  # no other value could be kept either
                self.outcome.skipped.extend(self.waiting)
                self.waiting = []
        else:
            self.outcome.computed.append(name)
            self.display.finished(name, entry["seconds"])

    def _fail(self, name: str, error: Exception) -> None:
        self.outcome.failed[name] = error
        self.display.failed(name, error)

    def _again(self, name: str, reason: str) -> None:
        self.display.again(name, reason)
        self.waiting.append(name)

    def _repair(self, name: str) -> None:
        """See to it that a damaged value is computed again, and what that needs."""
        key = self.graph.key(name)
        try:
            self.store.check(name, key)
        except DamagedEntry:
            if name not in self.running.values():
                self.repaired.add(name)
                self.store.discard(name, key)
        else:
            return  # another step that reads it saw to it already
        known = {*self.waiting, *self.running.values()}
        for other in missing(self.graph, self.store, [name]):
            if other not in known:
                self._again(other, "its stored value is damaged or gone, it is computed again")


def _stored(graph: Graph, store: Store) -> list[str]:
    return [name for name in graph.steps if store.entry(name, graph.key(name)) is not None]


def _history(graph: Graph, store: Store, asking: str) -> dict[str, dict[str, Any]]:
    """What was noted of every stored step but the one that asks."""
    found: dict[str, dict[str, Any]] = {}
    for name in graph.steps:
        entry = store.entry(name, graph.key(name)) if name != asking else None
        if entry is not None:
            found[name] = entry
    return found
