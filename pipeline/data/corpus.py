"""A folder of genres to clips: cut, checked, duplicates found, split."""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.files import UnreadableFile, read, to_float, to_int16
from pipeline.control_characters import one_line
from pipeline.data.duplicates import group_clips
from pipeline.data.splits import split
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError

SILENCE = 1e-4
"""Standard deviation (of full scale 1) below which a clip counts as silent: -80 dB."""


@dataclass(frozen=True)
class Clip:
    """One row of the corpus. `start` is in seconds; `split` is one of SPLITS."""

    name: str
    genre: str
    file: str
    start: float
    split: str


@dataclass(frozen=True)
class Fault:
    """A file (or a stretch of it) left out: `fault` is too_short, silent, unreadable or
    not_finite; `detail` a measured fact in English; `value` its number (seconds), if any."""

    file: str
    fault: str
    detail: str
    value: float | None = None


@dataclass
class Corpus:
    """Every clip of a study.

    `waveforms` is int16 of shape (clips, samples), aligned with `clips`, which are ordered by
    genre and name; `duplicates` holds the groups of clips (by index) that are equal sample by
    sample.
    """

    sampling_rate: int
    waveforms: NDArray[np.int16]
    clips: list[Clip]
    faults: list[Fault] = field(default_factory=list)
    duplicates: list[list[int]] = field(default_factory=list)

    @property
    def genres(self) -> list[str]:
        """Names of the genres, alphabetical."""
        return sorted({clip.genre for clip in self.clips})

    def rows(self, split: str) -> list[int]:
        """Indices of the clips of a split."""
        return [row for row, clip in enumerate(self.clips) if clip.split == split]

    def floats(self, rows: list[int]) -> torch.Tensor:
        """Waveforms of some clips, float32 (rows, samples) in [-1, 1)."""
        return to_float(self.waveforms[rows])


def from_folder(folder: str, files: Mapping[str, str], **cuts: Any) -> Corpus:
    """The corpus of a folder's `files` (path to digest); the rest as for `build`."""
    return build({file: Path(folder, file) for file in files}, **cuts)


def from_bytes(music: Mapping[str, Mapping[str, bytes]], **cuts: Any) -> Corpus:
    """The corpus of files held in memory, given in groups; the rest as for `build`."""
    return build({file: data for group in music.values() for file, data in group.items()}, **cuts)


def build(
    sources: Mapping[str, Path | bytes],
    *,
    sampling_rate: int,
    samples: int,
    clips_per_file: int,
    validation: float,
    test: float,
    seed: int,
    most: int = 2**31,
) -> Corpus:
    """Cut clips from files and split them.

    Each file gives up to `clips_per_file` clips of `samples` samples, end to end from its
    beginning. What cannot be used is listed in `faults`. Clips of one file, and clips equal to
    the sample wherever they stand, share a split.

    Args:
        sources: "GENRE/…/name.ending" to the file or its bytes.
        validation, test: shares of the clips, in (0, 0.5).
        most: clips that a study takes on.

    Raises:
        StudyError: fewer than three files (or groups of equal ones) are left, or there are more
            clips than `most`.
    """
    digests: list[bytes] = []
    rows: list[tuple[str, str, str, float]] = []
    faults: list[Fault] = []
    names = _names(sources)
    # Through a file, so that a corpus larger than memory can be built.
    with tempfile.TemporaryFile() as spool:
        for done, (file, source) in enumerate(sources.items()):
            report_progress(done, len(sources))
            if (readable := printable(file)) != file:
                faults.append(Fault(readable, "unreadable", "its name is not UTF-8: rename it"))
                continue
            for index, (cut, fault) in enumerate(
                _clips(file, source, sampling_rate, samples, clips_per_file)
            ):
                if fault is not None:
                    faults.append(fault)
                    continue
                if len(rows) == most:
                    raise StudyError(
                        f"more than {most} clips (limits.clips) in {done + 1} of {len(sources)} "
                        "files; lower data.clips_per_file, or raise that limit"
                    )
                start = index * samples / sampling_rate
                name = names[file] if index == 0 else f"{names[file]}@{start:g}s"
                rows.append((name, file.partition("/")[0], file, start))
                spool.write(cut.data)
                digests.append(hashlib.sha256(cut.data).digest())
        spool.flush()
        waveforms = np.memmap(spool, np.int16, "r", shape=(len(rows), samples)) if rows else None
    groups, duplicates = group_clips([file for _, _, file, _ in rows], digests)
    if len(set(groups)) < 3:
        raise StudyError(
            f"only {len(set(groups))} different usable files of {len(sources)}: a study needs "
            "one each for training, validation and test" + _first(faults)
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
    """A file's name with what is not UTF-8 in it written as \\xNN, for pages and terminals."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _first(faults: list[Fault]) -> str:
    return one_line(f" (first fault: {faults[0].file}: {faults[0].detail})") if faults else ""


def _names(files: Mapping[str, object]) -> dict[str, str]:
    """A clip's name is its path without the ending, unless two files differ by that alone."""
    stems = {file: file.rpartition(".")[0] for file in files}
    counts = Counter(stems.values())
    return {file: file if counts[stem] > 1 else stem for file, stem in stems.items()}


def _clips(
    file: str, source: Path | bytes, sampling_rate: int, samples: int, clips_per_file: int
) -> Iterator[tuple[NDArray[np.int16], Fault | None]]:
    """The clips of one file, each with the fault that keeps it out, if one does.

    A file too short for as many clips as asked gives those it has; only one without a single
    clip is a fault.
    """
    nothing = np.empty(0, np.int16)
    seconds = samples / sampling_rate
    for index in range(clips_per_file):
        start = index * seconds
        try:
            waveform = read(source, sampling_rate, start, seconds)
        except UnreadableFile as error:
            yield nothing, Fault(file, "unreadable", f"cannot be decoded: {error}")
            return
        at = f" from {start:g} s" if index else ""
        if len(waveform) < samples:
            if index == 0:
                length = len(waveform) / sampling_rate
                yield (
                    nothing,
                    Fault(file, "too_short", f"{length:.2f} s, {seconds:g} s needed", length),
                )
            return
        if not torch.isfinite(waveform).all():
            yield nothing, Fault(file, "not_finite", f"holds NaN or infinite samples{at}")
            continue
        peak = float(waveform.abs().max())
        if silent(waveform):
            yield nothing, Fault(file, "silent", f"silent{at}")
            continue
        # Beyond full scale (float files, resampling overshoot): made quieter, not clipped.
        yield to_int16(waveform / max(peak, 1.0)), None


def silent(waveform: torch.Tensor) -> bool:
    """Whether a waveform (samples,) has nothing to hear: no sound, or a constant."""
    return float(waveform.double().std(correction=0)) < SILENCE
