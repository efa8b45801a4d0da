"""Save and load the state of a long step, so that it resumes after being killed."""

import hashlib
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_TIME_FRACTION = 0.02
"""Maximum fraction of a step's time spent on checkpoints."""

INITIAL_COST_SECONDS = 0.005
"""Assumed time to save the first checkpoint."""


class Checkpoint:
    """The last saved state of one step, in a file with a digest.

    Args:
        path: the file, beside the step's future entry in the store.
        send: called with the file's content after each save, to copy it to another machine.
    """

    def __init__(self, path: Path, send: Callable[[bytes], None] | None = None) -> None:
        self.path = path
        self.send = send
        self.earlier_seconds = 0.0
        """Time that earlier attempts spent up to the loaded state."""
        self.started = self.saved = time.monotonic()
        self.cost_seconds = INITIAL_COST_SECONDS

    def load(self) -> Any | None:
        """Return the last saved state; None if there is none or its file is damaged."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content[32:]).digest() != content[:32]:
            return None
        state, self.earlier_seconds = pickle.loads(content[32:])
        return state

    def save_if_due(self, state: Callable[[], Any]) -> None:
        """Save `state()` if enough time has passed to keep within `MAX_TIME_FRACTION`."""
        began = time.monotonic()
        if self.cost_seconds > MAX_TIME_FRACTION * (began - self.saved):
            return
        pickled = pickle.dumps((state(), self.seconds))
        content = hashlib.sha256(pickled).digest() + pickled
        write_checkpoint(self.path, content)
        if self.send is not None:
            self.send(content)
        self.saved = time.monotonic()
        self.cost_seconds = self.saved - began

    @property
    def seconds(self) -> float:
        """Time spent on the step so far, including earlier attempts."""
        return self.earlier_seconds + time.monotonic() - self.started


def write_checkpoint(path: Path, content: bytes) -> None:
    """Write a checkpoint file atomically.

    On failure, such as a full disk, the previous file stays and the step goes on.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
