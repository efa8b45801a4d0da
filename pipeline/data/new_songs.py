"""Prepare new songs: cut an excerpt from any file and convert it to a clip of the study."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.byte_source import Source
from pipeline.audio.container import UnreadableFile, conversion_hint
from pipeline.audio.decode import open_audio, packet_seconds
from pipeline.audio.files import read_excerpt, to_int16
from pipeline.audio.mono import Mixer
from pipeline.data.clip_cutter import is_silent
from pipeline.data.stretches import choose_starts, measure_levels
from pipeline.engine.unchanged_file import open_unchanged
from pipeline.errors import StudyError


@dataclass
class Song:
    """A new song, prepared for the models.

    `excerpt` has the file's rate and, up to stereo, its channels, int16 (frames, channels) at
    `source_rate`; of more channels it is the mono mix. `clip` is its mono mix at the study's rate,
    int16 (samples,). `seconds` is the length of the whole file, `start` the beginning of the
    excerpt in seconds, and `start_given` is False if the loudest excerpt was chosen. `damage` lists
    the seconds at which the file is damaged, and `channel` is the number (from 1) of the only
    channel of `clip`, if the channels cancel out.
    """

    source_rate: int
    channels: int
    seconds: float
    start: float
    start_given: bool
    excerpt: NDArray[np.int16]
    clip: NDArray[np.int16]
    damage: list[float] = field(default_factory=list)
    channel: int | None = None


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
        if start is None:
            first, total = _loudest(source, name, length, max_hours)
        else:
            first, total = None, packet_seconds(source)
        with open_audio(source) as sound:
            rate = sound.rate
            sound.skip_to(round((start or 0) * rate) if first is None else first)
            begin = sound.position / rate if start is None else start
            channels = sound.read(math.ceil(length * rate))
            sound.unread(channels)
            excerpt = read_excerpt(source, sound, sampling_rate, length)
            damage = [round(each.start, 1) for each in sound.damage]
    except UnreadableFile as error:
        raise StudyError(f"{name}: cannot be decoded: {error}{conversion_hint(name)}") from None
    mono, kept = excerpt.waveform, channels
    if channels.shape[1] > 2:
        kept = Mixer(excerpt.channel).mix(channels)[:, None]
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
        channels.shape[1],
        total,
        begin,
        start is not None,
        to_int16(torch.from_numpy(kept)),
        to_int16(mono / max(float(mono.abs().max()), 1.0)),
        damage,
        None if excerpt.channel is None else excerpt.channel + 1,
    )


def _loudest(source: Source, name: str, length: float, max_hours: float) -> tuple[int, float]:
    """First frame of the loudest excerpt, and the length of the file in seconds."""
    levels = measure_levels(source, 3600 * max_hours)
    if levels.seconds > 3600 * max_hours:
        raise StudyError(
            f"{name}: longer than {max_hours:g} hours (limits.hours), too long to search for "
            "the loudest excerpt; set start, or raise limits.hours"
        )
    starts = choose_starts(levels, "loudest", 1, length, 0, name)
    return starts[0] if starts else 0, levels.seconds
