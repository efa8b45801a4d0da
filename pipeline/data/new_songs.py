"""Prepare new songs: cut an excerpt from any file and convert it to a clip of the study."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import (
    Source,
    UnreadableFile,
    duration,
    open_audio,
    read_blocks,
    read_channels,
    read_mono,
    to_int16,
)
from pipeline.data.corpus import is_silent
from pipeline.engine.unchanged_file import open_unchanged
from pipeline.errors import StudyError

HOP_SECONDS = 0.1
"""Distance between candidate starts of the loudest excerpt."""


@dataclass
class Song:
    """A new song, prepared for the models.

    `excerpt` has the file's channels and rate, int16 (frames, channels) at `source_rate`; `clip`
    is its mono mix at the study's rate, int16 (samples,). `seconds` is the length of the whole
    file, `start` the beginning of the excerpt in seconds, and `start_given` is False if the
    loudest excerpt was chosen.
    """

    source_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool
    excerpt: NDArray[np.int16]
    clip: NDArray[np.int16]


class ExcerptSettings(TypedDict):
    """Keyword arguments of `prepare_song` (see there)."""

    sampling_rate: int
    samples: int
    start: NotRequired[float | None]
    max_hours: NotRequired[float]


def from_file(path: str, digest: str, **cut: Unpack[ExcerptSettings]) -> Song:
    """Prepare a song from a file whose content has `digest`; see `prepare_song`.

    Raises:
        StudyError: also if the file cannot be read, or has changed since it was hashed.
    """
    with open_unchanged(Path(path), digest) as file:
        return prepare_song(file, Path(path).name, **cut)


def from_bytes(music: dict[str, bytes], name: str, **cut: Unpack[ExcerptSettings]) -> Song:
    """Prepare one of several files in memory; see `prepare_song`."""
    return prepare_song(music[name], name, **cut)


def prepare_song(
    source: Source,
    name: str,
    sampling_rate: int,
    samples: int,
    start: float | None = None,
    max_hours: float = math.inf,
) -> Song:
    """Cut an excerpt from a song, mix it to mono and resample it.

    Args:
        source: see `pipeline.audio.files.Source`.
        name: of the file, for messages.
        sampling_rate: of the clip, in Hz.
        samples: length of the clip at `sampling_rate`.
        start: of the excerpt, in seconds; None selects the loudest excerpt.
        max_hours: limit on the length of a file that is searched for its loudest excerpt.

    Raises:
        StudyError: the file cannot be decoded or is too long to search, or the excerpt is silent,
            is not finite or reaches beyond the end.
    """
    length = samples / sampling_rate
    try:
        total = duration(source, 3600 * max_hours)
        if start is None and total > 3600 * max_hours:
            raise StudyError(
                f"{name}: longer than {max_hours:g} hours (limits.hours), too long to search for "
                "the loudest excerpt; set start, or raise limits.hours"
            )
        begin = _loudest(source, length) if start is None else start
        excerpt, rate = read_channels(source, begin, length)
        mono = read_mono(source, sampling_rate, begin, length)
    except UnreadableFile as error:
        raise StudyError(f"{name}: cannot be decoded: {error}") from None
    if len(mono) < samples:
        raise StudyError(
            f"{name}: {total:.1f} s long; too short for {length:g} s starting at {begin:g} s"
        )
    if not torch.isfinite(mono).all() or is_silent(mono):
        raise StudyError(
            f"{name}: silent or not finite in the {length:g} s starting at {begin:g} s"
        )
    return Song(
        rate,
        excerpt.shape[1],
        total,
        begin,
        start is not None,
        to_int16(torch.from_numpy(excerpt)),
        to_int16(mono / max(float(mono.abs().max()), 1.0)),
    )


def _loudest(source: Source, length: float) -> float:
    """Start of the loudest excerpt (highest energy over all channels), in seconds, on a grid of
    `HOP_SECONDS`; the file is read in blocks, so that memory does not grow with its length."""
    energies: list[float] = []
    with open_audio(source) as sound:
        frames = round(HOP_SECONDS * sound.samplerate)
        for block in read_blocks(sound, frames):
            energies.append(float(np.square(block, dtype=np.float64).sum()))
    width = max(1, round(length / HOP_SECONDS))
    # Exclude the last block, which may be shorter.
    total = np.concatenate([[0.0], np.cumsum(energies[:-1])])
    if len(total) <= width:
        return 0.0
    return round(int(np.argmax(total[width:] - total[:-width])) * HOP_SECONDS, 3)
