"""Inspect a folder of music for a command, in a worker and without leaving anything behind."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.engine import progress
from pipeline.engine.graph import Graph
from pipeline.engine.pool import WorkerLost
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from pipeline.errors import StudyError
from pipeline.results.inspection_schema import Inspection


def inspect_music(graph_in: Callable[[Path], Graph]) -> Inspection:
    """Run a graph of one step, whose value is an `Inspection`, in a temporary folder.

    Args:
        graph_in: makes the graph for a folder of stored values.

    Raises:
        StudyError: the music cannot be used.
        StoreError: the temporary folder cannot be written.
    """
    with TemporaryDirectory(prefix="latentes-", ignore_cleanup_errors=True) as temporary:
        store = Store(Path(temporary))
        graph = graph_in(store.folder)
        [step] = graph.steps
        outcome = run(graph, store, [step], _Progress())
        for error in outcome.failed.values():
            raise StudyError(str(error)) if isinstance(error, WorkerLost) else error
        return Inspection.model_validate(store.load(step, graph.key(step)))


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
