"""Opus, MP3 and Vorbis through libsndfile, to compare with: files in memory near a wanted size.

libsndfile takes a compression level from 0 (largest) to 1 (smallest), not a rate, so files are
made at several levels until one comes close.
"""

import io
import math
from bisect import bisect

import numpy as np
import soundfile
import torch
import torchaudio
from numpy.typing import NDArray

CODECS = ("opus", "mp3", "vorbis")

TOLERANCE = 0.015
"""Relative difference from the wanted size at which the search for a level ends."""

TRIES = 4
"""Files made at most for each wanted size."""

_FORMATS = {
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "vorbis": ("OGG", "VORBIS"),
}

# At a constant rate libsndfile's MP3 comes back 1105 samples late; at an average rate it does not.
_OPTIONS = {"opus": {}, "mp3": {"bitrate_mode": "AVERAGE"}, "vorbis": {}}

_SMALLEST = {"opus": 1.0, "mp3": 0.999, "vorbis": 1.0}
"""The level of the smallest file; LAME refuses 1."""

_RATES = {
    "opus": (8_000, 12_000, 16_000, 24_000, 48_000),
    "mp3": (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
}
"""Sampling rates that a codec takes, in Hz; Vorbis takes any."""

_OGG_HEADER = 27
_HEADER_PACKETS = {"opus": 2, "vorbis": 3}


def encode(codec: str, clip: NDArray[np.float32], level: float, sampling_rate: int) -> bytes:
    """A file with a clip (samples,), resampled to a rate that the codec takes if need be."""
    rate = coding_rate(codec, sampling_rate)
    container, subtype = _FORMATS[codec]
    out = io.BytesIO()
    soundfile.write(
        out,
        _resample(clip, sampling_rate, rate),
        rate,
        format=container,
        subtype=subtype,
        compression_level=level,
        **_OPTIONS[codec],
    )
    return out.getvalue()


def decode(data: bytes, samples: int, sampling_rate: int) -> NDArray[np.float32]:
    """The clip (samples,) of a file from `encode`, at its sampling rate, aligned to the sample."""
    clip, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    clip = _resample(clip, rate, sampling_rate)
    return np.pad(clip, (0, max(0, samples - len(clip))))[:samples]


def encode_near(
    codec: str, clip: NDArray[np.float32], sizes: list[int], sampling_rate: int
) -> dict[int, bytes]:
    """For each wanted size in bytes, the file nearest to it of those that the search made."""
    smallest = _SMALLEST[codec]
    known = {level: encode(codec, clip, level, sampling_rate) for level in (smallest, smallest / 2)}
    found = {}
    for size in sizes:
        for _ in range(TRIES):
            level = _next_level(known, size)
            if level is None:
                break
            known[level] = encode(codec, clip, level, sampling_rate)
        found[size] = min(known.values(), key=lambda data: abs(math.log(len(data) / size)))
    return found


def coding_rate(codec: str, sampling_rate: int) -> int:
    """The sampling rate in Hz at which a codec codes sound of another rate: the next one up."""
    rates = _RATES.get(codec, (sampling_rate,))
    return next((rate for rate in rates if rate >= sampling_rate), rates[-1])


def payload_bytes(codec: str, data: bytes) -> int:
    """Bytes of coded sound, without the container's: of an Ogg file its audio packets (RFC 3533),
    of an MP3 file what follows its first frame, which only describes the others."""
    if codec == "mp3":
        tag = max(data.find(b"Xing", 0, 100), data.find(b"Info", 0, 100))
        return len(data) if tag < 0 else len(data) - _frame_bytes(data)
    return sum(_ogg_packets(data)[_HEADER_PACKETS[codec] :])


def _next_level(known: dict[float, bytes], size: int) -> float | None:
    """The level to try next, by interpolation; None if none would come nearer."""
    levels = sorted(known, key=lambda level: len(known[level]))
    lengths = [len(known[level]) for level in levels]
    above = bisect(lengths, size)
    nearest = min(lengths, key=lambda length: abs(length - size))
    if above == 0 or abs(nearest - size) <= TOLERANCE * size:
        return None
    if above == len(lengths):
        return None if levels[-1] == 0 else 0.0
    low, high = lengths[above - 1], lengths[above]
    share = (size - low) / (high - low)
    level = round(levels[above - 1] + share * (levels[above] - levels[above - 1]), 4)
    return None if level in known else level


def _resample(clip: NDArray[np.float32], source: int, target: int) -> NDArray[np.float32]:
    if source == target:
        return clip
    resampled = torchaudio.functional.resample(torch.from_numpy(clip), source, target)
    return np.asarray(resampled.numpy(), np.float32)


def _ogg_packets(data: bytes) -> list[int]:
    """Lengths of the packets of an Ogg file with one stream."""
    packets, position, length = [], 0, 0
    while data[position : position + 4] == b"OggS":
        count = data[position + _OGG_HEADER - 1]
        segments = data[position + _OGG_HEADER : position + _OGG_HEADER + count]
        for segment in segments:
            length += segment
            if segment < 255:
                packets.append(length)
                length = 0
        position += _OGG_HEADER + count + sum(segments)
    return packets


def _frame_bytes(data: bytes) -> int:
    """Length of the first frame of an MPEG audio layer III file (ISO/IEC 11172-3, 2.4.1.3)."""
    first = data[1] >> 3 & 3 == 3  # MPEG-1; otherwise MPEG-2 or 2.5
    rates = (
        (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
        if first
        else (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    )
    hertz = (44_100, 48_000, 32_000)[data[2] >> 2 & 3] >> {3: 0, 2: 1, 0: 2}[data[1] >> 3 & 3]
    per_byte = 144 if first else 72
    return per_byte * 1000 * rates[data[2] >> 4] // hertz + (data[2] >> 1 & 1)
