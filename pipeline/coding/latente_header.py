"""The header of a .latente file: what the song is, and where its segments are.

Numbers are little-endian:

    4 bytes  "LTNT"
    1        version of the format
    8        id of the coding model
    3        sampling rate in Hz
    4        samples of the song
    7        for each segment: its length in bytes (3) and the CRC-32 of its bytes (4)
    4        CRC-32 of all of the above

The segments follow without gaps.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import accumulate

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.coding.model_digest import ID_BYTES
from pipeline.errors import StudyError

MAGIC, VERSION = b"LTNT", 1

SEGMENT = 54
"""Superframes of a segment, except for the last: 5.02 s at 22 050 Hz."""

MAX_SAMPLES, MAX_SEGMENT_BYTES = (1 << 32) - 1, (1 << 24) - 1

MIN_RATE, MAX_RATE = 1_000, 192_000
"""Sampling rates in Hz, as for studies."""

_START = struct.Struct(f"<4sB{ID_BYTES}s3sI")
_ENTRY = struct.Struct("<3sI")
_CHECKSUM = struct.Struct("<I")


class NotDecodable(StudyError):
    """A .latente file that cannot be decoded; the message is to follow the file's name."""


@dataclass(frozen=True)
class Header:
    """What precedes the segments.

    Attributes:
        model: id of the coding model.
        sampling_rate: in Hz.
        samples: of the song.
        lengths: bytes of each segment.
        checksums: CRC-32 of each segment.
    """

    model: bytes
    sampling_rate: int
    samples: int
    lengths: list[int]
    checksums: list[int]

    @property
    def size(self) -> int:
        """Bytes of the header."""
        return header_bytes(self.samples)

    @property
    def starts(self) -> list[int]:
        """Where each segment begins in the file, and where the last one ends."""
        return list(accumulate(self.lengths, initial=self.size))

    def superframes(self, segment: int) -> int:
        """Superframes of a segment."""
        return min(SEGMENT, superframes_of(self.samples) - SEGMENT * segment)


def superframes_of(samples: int) -> int:
    """Superframes of a song."""
    return -(-samples // SUPERFRAME)


def segments_of(samples: int) -> int:
    """Segments of a song."""
    return -(-superframes_of(samples) // SEGMENT)


def header_bytes(samples: int) -> int:
    """Bytes of the header of a song's file."""
    return _START.size + _ENTRY.size * segments_of(samples) + _CHECKSUM.size


def write_header(model: bytes, sampling_rate: int, samples: int, segments: list[bytes]) -> bytes:
    """The header of a file with these segments."""
    rate = sampling_rate.to_bytes(3, "little")
    content = _START.pack(MAGIC, VERSION, model, rate, samples)
    for segment in segments:
        content += _ENTRY.pack(len(segment).to_bytes(3, "little"), zlib.crc32(segment))
    return content + _CHECKSUM.pack(zlib.crc32(content))


def read_header(content: bytes) -> Header:
    """Read and check what precedes the segments.

    Raises:
        NotDecodable: not a .latente file, of another version, or cut or damaged in its header.
    """
    if content[: len(MAGIC)] != MAGIC:
        raise NotDecodable("not a .latente file; latentes compress writes them")
    if len(content) < _START.size:
        raise NotDecodable("cut off within its header; get the file again")
    _, version, model, rate, samples = _START.unpack_from(content)
    if version != VERSION:
        raise NotDecodable(
            f"version {version} of the format; this version of Latentes reads version {VERSION}"
        )
    size = header_bytes(samples)
    if len(content) < size:
        raise NotDecodable("cut off within its header; get the file again")
    end = size - _CHECKSUM.size
    sampling_rate = int.from_bytes(rate, "little")
    if _CHECKSUM.unpack_from(content, end)[0] != zlib.crc32(content[:end]) or not (
        samples and MIN_RATE <= sampling_rate <= MAX_RATE
    ):
        raise NotDecodable("its header is damaged; get the file again")
    entries = list(_ENTRY.iter_unpack(content[_START.size : end]))
    lengths = [int.from_bytes(length, "little") for length, _ in entries]
    return Header(model, sampling_rate, samples, lengths, [crc for _, crc in entries])
