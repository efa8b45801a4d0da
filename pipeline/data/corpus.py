"""Build the corpus: cut clips from music files, check them, find duplicates and split."""

import errno
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import to_float, to_int16
from pipeline.control_characters import one_line
from pipeline.data.clip_cutter import ClipCutter, Cut, Fault, FileFormat
from pipeline.data.duplicates import group_clips
from pipeline.data.recordings import copies
from pipeline.data.splits import split
from pipeline.data.stretches import Stretch
from pipeline.engine.file_digests import UNREADABLE
from pipeline.engine.progress import report_progress
from pipeline.engine.unchanged_file import cannot_be_read, open_unchanged
from pipeline.errors import StudyError
from pipeline.file_names import composed

PERMANENT_ERRORS = (errno.ENOENT, errno.ELOOP, errno.EACCES, errno.EPERM)
"""Reasons why a file cannot be opened, such as a broken link, that make it a fault; any other is
an error of the disk."""

LEFT_OUT = {
    "outside": "not in a genre folder",
    "no_genre": "without a genre in the table",
}
"""Why a music file is not read, by the name of the fault."""


@dataclass(frozen=True)
class Clip:
    """Metadata of one row of the corpus. `start` is in seconds; `split` is one of SPLITS, or empty
    before the split."""

    name: str
    genre: str
    file: str
    start: float
    split: str = ""


@dataclass
class Corpus:
    """All clips of a study.

    `waveforms` is int16 of shape (clips, samples), aligned with `clips`, which are sorted by
    genre and name. `duplicates` lists groups of identical clips by index, `copies` those of clips
    that are one recording although they differ. `files` is the number of music files found;
    `formats` has what those hold that can be read, and `seconds` is their length.
    """

    sampling_rate: int
    waveforms: NDArray[np.int16]
    clips: list[Clip]
    faults: list[Fault] = field(default_factory=list)
    duplicates: list[list[int]] = field(default_factory=list)
    copies: list[list[int]] = field(default_factory=list)
    files: int = 0
    seconds: float = 0.0
    formats: dict[str, FileFormat] = field(default_factory=dict)

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
    stretch: NotRequired[Stretch]
    max_clips: NotRequired[int]


def from_folder(
    folder: str,
    files: Mapping[str, str],
    genres: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
    **cuts: Unpack[CutSettings],
) -> Corpus:
    """Build a corpus from a folder's `files` (path to digest); see `build_corpus`.

    Raises:
        StudyError: also if a file cannot be read, or has changed since it was hashed.
    """
    sources = {file: (Path(folder, file), digest) for file, digest in files.items()}
    return build_corpus(sources, genres, left_out, **cuts)


def from_bytes(music: Mapping[str, Mapping[str, bytes]], **cuts: Unpack[CutSettings]) -> Corpus:
    """Build a corpus from groups of files in memory (name to content); see `build_corpus`."""
    return build_corpus(
        {file: data for group in music.values() for file, data in group.items()}, **cuts
    )


def build_corpus(
    sources: Mapping[str, tuple[Path, str] | bytes],
    genres: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
    *,
    sampling_rate: int,
    samples: int,
    clips_per_file: int,
    validation: float,
    test: float,
    seed: int,
    stretch: Stretch = "start",
    max_clips: int = 2**31,
) -> Corpus:
    """Cut clips from files and split them; see `collect_clips` and `split_clips`.

    Args:
        validation, test: fractions of the clips, in (0, 0.5).
        seed: of the split and of random stretches.

    Raises:
        StudyError: fewer than three distinct usable files, or more than `max_clips` clips.
    """
    corpus, groups = collect_clips(
        sources,
        genres,
        left_out,
        sampling_rate=sampling_rate,
        samples=samples,
        clips_per_file=clips_per_file,
        seed=seed,
        stretch=stretch,
        max_clips=max_clips,
    )
    split_clips(corpus, groups, validation, test, seed)
    return corpus


