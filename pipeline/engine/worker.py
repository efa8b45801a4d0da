"""What happens in a worker process: one step, from stored inputs to a stored value."""

import importlib
import os
import signal
import threading
import time
from datetime import UTC, datetime
from multiprocessing import connection, parent_process
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from pipeline.engine import progress
from pipeline.engine.graph import Step
from pipeline.engine.store import Store, note, save

Message = tuple[str, float, str]
"""(step, share done in [0, 1], note)."""

_messages: "SimpleQueue[Message] | None" = None


ENVIRONMENT = {
    # Workers stand side by side, a core each: libraries must not ask for more.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    # cuBLAS is repeatable only with a fixed workspace.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""What a worker must find in its environment: libraries read it while they are loaded."""


def start(messages: "SimpleQueue[Message]") -> None:
    """Prepare a fresh worker: its line to the builder, and its end with the builder's."""
    global _messages
    _messages = messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the builder's to handle
    threading.Thread(target=_end_with_builder, daemon=True).start()


def _end_with_builder() -> None:
    """A killed builder cannot tell its workers to stop, but its death can be waited for."""
    builder = parent_process()
    if builder is not None:
        connection.wait([builder.sentinel])
        os._exit(1)


def run(
    step: Step,
    key: str,
    parts: dict[str, Any],
    keys: dict[str, str],
    history: dict[str, dict[str, Any]],
    folder: Path,
) -> dict[str, Any]:
    """Compute a step and store its value.

    Args:
        key, parts: of this step.
        keys: name to key of every step it reads.
        history: what the store knows of the other steps, for a step that asks.
        folder: of the store.

    Returns:
        The entry noted beside the value.
    """
    store = Store(folder)

    def load(name: str) -> Any:
        return store.load(name, keys[name])

    began, last = time.perf_counter(), 0.0

    def listen(share: float, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if _messages is not None and (now - last > 0.1 or share >= 1):
            last = now
            _messages.put((step.name, share, text))

    module, _, name = step.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    arguments = dict(step.parameters) | dict(step.places)
    for argument, source in step.inputs.items():
        arguments[argument] = (
            load(source)
            if isinstance(source, str)
            else {label: load(inner) for label, inner in source.items()}
        )
    if step.history:
        arguments["history"] = history
    token = progress.listener.set(listen)
    try:
        with store.draft(step.name, key) as draft:
            if step.folder:
                (draft / "files").mkdir()
                function(**arguments, folder=draft / "files")
            else:
                save(draft, function(**arguments))
            entry = {
                "key": key,
                "parts": parts,
                "seconds": round(time.perf_counter() - began, 3),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            note(draft, entry)
    finally:
        progress.listener.reset(token)
    return entry
