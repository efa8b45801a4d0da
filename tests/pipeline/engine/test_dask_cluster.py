"""A real Dask scheduler and two real workers: one of them killed, or the builder interrupted."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.runner import run
from pipeline.engine.store import Store
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import Watch, a_graph, digest


def busy_with(address: str, step: str) -> str:
    """The name of the worker that runs a step."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        for worker, tasks in client.processing().items():
            if any(str(task).startswith(step) for task in tasks):
                name: str = client.scheduler_info(n_workers=-1)["workers"][worker]["name"]
                return name
    raise AssertionError(f"nobody runs {step}")


def epochs(notes: list[str]) -> list[int]:
    """The epochs that were told, in turn."""
    return [int(note.split()[2].partition("/")[0]) for note in notes if "epoch" in note]


LOST = "training: its worker was lost, it runs once more"


@pytest.mark.parametrize(
    ("failures", "told"), [(3, []), (0, [LOST])], ids=["the scheduler's", "the builder's"]
)
def test_a_cluster_gives_the_same_values_even_if_a_worker_is_killed_while_it_trains(
    tmp_path: Path, address: str, workers: dict[str, "subprocess.Popen[bytes]"], told: list[str]
) -> None:
    """Whether it is the scheduler that hands the step to the other worker, or, where that has
    given it up, the builder."""
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph = a_graph(folder, epochs=1000)
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    killed: list[str] = []

    class Killer(Watch):
        def advanced(self, step: str, share: float, note: str) -> None:
            super().advanced(step, share, note)
            if step == "training" and share > 0.2 and not killed:
                killed.append("")
                killed[0] = busy_with(address, "training")
                workers[killed[0]].kill()

    watch = Killer()
    outcome = run(graph, there, ["reconstruction"], watch, scheduler=address)
    assert outcome.failed == {}
    assert outcome.computed == ["corpus", "training", "reconstruction"]
    assert killed[0] in workers
    assert watch.warnings == told
    # The other worker went on from near what was last heard, not from the first epoch.
    again = [later for earlier, later in pairwise(epochs(watch.notes)) if later < earlier]
    assert len(again) <= 1
    assert all(epoch > 10 for epoch in again)
    run(graph, here, ["reconstruction"], Watch())
    for name in graph.steps:
        key = graph.key(name)
        assert digest(there, name, key) == digest(here, name, key)


def left(address: str) -> list[str]:
    """What a scheduler and its workers still hold, or do, of builds that have ended."""
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
    """Ctrl-C as in a terminal: what a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("workers", "interruptible")
def test_an_interrupted_build_goes_on_from_its_last_epochs_and_leaves_nothing_behind(
    tmp_path: Path, address: str
) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    graph, store = a_graph(folder, epochs=100_000), Store(tmp_path / "cache")

    class Interrupter(Watch):
        def advanced(self, step: str, share: float, note: str) -> None:
            super().advanced(step, share, note)
            if "epoch" in note and epochs([f"{step} {note}"])[0] > 300:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    first = Interrupter()
    with pytest.raises(KeyboardInterrupt):
        run(graph, store, ["training"], first, scheduler=address)
    deadline = time.monotonic() + 30
    while remains := left(address):
        assert time.monotonic() < deadline, remains
        time.sleep(0.1)

    second = Interrupter()
    with pytest.raises(KeyboardInterrupt):
        run(graph, store, ["training"], second, scheduler=address)
    assert epochs(second.notes)[0] > 100


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 8, "rock": 8})
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        run(a_graph(folder), Store(tmp_path / "c"), ["corpus"], Watch(), "tcp://127.0.0.1:9")
