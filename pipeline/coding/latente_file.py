"""Songs as .latente files: segments, each coded by itself (docs/format.md describes every byte).

The transform runs across the segments, as over one clip; a segment's noise depends on that segment
alone. So decoding can begin at any segment, and only its first superframe lacks what overlaps with
the one before.
"""

import zlib
from collections.abc import Iterator
from math import log
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.audio.disk_waveform import Waveforms
from pipeline.coding.coding_model import CodingModel, model_id
from pipeline.coding.latente_header import (
    MAX_SAMPLES,
    MAX_SEGMENT_BYTES,
    SEGMENT,
    Header,
    NotDecodable,
    header_bytes,
    read_header,
    segments_of,
    superframes_of,
    write_header,
)
from pipeline.coding.quantisation import SINE, Segment, select_splits
from pipeline.coding.segment_coder import decode_segment, encode_segment
from pipeline.coding.segment_transform import quantise_segment, restore_coefficients
from pipeline.coding.step_search import (
    MAX_BASE,
    MIN_BASE,
    SIZE_PER_UNIT,
    TOLERANCE,
    find_base,
)
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError
from pipeline.models.adaptive.switched_mdct import analyse, synthesise

QUALITIES = range(11)

BASE_OF_QUALITY, BASE_PER_QUALITY = 0, -24
"""Base of quality 0, and its change per quality: 3/4 of a factor of two."""

SAMPLED = 8
"""Segments on which the step for a bit rate is first sought."""

MAX_PASSES = 3
"""Passes over a song whose sampled segments misled."""


def compress(
    signal: NDArray[np.floating],
    model: CodingModel,
    sampling_rate: int,
    kbps: float | None = None,
    quality: int | None = None,
) -> bytes:
    """A signal (samples,) in [-1, 1] as the content of a file; see `compress_waveform`."""
    waveform = torch.from_numpy(np.ascontiguousarray(signal, np.float32))[None]
    return compress_waveform(waveform, model, sampling_rate, kbps, quality)


def compress_at(
    signal: NDArray[np.floating], model: CodingModel, sampling_rate: int, rates: list[int]
) -> dict[int, bytes]:
    """A short signal (samples,) as the content of a file at each of several kbit/s."""
    waveform = torch.from_numpy(np.ascontiguousarray(signal, np.float32))[None]
    contents: dict[int, bytes] = {}
    sizes: dict[int, int] = {}

    def whole_size(base: int) -> int:
        contents[base] = _encode_song(waveform, model, sampling_rate, base)
        return len(contents[base])

    return {
        rate: contents[find_base(whole_size, rate * 125 * len(signal) / sampling_rate, sizes)]
        for rate in rates
    }


def compress_waveform(
    song: Waveforms,
    model: CodingModel,
    sampling_rate: int,
    kbps: float | None = None,
    quality: int | None = None,
) -> bytes:
    """A song (1, samples) as the content of a file, by one of:

    Args:
        kbps: kilobits per second of the whole file, which ends within 2 % of it unless the song
            is shorter than 5 s or cannot take as many bits.
        quality: one of `QUALITIES`; the step is the same for every song.

    Raises:
        StudyError: the song is too long, or a segment has too many bytes.
    """
    samples = song.shape[1]
    if samples > MAX_SAMPLES:
        raise StudyError(
            f"{samples} samples; a .latente file holds at most {MAX_SAMPLES}; cut the song in two"
        )
    if kbps is None:
        assert quality is not None
        return _encode_song(song, model, sampling_rate, quality_base(quality))
    target = kbps * 125 * samples / sampling_rate
    contents: dict[int, bytes] = {}

    def whole_size(base: int) -> int:
        contents[base] = _encode_song(song, model, sampling_rate, base)
        return len(contents[base])

    count = segments_of(samples)
    if count <= SAMPLED:
        return contents[find_base(whole_size, target)]
    sampled = sorted({round(at) for at in np.linspace(0, count - 1, SAMPLED)})
    share = sum(_last(samples, i) - SEGMENT * i for i in sampled) / superframes_of(samples)

    def sampled_size(base: int) -> int:
        return sum(
            len(_encode(song, model, index, base, _select(song, index, base))) for index in sampled
        )

    base = find_base(sampled_size, max(share * (target - header_bytes(samples)), 1))
    errors: dict[int, float] = {}
    while len(errors) < MAX_PASSES and base not in errors:
        errors[base] = log(whole_size(base) / target)
        if abs(errors[base]) >= TOLERANCE:
            base = min(max(base - round(errors[base] / SIZE_PER_UNIT), MIN_BASE), MAX_BASE)
    return contents[min(errors, key=lambda known: abs(errors[known]))]


def quality_base(quality: int) -> int:
    """Step size before shaping of a quality, in 1/32 of a factor of two."""
    return BASE_OF_QUALITY + BASE_PER_QUALITY * quality


def decompress(content: bytes, model: CodingModel) -> NDArray[np.float32]:
    """The signal (samples,) of a file's content; damaged or missing segments are silent.

    Raises:
        NotDecodable: as `read_header` and `check_model`.
    """
    header = read_header(content)
    check_model(header, model)
    parts = [part.signal for part in decode_parts(content, header, model)]
    found: NDArray[np.float32] = torch.cat(parts).numpy()
    return found


