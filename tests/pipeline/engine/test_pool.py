"""What workers tell, and that none waits for ever to tell it."""

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

heard: list[str] = []


def note(step: str, share: float, text: str) -> None:
    heard.append(step)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    graph = a_graph(plucked_notes.folder(tmp_path / "music", {"pop": 4}))
    step = graph.steps["corpus"]
    return Task(step, graph.key("corpus"), graph.parts("corpus"), {}, {}, tmp_path / "cache")


@pytest.fixture
def pool() -> Iterator[Pool]:
    heard.clear()
    made = Pool(1, note)
    yield made
    made.close()


def test_a_worker_killed_while_it_tells_leaves_the_next_its_own_line(
    pool: Pool, task: Task
) -> None:
    [messages] = pool.lines.values()
    messages._wlock.acquire()  # type: ignore[attr-defined]
    future = pool.submit(task)  # it stops with its first news, the lock taken by a dead one
    while not multiprocessing.active_children():
        time.sleep(0.01)
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(WorkerLost):
        pool.collect(future)
    again = pool.submit(task)
    assert again.exception(timeout=60) is None
    assert pool.collect(again)["key"] == task.key
    pool.close()
    assert "corpus" in heard


@pytest.mark.parametrize("error", [SystemExit(1), BrokenPipeError(), ValueError()], ids=repr)
def test_workers_are_heard_when_nobody_can_be_told(error: BaseException) -> None:
    """As where what is told goes to a program that has ended: `latentes build | head -1`."""

    def gone(step: str, share: float, text: str) -> None:
        raise error

    pool = Pool(1, gone)
    [messages] = pool.lines.values()

    def tell() -> None:
        for _ in range(2000):  # more than a pipe holds
            messages.put(("step", 0.5, "x" * 100))

    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    telling.join(timeout=30)
    assert not telling.is_alive()
    pool.close()
