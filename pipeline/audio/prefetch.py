"""Read ahead on a background thread, because a corpus may be on disk."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Read = TypeVar("Read")


def prefetch(read: Callable[[Job], Read], jobs: Iterable[Job]) -> Iterator[Read]:
    """Yield `read(job)` for each job, in order, while another thread reads the next one."""
    pending: Future[Read] | None = None
    with ThreadPoolExecutor(1) as reader:
        for job in jobs:
            upcoming = reader.submit(read, job)
            if pending is not None:
                yield pending.result()
            pending = upcoming
        if pending is not None:
            yield pending.result()
