"""Reading ahead: in order, one job further than the loop has got, and mistakes come through."""

import threading

import pytest

from pipeline.audio.prefetch import prefetch


def test_the_next_is_read_while_the_present_is_at_work() -> None:
    begun = [threading.Event() for _ in range(5)]

    def read(job: int) -> int:
        begun[job].set()
        return 10 * job

    given = []
    for found in prefetch(read, range(5)):
        given.append(found)
        if found < 40:
            assert begun[found // 10 + 1].wait(60)
    assert given == [0, 10, 20, 30, 40]
    assert list(prefetch(read, [])) == []


def test_it_never_holds_more_than_the_next() -> None:
    read: list[int] = []

    def note(job: int) -> int:
        read.append(job)
        return job

    for found in prefetch(note, range(9)):
        assert len(read) <= found + 2


def test_a_mistake_comes_where_its_job_is_asked_for() -> None:
    found = prefetch(lambda job: 1 // job, [2, 1, 0])
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