def collect_clips(
    sources: Mapping[str, tuple[Path, str] | bytes],
    genres: Mapping[str, str] | None = None,
    left_out: Mapping[str, str] | None = None,
    *,
    sampling_rate: int,
    samples: int,
    clips_per_file: int,
    seed: int,
    stretch: Stretch = "start",
    max_clips: int = 2**31,
) -> tuple[Corpus, list[int]]:
    """Cut clips from files, without a split.

    Unusable files and stretches are listed in `faults`.

    Args:
        sources: path of each file in the music folder to its path and digest, or to its content.
        genres: genre of each file; by default its first folder.
        left_out: files that are not used, and why: a key of `LEFT_OUT`.
        sampling_rate: of the clips, in Hz.
        samples: length of a clip.
        clips_per_file: maximum number of clips per file.
        seed: of random stretches.
        stretch: which stretches of a file; see `pipeline.data.stretches`.
        max_clips: limit on the number of clips.

    Returns:
        The corpus, and the group of each clip, to be split as a whole: clips of one file, identical
        clips, and copies of one recording.

    Raises:
        StudyError: more than `max_clips` clips.
    """
    if genres is None:
        genres = {file: composed(file.partition("/")[0]) for file in sources}
    left_out = left_out or {}
    order = sorted(sources, key=lambda file: (genres[file], file))
    cutter = ClipCutter(sampling_rate, samples, clips_per_file, stretch, seed)
    digests: list[bytes] = []
    rows: list[tuple[str, str, str, float]] = []
    faults = [Fault(printable(file), kind, LEFT_OUT[kind]) for file, kind in left_out.items()]
    names = _clip_names(sources)
    # Written to a file: the corpus may be larger than memory.
    with tempfile.TemporaryFile() as buffer:
        for done, file in enumerate(order):
            report_progress(done, len(order))
            if (readable := printable(file)) != file:
                detail = "file name is not UTF-8; rename the file"
                faults.append(Fault(readable, "unreadable", detail))
                continue
            clips_of_file = 0
            for cut in _cuts(file, sources[file], cutter):
                if isinstance(cut, Fault):
                    faults.append(cut)
                    continue
                if len(rows) == max_clips:
                    raise StudyError(
                        f"more than {max_clips} clips (limits.clips) in {done + 1} of "
                        f"{len(order)} files; lower data.clips_per_file, or raise limits.clips"
                    )
                name = names[file] if not clips_of_file else f"{names[file]}@{cut.start:g}s"
                clips_of_file += 1
                rows.append((name, genres[file], file, cut.start))
                clip = to_int16(cut.waveform)
                buffer.write(clip.data)
                digests.append(hashlib.sha256(clip.data).digest())
        buffer.flush()
        waveforms = (
            np.asarray(np.memmap(buffer, np.int16, "r", shape=(len(rows), samples)))
            if rows
            else np.zeros((0, samples), np.int16)
        )
    pairs = copies(waveforms, sampling_rate)
    groups, duplicates, recordings = group_clips([file for _, _, file, _ in rows], digests, pairs)
    corpus = Corpus(
        sampling_rate,
        waveforms,
        [Clip(*row) for row in rows],
        faults,
        duplicates,
        recordings,
        len(sources) + len(left_out),
        sum(each.seconds for each in cutter.formats.values()),
        cutter.formats,
    )
    return corpus, groups


def split_clips(
    corpus: Corpus, groups: list[int], validation: float, test: float, seed: int
) -> None:
    """Assign the clips of a corpus to training, validation and test, each group as a whole.

    Raises:
        StudyError: fewer than three groups.
    """
    if len(set(groups)) < 3:
        raise StudyError(
            f"only {len(set(groups))} of {corpus.files} music files are usable and distinct; a "
            "study needs at least 3, for training, validation and test"
            + _first_fault(corpus.faults)
        )
    splits = split([clip.genre for clip in corpus.clips], groups, validation, test, seed)
    corpus.clips = [
        replace(clip, split=part) for clip, part in zip(corpus.clips, splits, strict=True)
    ]


def printable(name: str) -> str:
    """File name with bytes that are not UTF-8 written as \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _first_fault(faults: list[Fault]) -> str:
    return one_line(f" (first fault: {faults[0].file}: {faults[0].detail})") if faults else ""


def _clip_names(files: Mapping[str, object]) -> dict[str, str]:
    """Clip names by file: the path without extension, unless two files differ only in that."""
    stems = {file: composed(file.rpartition(".")[0]) for file in files}
    counts = Counter(stems.values())
    return {file: composed(file) if counts[stem] > 1 else stem for file, stem in stems.items()}


def _cuts(file: str, source: tuple[Path, str] | bytes, cutter: ClipCutter) -> Iterator[Cut | Fault]:
    """Open a file and cut its clips."""
    if isinstance(source, bytes):
        yield from cutter.cut(file, source)
        return
    path, digest = source
    if not digest.startswith(UNREADABLE):
        with open_unchanged(path, digest) as opened:
            yield from cutter.cut(file, opened)
        return
    # Its digest is part of the key, so it is read as soon as it becomes readable.
    reason = digest.removeprefix(UNREADABLE)
    if reason not in map(os.strerror, PERMANENT_ERRORS):
        raise cannot_be_read(path, reason)
    yield Fault(file, "unreadable", f"cannot be read: {reason}")
