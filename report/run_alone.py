"""Run one step for a command, in a worker and without leaving anything behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.engine import progress
from pipeline.engine.graph import Graph
from pipeline.engine.pool import WorkerLost
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from pipeline.errors import StudyError


@contextmanager
def run_alone(graph_in: Callable[[Path], Graph]) -> Iterator[Any]:
    """The value of a graph of one step, stored in a temporary folder as long as the block runs.

    Args:
        graph_in: makes the graph for a folder of stored values.

    Raises:
        StudyError: of the step.
        StoreError: the temporary folder cannot be written.
    """
    with TemporaryDirectory(prefix="latentes-", ignore_cleanup_errors=True) as temporary:
        store = Store(Path(temporary))
        graph = graph_in(store.folder)
        [step] = graph.steps
        outcome = run(graph, store, [step], _Progress())
        for error in outcome.failed.values():
            raise StudyError(str(error)) if isinstance(error, WorkerLost) else error
        yield store.load(step, graph.key(step))


class _Progress:
    """Passes the progress of the step to the listener of the thread that made this object; a
    `pipeline.engine.runner.Display`."""

    def __init__(self) -> None:
        self._listener = progress.listener.get()

    def started(self, step: str) -> None:
        pass

    def advanced(self, step: str, fraction: float, note: str) -> None:
        if self._listener is not None:
            self._listener(fraction, note)

    def finished(self, step: str, seconds: float) -> None:
        pass

    def failed(self, step: str, error: BaseException) -> None:
        pass

    def rerun(self, step: str, reason: str) -> None:
        pass
