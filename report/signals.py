"""Ctrl-C and SIGTERM end a command in order, or at once where order takes too long."""

import atexit
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import util
from types import FrameType

PATIENCE = 1.0
"""Seconds that order may take. What is stored survives either way, as it does `kill -9`."""

LINE = b"Interrupted; what was computed is kept\n"


class Interrupted(SystemExit):
    """The user, or the system, asked the command to end."""


class _Ending:
    """What is known of the signal that ends this process."""

    code = 0
    told = False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let a signal end what runs in the block, with one line and status 128 + its number."""
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except BaseException:
        if not _Ending.code:
            raise
        _tell()
        atexit._run_exitfuncs()
        # Threads are not waited for, nor is what they work on of any use.
        os._exit(_Ending.code)
    # All is done and told: while Python goes, a late signal would only belie that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end(number: int, frame: FrameType | None) -> None:
    if _Ending.code:  # asked twice: it is on its way
        return
    _Ending.code = 128 + number
    # What falls over while all ends is not worth a word.
    sys.unraisablehook = lambda found: None
    threading.excepthook = lambda found: None
    logging.disable()
    # No thread: this may have interrupted the very code that starts one.
    signal.signal(signal.SIGALRM, _at_once)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    raise Interrupted(_Ending.code)


def _at_once(number: int, frame: FrameType | None) -> None:
    for process in multiprocessing.active_children():
        process.kill()
    _tell()
    # Else Python says at length that semaphores were left.
    util._run_finalizers(0)  # type: ignore[attr-defined]
    os._exit(_Ending.code)


def _tell() -> None:
    """Say it once, past whatever lock or display holds the stream."""
    if not _Ending.told:
        _Ending.told = True
        shown = b"\x1b[?25h\r\x1b[J" if os.isatty(2) else b""  # the cursor, hidden by bars
        os.write(2, shown + LINE)
