"""Keeps the remarks of a decoder in C off the terminal, and nothing else."""

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

DECODER_WARNINGS = re.compile(rb"\[[^\n]*libmpg123/[^\n]*|(Note|Warning): [^\n]*")
"""Lines that libmpg123, within libsndfile, writes about damaged MP3 files. What keeps a file out
of a study is listed with its reason."""

_one = threading.RLock()
"""The standard error belongs to the process: one thread at a time turns it aside."""


@contextmanager
def mute_decoder() -> Iterator[None]:
    """Within the block nothing that libmpg123 writes to the standard error is seen.

    All else that is written there meanwhile, by whatever thread, is written after the block.
    """
    with _one:
        try:
            seen = os.dup(2)
        except OSError:  # no standard error: that a file of music becomes it must not be
            with open(os.devnull, "wb"):
                yield
            return
        try:
            aside = tempfile.TemporaryFile()  # noqa: SIM115
        except OSError:  # no room
            os.close(seen)
            yield
            return
        with aside:
            os.dup2(aside.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(seen, 2)
                os.close(seen)
                _forward_other_lines(aside)


def _forward_other_lines(aside: IO[bytes]) -> None:
    aside.seek(0)
    for line in aside:
        if not DECODER_WARNINGS.fullmatch(line.rstrip(b"\n")):
            os.write(2, line)
