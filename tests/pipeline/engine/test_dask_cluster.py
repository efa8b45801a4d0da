"""Runs on a real Dask scheduler with two workers: a worker killed, the run interrupted."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.dask import cluster
from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import Watch, a_graph, digest

pytestmark = pytest.mark.cluster


def worker_running(address: str, step: str) -> str:
    """Name of the worker that runs a step."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        for worker, tasks in client.processing().items():
            if any(str(task).startswith(step) for task in tasks):
                name: str = client.scheduler_info(n_workers=-1)["workers"][worker]["name"]
                return name
    raise AssertionError(f"no worker runs {step}")


def epochs(notes: list[str]) -> list[int]:
    """Epochs in progress notes, in order."""
    return [int(note.split()[2].partition("/")[0]) for note in notes if "epoch" in note]


LOST = "training: worker lost; retrying once"


@pytest.mark.parametrize(
    ("failures", "warnings"), [(3, []), (0, [LOST])], ids=["by scheduler", "by runner"]
)
def test_same_values_if_a_worker_is_killed_while_training(
    tmp_path: Path, address: str, workers: dict[str, "subprocess.Popen[bytes]"], warnings: list[str]
) -> None:
    """The step is retried by the scheduler, or by the runner once the scheduler gives up."""
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph = a_graph(folder, epochs=1000)
    local, remote = Store(tmp_path / "local"), Store(tmp_path / "remote")
    killed: list[str] = []

    class Killer(Watch):
        def advanced(self, step: str, fraction: float, note: str) -> None:
            super().advanced(step, fraction, note)
            if step == "training" and fraction > 0.2 and not killed:
                killed.append("")
                killed[0] = worker_running(address, "training")
                workers[killed[0]].kill()

    watch = Killer()
    outcome = run(graph, remote, ["reconstruction"], watch, scheduler=address)
    assert outcome.failed == {}
    assert outcome.computed == ["corpus", "training", "reconstruction"]
    assert killed[0] in workers
    assert watch.warnings == warnings
    # The other worker resumed from a checkpoint, not from the first epoch.
    resumed = [later for earlier, later in pairwise(epochs(watch.notes)) if later < earlier]
    assert len(resumed) <= 1
    assert all(epoch > 10 for epoch in resumed)
    run(graph, local, ["reconstruction"], Watch())
    for name in graph.steps:
        key = graph.key(name)
        assert digest(remote, name, key) == digest(local, name, key)


class Stopper(Watch):
    """Sends a signal once training has begun: to its worker, or to all workers."""

    def __init__(
        self, address: str, workers: dict[str, "subprocess.Popen[bytes]"], number: int, every: bool
    ) -> None:
        super().__init__()
        self.address, self.workers, self.number, self.every = address, workers, number, every
        self.stopped: list[str] = []

    def advanced(self, step: str, fraction: float, note: str) -> None:
        super().advanced(step, fraction, note)
        if step == "training" and fraction > 0.2 and not self.stopped:
            self.stopped.append("")
            self.stopped = list(self.workers)
            if not self.every:
                self.stopped = [worker_running(self.address, "training")]
            for name in self.stopped:
                self.workers[name].send_signal(self.number)


@pytest.mark.crash
@pytest.mark.slow
def test_step_of_a_frozen_worker_runs_on_another(
    tmp_path: Path,
    address: str,
    workers: dict[str, "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "FROZEN_SECONDS", 5.0)
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph, store = a_graph(folder, epochs=1000), Store(tmp_path / "remote")
    watch = Stopper(address, workers, signal.SIGSTOP, every=False)
    outcome = run(graph, store, ["training"], watch, scheduler=address)
    assert outcome.failed == {}
    assert outcome.computed == ["corpus", "training"]
    assert watch.warnings == [LOST]
    # The other worker resumed from a checkpoint, and the frozen one no longer belongs to the
    # cluster.
    resumed = [later for earlier, later in pairwise(epochs(watch.notes)) if later < earlier]
    assert all(epoch > 10 for epoch in resumed)
    [frozen] = watch.stopped
    assert workers[frozen].poll() is None
    with pytest.raises(AssertionError):
        worker_running(address, "training")
    workers[frozen].send_signal(signal.SIGCONT)
    assert workers[frozen].wait(timeout=60) is not None


@pytest.mark.crash
@pytest.mark.slow
def test_build_ends_if_no_worker_is_left(
    tmp_path: Path,
    address: str,
    workers: dict[str, "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "FROZEN_SECONDS", 2.0)
    monkeypatch.setattr(cluster, "TIMEOUT_SECONDS", 2)
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph, store = a_graph(folder, epochs=1000), Store(tmp_path / "remote")
    watch = Stopper(address, workers, signal.SIGKILL, every=True)
    with pytest.raises(ClusterError, match="the scheduler has no worker; start one"):
        run(graph, store, ["training"], watch, scheduler=address)
    assert store.entry("corpus", graph.key("corpus")) is not None
    assert store.checkpoint("training", graph.key("training")).is_file()


def leftovers(address: str) -> list[str]:
    """Checkpoints and running tasks that ended builds left on the cluster."""
    from distributed import Client

    def checkpoints(dask_scheduler: Any) -> list[str]:
        return list(dask_scheduler.extensions["variables"].variables)

    def running(dask_worker: Any) -> list[str]:
        return [str(key) for key in dask_worker.active_threads.values()]

    with Client(address, set_as_default=False) as client:
        tasks = client.run(running).values()
        return [*client.run_on_scheduler(checkpoints), *(key for keys in tasks for key in keys)]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Handle SIGINT, which processes started by a shell in the background ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("workers", "interruptible")
def test_interrupted_run_resumes_training_and_leaves_nothing_on_the_cluster(
    tmp_path: Path, address: str
) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph, store = a_graph(folder, epochs=100_000), Store(tmp_path / "cache")

    class Interrupter(Watch):
        def advanced(self, step: str, fraction: float, note: str) -> None:
            super().advanced(step, fraction, note)
            if "epoch" in note and epochs([f"{step} {note}"])[0] > 300:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    first = Interrupter()
    with pytest.raises(KeyboardInterrupt):
        run(graph, store, ["training"], first, scheduler=address)
    deadline = time.monotonic() + 30
    while remains := leftovers(address):
        assert time.monotonic() < deadline, remains
        time.sleep(0.1)

    second = Interrupter()
    with pytest.raises(KeyboardInterrupt):
        run(graph, store, ["training"], second, scheduler=address)
    assert epochs(second.notes)[0] > 100


def test_missing_scheduler_is_reported(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        run(a_graph(folder), Store(tmp_path / "c"), ["corpus"], Watch(), "tcp://127.0.0.1:9")
