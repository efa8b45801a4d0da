"""Progress of the running step, reported without knowing who displays it."""

from collections.abc import Callable
from contextvars import ContextVar

Listener = Callable[[float, str], None]

listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
"""Called with the fraction done, in [0, 1], and a short note ("epoch 12/40"), if set."""


def report_progress(done: int, total: int, note: str = "") -> None:
    """Report that `done` of `total` parts of the running step are done."""
    if (callback := listener.get()) is not None:
        callback(done / total, note or f"{done}/{total}")
