"""What a long step leaves behind, so that a killed one goes on from there."""

import hashlib
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

SHARE = 0.02
"""Of a step's time, what its checkpoints may take."""

EXPECTED = 0.005
"""Seconds that a checkpoint is taken to need before the first one has shown it."""


class Checkpoint:
    """The last state of one step: a file that is whole or is not, and is checked when read.

    Args:
        path: of the file; it stands beside where the step's value will be.
        send: takes the file's content each time it is written, to where it outlives this
            machine.
    """

    def __init__(self, path: Path, send: Callable[[bytes], None] | None = None) -> None:
        self.path = path
        self.send = send
        self.before = 0.0
        """Seconds that earlier attempts spent up to the state that `load` gave."""
        self.began = self.saved = time.monotonic()
        self.needs = EXPECTED

    def load(self) -> Any | None:
        """The state last saved; None if there is none, or if its file is damaged."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content[32:]).digest() != content[:32]:
            return None
        state, self.before = pickle.loads(content[32:])
        return state

    def offer(self, state: Callable[[], Any]) -> None:
        """Save a state, if the last one is long enough ago for the cost to stay below `SHARE`."""
        began = time.monotonic()
        if self.needs > SHARE * (began - self.saved):
            return
        content = pickle.dumps((state(), self.seconds))
        whole = hashlib.sha256(content).digest() + content
        put(self.path, whole)
        if self.send is not None:
            self.send(whole)
        self.saved = time.monotonic()
        self.needs = self.saved - began

    @property
    def seconds(self) -> float:
        """Time that went into the step so far, that of earlier attempts included."""
        return self.before + time.monotonic() - self.began


def put(path: Path, content: bytes) -> None:
    """Write a checkpoint's file, whole.

    A full disk is no reason to stop computing: what stood there stays then.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
