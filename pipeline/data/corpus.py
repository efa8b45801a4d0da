"""Build the corpus: cut clips from music files, check them, find duplicates and split."""

import errno
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import Source, UnreadableFile, read_mono, to_float, to_int16
from pipeline.control_characters import one_line
from pipeline.data.duplicates import group_clips
from pipeline.data.splits import split
from pipeline.engine.file_digests import UNREADABLE
from pipeline.engine.progress import report_progress
from pipeline.engine.unchanged_file import cannot_be_read, open_unchanged
from pipeline.errors import StudyError

SILENCE_STD = 1e-4
"""Standard deviation (full scale 1) below which a clip is silent: -80 dB."""

PERMANENT_ERRORS = (errno.ENOENT, errno.ELOOP, errno.EACCES, errno.EPERM)
"""Reasons why a file cannot be opened, such as a broken link, that make it a fault; any other is
an error of the disk."""


@dataclass(frozen=True)
class Clip:
    """Metadata of one row of the corpus. `start` is in seconds; `split` is one of SPLITS."""

    name: str
    genre: str
    file: str
    start: float
    split: str


@dataclass(frozen=True)
class Fault:
    """A file, or an excerpt of one, that was left out: `fault` is too_short, silent, unreadable or
    not_finite; `detail` describes it in English; `value` is the measured length in seconds, if
    any."""

    file: str
    fault: str
    detail: str
    value: float | None = None


@dataclass
class Corpus:
    """All clips of a study.

    `waveforms` is int16 of shape (clips, samples), aligned with `clips`, which are sorted by
    genre and name; `duplicates` lists groups of identical clips by index.
    """

    sampling_rate: int
    waveforms: NDArray[np.int16]
    clips: list[Clip]
    faults: list[Fault] = field(default_factory=list)
    duplicates: list[list[int]] = field(default_factory=list)

    @property
    def genres(self) -> list[str]:
        """Genre names, sorted."""
        return sorted({clip.genre for clip in self.clips})

    def rows(self, split: str) -> list[int]:
        """Indices of the clips in a split."""
        return [row for row, clip in enumerate(self.clips) if clip.split == split]

    def floats(self, rows: list[int]) -> torch.Tensor:
        """Waveforms of the clips at `rows`, float32 (rows, samples) in [-1, 1)."""
        return to_float(self.waveforms[rows])


class CutSettings(TypedDict):
    """Keyword arguments of `build_corpus` (see there)."""

    sampling_rate: int
    samples: int
    clips_per_file: int
    validation: float
    test: float
    seed: int
    max_clips: NotRequired[int]


def from_folder(folder: str, files: Mapping[str, str], **cuts: Unpack[CutSettings]) -> Corpus:
    """Build a corpus from a folder's `files` (path to digest); see `build_corpus`.

    Raises:
        StudyError: also if a file cannot be read, or has changed since it was hashed.
    """
    return build_corpus(
        {file: (Path(folder, file), digest) for file, digest in files.items()}, **cuts
    )


def from_bytes(music: Mapping[str, Mapping[str, bytes]], **cuts: Unpack[CutSettings]) -> Corpus:
    """Build a corpus from groups of files in memory (name to content); see `build_corpus`."""
    return build_corpus(
        {file: data for group in music.values() for file, data in group.items()}, **cuts
    )


