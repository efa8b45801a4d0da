"""Read what a loop needs next while it works: a corpus may lie on disk."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Read = TypeVar("Read")


def prefetch(read: Callable[[Job], Read], jobs: Iterable[Job]) -> Iterator[Read]:
    """What `read` gives for each job, in order; the next one's is read on another thread."""
    waiting: Future[Read] | None = None
    with ThreadPoolExecutor(1) as reader:
        for job in jobs:
            following = reader.submit(read, job)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