def check_model(header: Header, model: CodingModel) -> None:
    """Raise NotDecodable if a file was written with another model."""
    if header.model != model_id(model):
        raise NotDecodable(
            f"needs the coding model {header.model.hex()}, and this one is "
            f"{model_id(model).hex()}; name its file with --model"
        )


def payload_bytes(content: bytes) -> int:
    """Bytes of the segments of a file: all but its header."""
    return sum(read_header(content).lengths)


class Part(NamedTuple):
    """A decoded segment: its signal (samples,), and whether its bytes were all there."""

    signal: Tensor
    intact: bool


def decode_parts(
    content: bytes, header: Header, model: CodingModel, first: int = 0
) -> Iterator[Part]:
    """Decode the segments from `first` on, one at a time."""
    count = len(header.lengths)
    before: _Coefficients | None = None
    current = _restore(content, header, model, first)
    for index in range(first, count):
        parts, after = [current], None
        if index + 1 < count:
            after = _restore(content, header, model, index + 1)
            parts.append(after.part(slice(0, 1)))
        if before is not None:
            parts.insert(0, before.part(slice(-1, None)))
        splits = torch.cat([part.splits for part in parts])[None]
        values = torch.cat([part.values for part in parts])[None]
        start = SUPERFRAME * (before is not None)
        length = min(SEGMENT * SUPERFRAME, header.samples - index * SEGMENT * SUPERFRAME)
        signal = synthesise(values, splits, SINE)[0, start : start + length]
        yield Part(signal, current.intact)
        report_progress(index + 1 - first, count - first, "decompressing")
        if after is not None:
            before, current = current, after


def read_segment(content: bytes, header: Header, model: CodingModel, index: int) -> Segment | None:
    """The integers of a segment; None if its bytes are damaged or missing."""
    start, end = header.starts[index], header.starts[index + 1]
    payload = content[start:end]
    if len(payload) < end - start or zlib.crc32(payload) != header.checksums[index]:
        return None
    return decode_segment(payload, header.superframes(index), model.coder)


class _Coefficients(NamedTuple):
    """Splits (superframes,) and coefficients (superframes, 2048) of a segment."""

    splits: Tensor
    values: Tensor
    intact: bool

    def part(self, superframes: slice) -> "_Coefficients":
        return _Coefficients(self.splits[superframes], self.values[superframes], self.intact)


def _restore(content: bytes, header: Header, model: CodingModel, index: int) -> _Coefficients:
    segment = read_segment(content, header, model, index)
    if segment is None:
        silence = torch.zeros(header.superframes(index), SUPERFRAME)
        return _Coefficients(silence[:, 0].long(), silence, False)
    values = restore_coefficients(segment, model.envelope)
    return _Coefficients(torch.from_numpy(segment.splits), values, True)


def _encode_song(song: Waveforms, model: CodingModel, sampling_rate: int, base: int) -> bytes:
    """The content of a file with one base throughout."""
    samples = song.shape[1]
    count = segments_of(samples)
    # Both sides of the border between two segments need the splits of both.
    selected = [_select(song, index, base)[_inner(samples, index)] for index in range(count)]
    splits = np.concatenate(selected)
    segments = []
    for index in range(count):
        around = slice(max(SEGMENT * index - 1, 0), _last(samples, index) + 1)
        segments.append(_encode(song, model, index, base, splits[around]))
        if len(segments[-1]) > MAX_SEGMENT_BYTES:
            raise StudyError("a segment has too many bytes; ask for fewer kbit/s")
        report_progress(index + 1, count, "compressing")
    header = write_header(model_id(model), sampling_rate, samples, segments)
    return b"".join([header, *segments])


def _encode(
    song: Waveforms, model: CodingModel, index: int, base: int, splits: NDArray[np.int64]
) -> bytes:
    """A segment, from the splits of it and of one superframe on each side."""
    inner = _inner(song.shape[1], index)
    coefficients = analyse(_around(song, index), torch.from_numpy(splits)[None], SINE)[0, inner]
    segment = quantise_segment(coefficients, splits[inner], base, model.envelope)
    return encode_segment(segment, model.coder)


def _select(song: Waveforms, index: int, base: int) -> NDArray[np.int64]:
    """Splits of a segment and of one superframe on each side."""
    return select_splits(_around(song, index), base)


def _around(song: Waveforms, index: int) -> Tensor:
    """A segment with one superframe on each side, where there is one: (1, samples)."""
    first = SUPERFRAME * max(SEGMENT * index - 1, 0)
    last = SUPERFRAME * min(_last(song.shape[1], index) + 1, superframes_of(song.shape[1]))
    found = song.narrow(1, first, min(last, song.shape[1]) - first)
    return torch.nn.functional.pad(found, (0, last - first - found.shape[1]))


def _inner(samples: int, index: int) -> slice:
    """Where a segment's superframes are among those of `_around`."""
    start = min(index, 1)
    return slice(start, start + _last(samples, index) - SEGMENT * index)


def _last(samples: int, index: int) -> int:
    """Number of the superframe after a segment's last one."""
    return min(SEGMENT * (index + 1), superframes_of(samples))
