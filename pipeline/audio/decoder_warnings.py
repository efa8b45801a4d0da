"""Suppress the warnings that a C decoder writes directly to stderr."""

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

DECODER_WARNINGS = re.compile(rb"\[[^\n]*libmpg123/[^\n]*|(Note|Warning): [^\n]*")
"""Lines that libmpg123, inside libsndfile, prints about damaged MP3 files. Files that cannot be
decoded are reported as faults instead."""

_lock = threading.RLock()
"""Stderr belongs to the process: only one thread at a time may redirect it."""


@contextmanager
def mute_decoder() -> Iterator[None]:
    """Drop what libmpg123 writes to stderr inside the block.

    Other output to stderr, from any thread, is delayed until the end of the block.
    """
    with _lock:
        try:
            original = os.dup(2)
        except OSError:  # stderr is closed: keep a music file from getting descriptor 2
            with open(os.devnull, "wb"):
                yield
            return
        try:
            captured = tempfile.TemporaryFile()  # noqa: SIM115
        except OSError:  # disk full
            os.close(original)
            yield
            return
        with captured:
            os.dup2(captured.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(original, 2)
                os.close(original)
                _forward_other_lines(captured)


def _forward_other_lines(captured: IO[bytes]) -> None:
    captured.seek(0)
    for line in captured:
        if not DECODER_WARNINGS.fullmatch(line.rstrip(b"\n")):
            os.write(2, line)
