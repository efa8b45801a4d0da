"""New songs: from any file to the study's clip, and through every model and baseline."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import (
    UnreadableFile,
    blocks,
    duration,
    opened,
    read,
    read_channels,
    to_int16,
)
from pipeline.data.corpus import silent
from pipeline.errors import StudyError

BLOCK = 0.1
"""Seconds between two places where the loudest stretch may begin."""


@dataclass
class Song:
    """A new song as the study hears it, and how it came to be so.

    `excerpt` is the chosen stretch as the file has it, int16 (frames, channels) at
    `source_rate`; `clip` is its mono mix at the study's rate, int16 (samples,). `seconds` is
    the length of the whole file, `start` where the stretch begins.
    """

    source_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool
    excerpt: NDArray[np.int16]
    clip: NDArray[np.int16]


def from_file(path: str, digest: str, **cut: Any) -> Song:
    """Prepare a song from a file; `digest` states its content, the rest as `prepare`."""
    return prepare(Path(path), Path(path).name, **cut)


def from_bytes(music: dict[str, bytes], name: str, **cut: Any) -> Song:
    """Prepare one of several files held in memory; the rest as `prepare`."""
    return prepare(music[name], name, **cut)


def prepare(
    source: Path | bytes,
    name: str,
    sampling_rate: int,
    samples: int,
    start: float | None = None,
    hours: float = math.inf,
) -> Song:
    """Cut a stretch of a song, mix it to mono and bring it to the study's rate.

    Args:
        samples: length of the clip at `sampling_rate`.
        start: in seconds; the loudest stretch of that length if absent.
        hours: how long a file may be whose loudest stretch is looked for.

    Raises:
        StudyError: the file cannot be decoded, is silent, is too long to be looked through, or
            ends before the stretch does.
    """
    length = samples / sampling_rate
    try:
        total = duration(source, 3600 * hours)
        if start is None and total > 3600 * hours:
            raise StudyError(
                f"{name}: more than {hours:g} hours long (limits.hours), to look for its loudest "
                "stretch; state its start, or raise that limit"
            )
        begin = _loudest(source, length) if start is None else start
        excerpt, rate = read_channels(source, begin, length)
        mono = read(source, sampling_rate, begin, length)
    except UnreadableFile as error:
        raise StudyError(f"{name}: cannot be decoded: {error}") from None
    if len(mono) < samples:
        raise StudyError(
            f"{name}: {total:.1f} s long, but {length:g} s from {begin:g} s are needed"
        )
    if not torch.isfinite(mono).all() or silent(mono):
        raise StudyError(f"{name}: the {length:g} s from {begin:g} s are silent or not finite")
    return Song(
        rate,
        excerpt.shape[1],
        total,
        begin,
        start is not None,
        to_int16(torch.from_numpy(excerpt)),
        to_int16(mono / max(float(mono.abs().max()), 1.0)),
    )


def _loudest(source: Path | bytes, length: float) -> float:
    """Start of the loudest stretch (highest energy of its channels) on a grid of `BLOCK`.

    The file is read a block at a time, so that hours of music need no more memory.
    """
    energies: list[float] = []
    with opened(source) as sound:
        frames = round(BLOCK * sound.samplerate)
        for block in blocks(sound, frames):
            energies.append(float(np.square(block, dtype=np.float64).sum()))
    width = max(1, round(length / BLOCK))
    # The last block may be cut short by the file's end: a stretch must not reach into it.
    total = np.concatenate([[0.0], np.cumsum(energies[:-1])])
    if len(total) <= width:
        return 0.0
    return round(int(np.argmax(total[width:] - total[:-width])) * BLOCK, 3)
