"""How much sound of an Ogg or Matroska file its demuxer has passed over without an error.

FFmpeg drops pages and clusters that are damaged. Timestamps tell it where others follow, but not
at the beginning, at the end, and in Ogg FLAC.
"""

import re
from collections.abc import Callable
from typing import Any

from av.packet import Packet

from pipeline.audio.byte_source import ByteRange

PAGE_HEADER = 27
"""Bytes of the header of an Ogg page before its table of segments (RFC 3533, section 6)."""

LEAST_SECONDS = 0.1
"""Length of a page, if nothing else is known about it."""

MOST_BYTES = 1 << 24
"""More than that is not looked at: it is sound."""

NOT_SOUND = re.compile(
    rb"\x1c\x53\xbb\x6b|\x12\x54\xc3\x67|\x11\x4d\x9b\x74|\x10\x43\xa7\x70|\x19\x41\xa4\x69"
)
"""Identifiers of what may follow the clusters of a Matroska file (RFC 9559): cues, tags, seek head,
chapters and attachments."""


def _crc_table() -> list[int]:
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


CRC_TABLE = _crc_table()


class OggPages:
    """Follows the pages of a file with one logical stream by their sequence numbers."""

    def __init__(self, file: ByteRange) -> None:
        self._file = file.part(0)
        self._last = self._header_pages() - 1
        self._at = -1
        self._time = 0.0

    def seconds_missing_before(
        self, packet: "Packet[Any]", estimate: Callable[[int], float]
    ) -> float:
        """Seconds missing between the last packet and this one, by timestamps or by bytes; 0 if no
        page is missing.

        Args:
            packet: the next one, with its position.
            estimate: seconds that a number of bytes hold.
        """
        time, seconds = self._time, 0.0
        if packet.pts is not None and packet.time_base is not None:
            start = float(packet.pts * packet.time_base)
            self._time = start + float((packet.duration or 0) * packet.time_base)
            seconds = start - time
        if packet.pos is None or packet.pos == self._at:
            return 0.0
        end = self._end(self._at) if self._at >= 0 else None
        self._at = packet.pos
        sequence = int.from_bytes(self._read(self._at, PAGE_HEADER)[18:22], "little")
        missing, self._last = sequence - self._last - 1, sequence
        if missing <= 0:
            return 0.0
        return max(seconds, estimate(self._at - end) if end else 0.0, LEAST_SECONDS)

    def bytes_after(self) -> int:
        """Bytes behind the page decoded last, without intact pages and zeros."""
        at = max(self._at, 0)
        while (end := self._intact(at)) is not None:
            at = end
        return _count(self._file, at)

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)

    def _header_pages(self) -> int:
        """Number of pages at the beginning whose granule position says that they hold no sound."""
        pages = at = 0
        while (end := self._end(at)) and self._read(at + 6, 8) in (b"\0" * 8, b"\xff" * 8):
            pages, at = pages + 1, end
        return pages

    def _end(self, at: int) -> int | None:
        """Offset behind the page at an offset; None if there is none."""
        header = self._read(at, PAGE_HEADER + 255)
        if header[:4] != b"OggS" or len(header) < PAGE_HEADER:
            return None
        segments = header[PAGE_HEADER : PAGE_HEADER + header[26]]
        return at + PAGE_HEADER + header[26] + sum(segments)

    def _intact(self, at: int) -> int | None:
        """The same, if the checksum of the page is right."""
        end = self._end(at)
        if end is None:
            return None
        page = self._read(at, end - at)
        crc = 0
        for byte in page[:22] + b"\0\0\0\0" + page[26:]:
            crc = (crc << 8 & 0xFFFFFFFF) ^ CRC_TABLE[crc >> 24 ^ byte]
        return end if crc == int.from_bytes(page[22:26], "little") else None


def matroska_bytes_after(file: ByteRange, at: int) -> int:
    """Bytes from the end `at` of the last block to what may follow the clusters, without zeros."""
    return _count(file, at, NOT_SOUND)


def _count(file: ByteRange, at: int, end: re.Pattern[bytes] | None = None) -> int:
    """Bytes from an offset to a pattern, or to the end of the file, without zeros around them."""
    if file.size - at > MOST_BYTES:
        return file.size - at
    rest = file.part(at).read()
    found = end.search(rest) if end else None
    return len(rest[: found.start() if found else None].strip(b"\0"))
