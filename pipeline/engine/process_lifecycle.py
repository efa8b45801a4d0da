"""What worker processes and their builder owe each other when one of them is to end."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, parent_process


@contextmanager
def block_sigint() -> Iterator[None]:
    """Processes started in this block never hear Ctrl-C, which is the builder's to handle.

    A terminal sends it to them as well, and one that is still loading would say so at length.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def exit_with_parent() -> None:
    """End this worker when its builder is gone: killed, that cannot tell it to stop."""
    builder = parent_process()
    if builder is not None:
        threading.Thread(target=_wait, args=(builder.sentinel,), daemon=True).start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
