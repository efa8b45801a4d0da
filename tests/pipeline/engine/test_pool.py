"""Progress messages of workers, which must never block."""

import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.engine.pool import Pool, WorkerLost
from pipeline.engine.worker import Task
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import a_graph

received: list[str] = []


def on_progress(step: str, fraction: float, note: str) -> None:
    received.append(step)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    graph = a_graph(plucked_notes.folder(tmp_path / "music", {"pop": 4}))
    step = graph.steps["corpus"]
    return Task(step, graph.key("corpus"), graph.parts("corpus"), {}, {}, tmp_path / "cache")


@pytest.fixture
def pool() -> Iterator[Pool]:
    received.clear()
    pool = Pool(1, on_progress)
    yield pool
    pool.close()


@pytest.mark.crash
def test_worker_killed_while_holding_the_queue_lock_does_not_block_the_next(
    pool: Pool, task: Task
) -> None:
    [messages] = pool.queues.values()
    messages._wlock.acquire()  # type: ignore[attr-defined]
    future = pool.submit(task)  # blocks at its first message
    while not multiprocessing.active_children():
        time.sleep(0.01)
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(WorkerLost):
        pool.collect(future)
    retry = pool.submit(task)
    assert retry.exception(timeout=60) is None
    assert pool.collect(retry)["key"] == task.key
    pool.close()
    assert "corpus" in received


@pytest.mark.parametrize("error", [SystemExit(1), BrokenPipeError(), ValueError()], ids=repr)
def test_messages_are_drained_after_the_display_fails(error: BaseException) -> None:
    """As in `latentes build | head -1`, where stdout is closed."""

    def fail(step: str, fraction: float, note: str) -> None:
        raise error

    pool = Pool(1, fail)
    [messages] = pool.queues.values()

    def send() -> None:
        for _ in range(2000):  # more than the pipe's capacity
            messages.put(("step", 0.5, "x" * 100))

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    sender.join(timeout=30)
    assert not sender.is_alive()
    pool.close()
