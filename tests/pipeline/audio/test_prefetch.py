"""Prefetching: order, depth of one, and propagation of errors."""

import threading

import pytest

from pipeline.audio.prefetch import prefetch


def test_the_next_job_is_read_during_the_current_one() -> None:
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


def test_only_one_job_is_read_ahead() -> None:
    read: list[int] = []

    def note(job: int) -> int:
        read.append(job)
        return job

    for found in prefetch(note, range(9)):
        assert len(read) <= found + 2


def test_an_error_is_raised_for_its_own_job() -> None:
    found = prefetch(lambda job: 1 // job, [2, 1, 0])
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
