"""Start and end worker processes together with their parent."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, parent_process, resource_tracker
from typing import Any


@contextmanager
def block_sigint() -> Iterator[None]:
    """Start processes in this block to make them ignore Ctrl-C, which the parent handles.

    A terminal sends SIGINT to the whole process group, and a worker that is still importing
    modules would print a traceback. So would one whose parent is interrupted before it has sent
    what the worker reads first: signals that arrive in the block are handled after it.
    """
    arrived: list[int] = []
    handlers: dict[int, Any] = {}
    # Blocking is not enough: another thread may receive the signal, and Python then runs the
    # handler in the main thread all the same.
    if threading.current_thread() is threading.main_thread():
        for number in (int(signal.SIGINT), int(signal.SIGTERM)):
            handler = signal.getsignal(number)
            if callable(handler):
                handlers[number] = handler
                signal.signal(number, lambda number, frame: arrived.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])


def exit_with_parent() -> None:
    """Exit this worker when its parent dies, even if killed before it could stop its workers."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_when_ready, args=(parent.sentinel,), daemon=True).start()


def _exit_when_ready(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def start_resource_tracker() -> None:
    """Start multiprocessing's resource tracker, if it is not running, with stderr discarded.

    The tracker unlinks the semaphores of a parent that was killed or left by `os._exit`. It
    would print a warning about them after the parent's last line.
    """
    stderr = os.dup(2)
    try:
        with open(os.devnull, "w") as devnull:
            os.dup2(devnull.fileno(), 2)
        resource_tracker.ensure_running()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
