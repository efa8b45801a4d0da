"""Exit promptly on SIGINT and SIGTERM, with one line instead of a traceback."""

import atexit
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

GRACE_SECONDS = 1.0
"""Time for an orderly exit. Stored values survive either way, as they survive `kill -9`."""

LINE = b"Interrupted; what was computed is kept\n"

_exit_code = 0
"""128 + the number of the signal received; 0 before any."""

_reported = False


class Interrupted(SystemExit):
    """Raised in the main thread when SIGINT or SIGTERM arrives."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the block.

    The process then kills its workers, prints one line, runs its exit handlers and exits, all
    within `GRACE_SECONDS`.

    Raises:
        SystemExit: a signal arrived; the exit status is 128 + its number.
    """
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except BaseException:
        if not _exit_code:
            raise
        _kill_workers_and_report()
        raise SystemExit(_exit_code) from None
    # The output is complete: a late signal must not change the exit status.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _exit_code
    if _exit_code:  # already exiting
        return
    _exit_code = 128 + number
    # Errors caused by the exit itself are noise.
    sys.unraisablehook = lambda error: None
    threading.excepthook = lambda error: None
    logging.disable()
    # Not a threading.Timer: the signal may have interrupted the code that starts threads.
    signal.signal(signal.SIGALRM, _exit_now)
    signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
    raise Interrupted(_exit_code)


def _exit_now(number: int, frame: FrameType | None) -> None:
    _kill_workers_and_report()
    os._exit(_exit_code)


def _kill_workers_and_report() -> None:
    """Print `LINE` once, below any progress display, and discard later output to stderr."""
    global _reported
    for process in multiprocessing.active_children():
        process.kill()
    if _reported:
        return
    _reported = True
    # Written to the descriptor: sys.stderr and the display may hold locks.
    show_cursor_and_clear = b"\x1b[?25h\r\x1b[J" if os.isatty(2) else b""
    with suppress(OSError):
        os.write(2, show_cursor_and_clear + LINE)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _skip_finalization() -> None:
    """Exit before the interpreter is torn down, which daemon threads can block or crash."""
    if _exit_code:
        os._exit(_exit_code)


# Exit handlers run last in, first out: register this one before multiprocessing and others do.
atexit.register(_skip_finalization)