def build_corpus(
    sources: Mapping[str, tuple[Path, str] | bytes],
    *,
    sampling_rate: int,
    samples: int,
    clips_per_file: int,
    validation: float,
    test: float,
    seed: int,
    max_clips: int = 2**31,
) -> Corpus:
    """Cut clips from files and split them.

    Up to `clips_per_file` consecutive clips are cut from the beginning of each file. Unusable
    files and clips are listed in `faults`. Clips of one file, and identical clips, are assigned
    to the same split.

    Args:
        sources: "GENRE/…/name.extension" to the path and digest of a file, or to its content.
        sampling_rate: of the clips, in Hz.
        samples: length of a clip.
        clips_per_file: maximum number of clips per file.
        validation, test: fractions of the clips, in (0, 0.5).
        seed: of the split.
        max_clips: limit on the number of clips.

    Raises:
        StudyError: fewer than three distinct usable files, or more than `max_clips` clips.
    """
    digests: list[bytes] = []
    rows: list[tuple[str, str, str, float]] = []
    faults: list[Fault] = []
    names = _clip_names(sources)
    # Written to a file: the corpus may be larger than memory.
    with tempfile.TemporaryFile() as buffer:
        for done, (file, source) in enumerate(sources.items()):
            report_progress(done, len(sources))
            if (readable := printable(file)) != file:
                faults.append(
                    Fault(readable, "unreadable", "file name is not UTF-8; rename the file")
                )
                continue
            for index, (cut, fault) in enumerate(
                _clips_of(file, source, sampling_rate, samples, clips_per_file)
            ):
                if fault is not None:
                    faults.append(fault)
                    continue
                if len(rows) == max_clips:
                    raise StudyError(
                        f"more than {max_clips} clips (limits.clips) in {done + 1} of "
                        f"{len(sources)} files; lower data.clips_per_file, or raise limits.clips"
                    )
                start = index * samples / sampling_rate
                name = names[file] if index == 0 else f"{names[file]}@{start:g}s"
                rows.append((name, file.partition("/")[0], file, start))
                buffer.write(cut.data)
                digests.append(hashlib.sha256(cut.data).digest())
        buffer.flush()
        waveforms = np.memmap(buffer, np.int16, "r", shape=(len(rows), samples)) if rows else None
    groups, duplicates = group_clips([file for _, _, file, _ in rows], digests)
    if len(set(groups)) < 3:
        raise StudyError(
            f"only {len(set(groups))} of {len(sources)} music files are usable and distinct; a "
            "study needs at least 3, for training, validation and test" + _first_fault(faults)
        )
    splits = split([genre for _, genre, _, _ in rows], groups, validation, test, seed)
    assert waveforms is not None
    return Corpus(
        sampling_rate,
        np.asarray(waveforms),
        [Clip(*row, part) for row, part in zip(rows, splits, strict=True)],
        faults,
        duplicates,
    )


def printable(name: str) -> str:
    """File name with bytes that are not UTF-8 written as \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _first_fault(faults: list[Fault]) -> str:
    return one_line(f" (first fault: {faults[0].file}: {faults[0].detail})") if faults else ""


def _clip_names(files: Mapping[str, object]) -> dict[str, str]:
    """Clip names by file: the path without extension, unless two files differ only in that."""
    stems = {file: file.rpartition(".")[0] for file in files}
    counts = Counter(stems.values())
    return {file: file if counts[stem] > 1 else stem for file, stem in stems.items()}


def _clips_of(
    file: str, source: tuple[Path, str] | bytes, *cut: int
) -> Iterator[tuple[NDArray[np.int16], Fault | None]]:
    """Open a file for `_cut_clips`."""
    if isinstance(source, bytes):
        yield from _cut_clips(file, source, *cut)
        return
    path, digest = source
    if not digest.startswith(UNREADABLE):
        with open_unchanged(path, digest) as opened:
            yield from _cut_clips(file, opened, *cut)
        return
    # Its digest is part of the key, so it is read as soon as it becomes readable.
    reason = digest.removeprefix(UNREADABLE)
    if reason not in map(os.strerror, PERMANENT_ERRORS):
        raise cannot_be_read(path, reason)
    yield np.empty(0, np.int16), Fault(file, "unreadable", f"cannot be read: {reason}")


def _cut_clips(
    file: str, source: Source, sampling_rate: int, samples: int, clips_per_file: int
) -> Iterator[tuple[NDArray[np.int16], Fault | None]]:
    """Yield the clips of one file, each with its fault, if any.

    A file too short for `clips_per_file` clips is a fault only if it has none.
    """
    empty = np.empty(0, np.int16)
    seconds = samples / sampling_rate
    for index in range(clips_per_file):
        start = index * seconds
        try:
            waveform = read_mono(source, sampling_rate, start, seconds)
        except UnreadableFile as error:
            yield empty, Fault(file, "unreadable", f"cannot be decoded: {error}")
            return
        at = f" from {start:g} s" if index else ""
        if len(waveform) < samples:
            if index == 0:
                length = len(waveform) / sampling_rate
                yield (
                    empty,
                    Fault(file, "too_short", f"{length:.2f} s, {seconds:g} s needed", length),
                )
            return
        if not torch.isfinite(waveform).all():
            yield empty, Fault(file, "not_finite", f"contains NaN or infinite samples{at}")
            continue
        peak = float(waveform.abs().max())
        if is_silent(waveform):
            yield empty, Fault(file, "silent", f"silent{at}")
            continue
        # Attenuate clips beyond full scale (float files, resampling overshoot) instead of clipping.
        yield to_int16(waveform / max(peak, 1.0)), None


def is_silent(waveform: torch.Tensor) -> bool:
    """True if a waveform (samples,) is constant, up to `SILENCE_STD`."""
    return float(waveform.double().std(correction=0)) < SILENCE_STD
