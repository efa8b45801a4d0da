"""What happens in a worker process: one step, from stored inputs to a stored value."""

import importlib
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from pipeline.engine import progress
from pipeline.engine.checkpoint import Checkpoint
from pipeline.engine.graph import Step
from pipeline.engine.process_lifecycle import exit_with_parent
from pipeline.engine.store import Store, note, reporting_full_disk, save

Message = tuple[str, float, str]
"""(step, share done in [0, 1], note)."""

tell: Callable[[Message], None] | None = None
"""How a running step's news reach the builder; None: they do not."""


keep: Callable[[bytes], None] | None = None
"""Where a step's checkpoints go besides this machine's store; None: nowhere."""

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
    global tell
    tell = messages.put
    exit_with_parent()


@dataclass(frozen=True)
class Task:
    """What a worker must know to compute a step.

    Args:
        key, parts: of the step.
        keys: name to key of every step it reads.
        history: what the store knows of the other steps, for a step that asks.
        folder: of the store.
    """

    step: Step
    key: str
    parts: dict[str, Any]
    keys: dict[str, str]
    history: dict[str, dict[str, Any]]
    folder: Path


def run(task: Task) -> dict[str, Any]:
    """Compute a step and store its value.

    Returns:
        The entry noted beside the value.

    Raises:
        Damaged: a value that the step reads is not what was stored.
        StoreError: the value cannot be written.
    """
    step, key, folder = task.step, task.key, task.folder
    store = Store(folder)
    last = 0.0

    def load(name: str) -> Any:
        return store.load(name, task.keys[name])

    def listen(share: float, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if tell is not None and (now - last > 0.1 or share >= 1):
            last = now
            tell((step.name, share, text))

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
        arguments["history"] = task.history
    checkpoint = Checkpoint(store.checkpoint(step.name, key), keep)
    if step.resumes:
        arguments["checkpoint"] = checkpoint
    token = progress.listener.set(listen)
    try:
        with store.draft(step.name, key) as draft:
            if step.folder:
                (draft / "files").mkdir()
                arguments["folder"] = draft / "files"
            with reporting_full_disk(folder) if step.folder else nullcontext():
                value = function(**arguments)
            if not step.folder:
                save(draft, value)
            entry = {
                "key": key,
                "parts": task.parts,
                "seconds": round(checkpoint.seconds, 3),
                "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            note(draft, entry)
    finally:
        progress.listener.reset(token)
    return entry
