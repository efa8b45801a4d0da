"""Progress of a running step: it calls `report_progress`, and its runner decides who listens."""

from collections.abc import Callable
from contextvars import ContextVar

Listener = Callable[[float, str], None]

listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
"""Called with the share done, in [0, 1], and a short note ("epoch 12/40"); None: nobody asks."""


def report_progress(done: int, total: int, note: str = "") -> None:
    """Report that `done` of `total` parts of the running step are done."""
    if (tell := listener.get()) is not None:
        tell(done / total, note or f"{done}/{total}")
