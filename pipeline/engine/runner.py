"""Run the missing steps of a graph in parallel, tolerating failed steps and lost workers."""

from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline.engine import worker
from pipeline.engine.dask.cluster import Cluster, ClusterError
from pipeline.engine.graph import Graph
from pipeline.engine.pool import Pool, WorkerLost, cpu_count
from pipeline.engine.store import DamagedEntry, Store, StoreError


class Display(Protocol):
    """Displays the progress of a run; see `report.terminal`."""

    def started(self, step: str) -> None:
        """A step was submitted to a worker."""

    def advanced(self, step: str, fraction: float, note: str) -> None:
        """A running step reported progress."""

    def finished(self, step: str, seconds: float) -> None:
        """A step ended and its value is stored."""

    def failed(self, step: str, error: BaseException) -> None:
        """A step raised; steps that do not depend on it continue."""

    def rerun(self, step: str, reason: str) -> None:
        """A step that ran or was stored before must run again."""


class Executor(Protocol):
    """Runs steps: `pipeline.engine.pool.Pool` or `pipeline.engine.dask.cluster.Cluster`."""

    def can_run(self, task: worker.Task) -> bool:
        """True if an idle worker can run the step now."""

    def submit(self, task: worker.Task) -> Future[dict[str, Any]]:
        """Start a step on an idle worker."""

    def collect(self, future: Future[dict[str, Any]]) -> dict[str, Any]:
        """Return the store entry of a finished step, or raise its error."""

    def close(self) -> None:
        """Stop all workers."""


@dataclass
class RunSummary:
    """Names of steps by outcome, and the errors of failed ones."""

    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    failed: dict[str, BaseException] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def missing(graph: Graph, store: Store, wanted: list[str]) -> list[str]:
    """Return the steps that must run to have the values of `wanted`, in the graph's order.

    The dependencies of a stored value are not needed.
    """
    needed: set[str] = set()
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name not in needed and store.entry(name, graph.key(name)) is None:
            needed.add(name)
            pending.extend(graph.steps[name].dependencies)
    return [name for name in graph.steps if name in needed]


def run(
    graph: Graph,
    store: Store,
    wanted: list[str],
    display: Display,
    scheduler: str | None = None,
) -> RunSummary:
    """Compute and store the values of `wanted` and their missing dependencies.

    A failed step does not stop steps that do not depend on it. An interrupted run leaves every
    stored value intact. A step whose worker is lost is retried once; a stored value found to be
    damaged is recomputed.

    Args:
        scheduler: address of a Dask scheduler whose workers compute; None for this machine.

    Raises:
        ClusterError: the scheduler cannot be used.
        StoreError: the store cannot be written.
    """
    todo = missing(graph, store, wanted)
    if not todo:
        return RunSummary(reused=_stored(graph, store))
    store.sweep()
    with store.shared_lock():
        local = Pool(min(cpu_count(), len(todo)), display.advanced)
        pool: Executor = local
        try:
            if scheduler is not None:
                pool = Cluster(scheduler, local, store, display.advanced)
            build = _Build(graph, store, todo, pool, display)
            build.run()
        finally:
            pool.close()
    store.sweep()  # again: the workers of a killed build may have outlived it
    return build.outcome


class _Build:
    """State of one run."""

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
            if store.is_incomplete(name, graph.key(name)):
                display.rerun(name, "stored value is damaged; recomputing")

    def run(self) -> None:
        """Run until no step is waiting or running."""
        outcome = self.outcome
        while self.waiting or self.running:
            unavailable = set(outcome.failed) | set(outcome.skipped)
            skipped = [
                name
                for name in self.waiting
                if unavailable & set(self.graph.steps[name].dependencies)
            ]
            outcome.skipped.extend(skipped)
            self.waiting = [name for name in self.waiting if name not in skipped]
            for name in self._ready():
                task = self._task(name)
                if self.pool.can_run(task):
                    self.waiting.remove(name)
                    self.display.started(name)
                    self.running[self.pool.submit(task)] = name
            for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                self._finish(future, self.running.pop(future))
        ran = {*outcome.computed, *outcome.failed, *outcome.skipped}
        outcome.reused = [n for n in _stored(self.graph, self.store) if n not in ran]

    def _ready(self) -> list[str]:
        """Waiting steps whose inputs are stored: early steps first, then by rank."""
        unfinished = {*self.waiting, *self.running.values()}
        steps, rank = self.graph.steps, self.graph.rank
        ready = [n for n in self.waiting if not unfinished & set(steps[n].dependencies)]
        return sorted(ready, key=lambda name: (not steps[name].early, -rank[name]))

    def _task(self, name: str) -> worker.Task:
        graph, step = self.graph, self.graph.steps[name]
        return worker.Task(
            step,
            graph.key(name),
            graph.parts(name),
            {source: graph.key(source) for source in step.dependencies},
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
                self._requeue(name, "worker lost; retrying once")
        except DamagedEntry as error:
            if error.name in self.repaired:
                self._fail(name, error)
            else:
                self._recompute(error.name)
                self._requeue(name, f"waiting until {error.name} is recomputed")
        except ClusterError:
            raise
        except Exception as error:
            self._fail(name, error)
            if isinstance(error, StoreError):  # no other value could be stored either
                self.outcome.skipped.extend(self.waiting)
                self.waiting = []
        else:
            self.outcome.computed.append(name)
            self.display.finished(name, entry["seconds"])

    def _fail(self, name: str, error: Exception) -> None:
        self.outcome.failed[name] = error
        self.display.failed(name, error)

    def _requeue(self, name: str, reason: str) -> None:
        self.display.rerun(name, reason)
        self.waiting.append(name)

    def _recompute(self, name: str) -> None:
        """Discard a damaged value and queue its step and missing dependencies."""
        key = self.graph.key(name)
        try:
            self.store.verify(name, key)
        except DamagedEntry:
            if name not in self.running.values():
                self.repaired.add(name)
                self.store.discard(name, key)
        else:
            return  # already recomputed for another step that reads it
        queued = {*self.waiting, *self.running.values()}
        for other in missing(self.graph, self.store, [name]):
            if other not in queued:
                self._requeue(other, "stored value is damaged or missing; recomputing")


def _stored(graph: Graph, store: Store) -> list[str]:
    return [name for name in graph.steps if store.entry(name, graph.key(name)) is not None]


def _history(graph: Graph, store: Store, name: str) -> dict[str, dict[str, Any]]:
    """The steps that lead to a step; see `Step.history`.

    Only those that it reads are surely stored: the result must not depend on any other entry.
    """
    read = graph.steps[name].dependencies
    entries = {other: store.entry(other, graph.key(other)) or {} for other in read}
    return {
        other: entries.get(other, {}) | {"parts": graph.parts(other)}
        for other in graph.ancestors(name)
    }
