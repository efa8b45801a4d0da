"""Recognise audio and video files by their content, and find where their sound begins."""

import re
from collections.abc import Iterator
from typing import Protocol


class ByteReader(Protocol):
    """What is needed of a file."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to an offset."""


SEARCH_BYTES = 1 << 20
"""How far to search for the first frame after leading zeros."""

MAX_CHUNKS = 10_000
"""Chunks of a WAV that are looked at."""

ZERO_BYTES = 1 << 26
"""Leading zeros that are skipped, at most."""

CHAIN = 3
"""Frames that must follow each other: a frame header alone occurs by chance."""

ID3 = "MP3 with an ID3 tag"

SIGNATURES: tuple[tuple[str, bytes], ...] = (
    ("WAV", rb"(RIFF|RF64|BW64)....WAVE"),
    ("AVI", rb"RIFF....AVI "),
    ("Wave64", rb"riff\x2e\x91\xcf\x11"),
    ("AIFF", rb"FORM....AIF[FC]"),
    ("FLAC", rb"fLaC[\x00\x80]\x00\x00\x22"),
    ("Ogg", rb"OggS\x00"),
    ("MPEG-4 (M4A, MP4, 3GP)", rb"....(ftyp|moov|mdat|free|skip|wide|pnot)"),
    ("Matroska or WebM", rb"\x1a\x45\xdf\xa3"),
    ("Windows Media (WMA, WMV)", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("Monkey's Audio", rb"MAC [\x00-\xff]"),
    ("WavPack", rb"wvpk"),
    ("True Audio", rb"TTA[12]"),
    ("Musepack", rb"MP\+|MPCK"),
    ("OptimFROG", rb"OFR "),
    ("AMR", rb"#!AMR"),
    ("Core Audio", rb"caff\x00"),
    ("Sun AU", rb"\.snd"),
    ("RealMedia", rb"\.RMF|\.ra\xfd"),
    ("Flash Video", rb"FLV\x01"),
    ("DSD", rb"DSD |FRM8"),
    ("MIDI", rb"MThd"),
    ("Audible", rb"....\x57\x90\x75\x36"),
    (ID3, rb"ID3[\x02-\x04]"),
)
"""Name of each format, and its first bytes as a regular expression."""

STARTS = re.compile(
    rb"(RIFF|RF64|BW64)....WAVE|FORM....AIF[FC]|fLaC[\x00\x80]\x00\x00\x22|OggS\x00\x02"
    rb"|....ftyp[\w ]{4}|\x1a\x45\xdf\xa3|\xff[\xe0-\xff]",
    re.DOTALL,
)
"""What the sound may begin with after junk: the first bytes of a container, or an MPEG frame."""

BITRATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bitrates (kbit/s) by MPEG version and layer (ISO/IEC 11172-3, 13818-3); layer III of version 2
has those of layer II."""


def name_format(head: bytes) -> str | None:
    """Name of the format that the first bytes of a file (16 or more) belong to, or None."""
    for name, signature in SIGNATURES:
        if re.match(signature, head, re.DOTALL):
            return name
    return None


def find_start(file: ByteReader) -> int:
    """Offset of the first thing that sound may begin with, beyond zeros, padding or other junk.

    Returns:
        0 if the file begins with it, or with an ID3 tag and an MPEG frame, or nothing is found
        within `SEARCH_BYTES`.
    """
    after_tags = _after_tags(file)
    # The size at the beginning of an MPEG-4 file has up to three zeros.
    start = max(after_tags, _after_zeros(file, after_tags) - 3)
    file.seek(start)
    data = file.read(SEARCH_BYTES)
    for match in STARTS.finditer(data):
        at = match.start()
        if data[at] == 0xFF and not _is_chain(data, at):
            continue
        found = start + at
        return 0 if found == after_tags and data[at] == 0xFF else found
    return 0


def _after_tags(file: ByteReader) -> int:
    """Offset behind the ID3v2 tags at the beginning of a file."""
    at = 0
    while True:
        file.seek(at)
        header = file.read(10)
        if len(header) < 10 or header[:3] != b"ID3" or max(header[6:]) > 0x7F:
            return at
        size = 0
        for byte in header[6:]:
            size = size << 7 | byte
        at += 10 + size + (10 if header[5] & 0x10 else 0)


def _after_zeros(file: ByteReader, start: int) -> int:
    file.seek(start)
    while start < ZERO_BYTES and (block := file.read(SEARCH_BYTES)):
        rest = block.lstrip(b"\0")
        if rest:
            return start + len(block) - len(rest)
        start += len(block)
    return start


def _is_chain(data: bytes, at: int) -> bool:
    """True if `CHAIN` frames of one kind, or all up to the end of the data, begin at an offset."""
    kind = None
    for _ in range(CHAIN):
        if at == len(data) and kind is not None:
            return True
        frame = _frame(data[at : at + 7])
        if frame is None or (kind is not None and frame[0] != kind):
            return False
        kind, length = frame
        at += length
    return True


def after_frame(packet: bytes) -> bytes:
    """The rest of a packet after the MPEG audio or ADTS frame that it may begin with."""
    frame = _frame(packet[:7])
    return packet[frame[1] :] if frame else packet


def holds_tag(packet: bytes) -> bool:
    """True if a packet has a tag of MP3 in it."""
    return any(tag in packet for tag in (b"ID3\x02", b"ID3\x03", b"ID3\x04", b"TAG", b"APETAGEX"))


def _frame(header: bytes) -> tuple[tuple[int, ...], int] | None:
    """Kind (version, layer, rate) and length in bytes of an MPEG audio or ADTS frame."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    if header[1] & 0xF6 == 0xF0:  # ADTS (ISO/IEC 13818-7)
        length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        rate = header[2] >> 2 & 15
        return ((0, 0, rate), length) if length > 7 and rate < 13 else None
    version = {0: 25, 2: 2, 3: 1}.get(header[1] >> 3 & 3, 0)
    layer = 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if not version or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    hertz = (44_100, 48_000, 32_000)[rate] // {1: 1, 2: 2, 25: 4}[version]
    generation = 1 if version == 1 else 2
    table = BITRATES[generation, 2 if (generation, layer) == (2, 3) else layer]
    bits = 1000 * table[bitrate - 1]
    if layer == 1:
        length = (12 * bits // hertz + padding) * 4
    else:
        length = (72 if (generation, layer) == (2, 3) else 144) * bits // hertz + padding
    return (version, layer, rate), length


def wav_data_is_longer(file: ByteReader) -> bool:
    """True if the data of a WAV continues for a second or more beyond its stated length.

    An interrupted recorder leaves the length that it wrote last. What follows the stated data is
    sound unless it is a sequence of chunks.
    """
    bytes_per_second, long_size = 1, None
    for name, at, size in _chunks(file, 12):
        if name == b"ds64":  # of an RF64 (EBU Tech 3306), whose data chunk states 2^32 - 1
            file.seek(at + 8)
            long_size = int.from_bytes(file.read(8), "little")
        if name == b"fmt " and size >= 16:
            file.seek(at + 8)
            bytes_per_second = int.from_bytes(file.read(4), "little")
        if name == b"data":
            end = file.seek(0, 2)
            if size == 0xFFFFFFFF and long_size is not None:
                size = long_size
            stated = at + size + size % 2
            rest = [at + size for _, at, size in _chunks(file, stated)]
            return end - stated > max(bytes_per_second, 1) and (not rest or rest[-1] < end - 8)
    return False


def _chunks(file: ByteReader, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and size of each chunk of a WAV, up to the first that cannot be one."""
    end = file.seek(0, 2)
    for _ in range(MAX_CHUNKS):
        file.seek(at)
        header = file.read(8)
        name, size = header[:4], int.from_bytes(header[4:], "little")
        if len(header) < 8 or not re.fullmatch(rb"[\x20-\x7e]{4}", name):
            return
        yield name, at + 8, size
        at += 8 + size + size % 2
        if at > end:
            return


def ogg_streams(file: ByteReader) -> list[int]:
    """Offsets at which the streams of a chained Ogg file begin (RFC 3533, section 4).

    A stream begins with one or more pages that are flagged as the first of their kind.
    """
    starts: list[int] = []
    file.seek(0)
    offset, in_header, tail = 0, False, b""
    while block := file.read(SEARCH_BYTES):
        data = tail + block
        for match in re.finditer(rb"OggS\x00[\x00-\x07]", data):
            first = bool(data[match.end() - 1] & 2)
            if first and not in_header:
                starts.append(offset - len(tail) + match.start())
            in_header = first
        offset += len(block)
        tail = data[-5:]
    return starts
