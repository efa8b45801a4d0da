"""Decode the sound of any audio or video file with FFmpeg, through PyAV, in bounded memory.

What a file states about itself (its name, length, number of frames) is not trusted: the content
tells the format, and decoding tells the end. Damaged stretches are skipped and listed.
"""

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from pipeline.audio.byte_source import ByteRange, Source, open_source
from pipeline.audio.container import (
    GUESSED_FORMATS,
    UnreadableFile,
    audio_stream,
    explain_failure,
    open_container,
    parts,
)
from pipeline.audio.frames import BlockFormat, FrameConverter
from pipeline.audio.losses import Loss, PacketLengths, seconds_of
from pipeline.audio.signatures import after_frame
from pipeline.audio.unread import OggPages, matroska_bytes_after

GAP_SECONDS = 0.05
"""Jumps in the timestamps up to this are rounding: Matroska and Windows Media count in ms."""

MAX_ERRORS = 200
"""Consecutive packets that fail before the rest of a file is given up."""


@dataclass
class Damage:
    """A stretch that could not be decoded: where it was cut out, in seconds of what was decoded,
    and about how many seconds are missing."""

    start: float
    seconds: float


def describe_damage(damage: list[Damage]) -> str:
    """Where a file is damaged, and how much of it is lost."""
    where = f"damaged at {damage[0].start:.1f} s"
    if len(damage) > 1:
        where += f" and at {len(damage) - 1} more " + ("place" if len(damage) == 2 else "places")
    lost = sum(each.seconds for each in damage)
    return f"{where}; {'less than 0.1' if lost < 0.1 else f'about {lost:.1f}'} s lost"


class Sound:
    """The sound of an open file, decoded from its beginning on.

    Attributes:
        format: FFmpeg's names of the container and the codec, such as "mp3" and "mp3float".
        rate: sampling rate in Hz.
        channels: number of channels.
        position: frames read so far.
    """

    def __init__(self, blocks: Iterator[NDArray[np.float32]], progress: "_Progress") -> None:
        self._blocks, self._progress = blocks, progress
        self._ready: deque[NDArray[np.float32]] = deque()
        self.position = 0
        first = next(blocks, None)
        if first is None:
            raise UnreadableFile("no frame can be decoded")
        self._ready.append(first)
        self.rate, self.channels, self.format = progress.rate, progress.channels, progress.format

    @property
    def damage(self) -> list[Damage]:
        """What could not be decoded so far."""
        return self._progress.damage

    def read(self, frames: int) -> NDArray[np.float32]:
        """The next `frames` frames, shape (frames, channels) in [-1, 1]; fewer at the end."""
        parts: list[NDArray[np.float32]] = []
        missing = frames
        while missing > 0:
            block = self._ready.popleft() if self._ready else next(self._blocks, None)
            if block is None:
                break
            parts.append(block[:missing])
            if len(block) > missing:
                self._ready.appendleft(block[missing:])
            missing -= len(parts[-1])
        self.position += frames - missing
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros((0, self.channels), np.float32)

    def blocks(self, frames: int, total: int | None = None) -> Iterator[NDArray[np.float32]]:
        """Read `total` frames (None: to the end) in blocks of up to `frames`; the last one is
        shorter, and may be empty."""
        remaining = total
        while remaining is None or remaining > 0:
            requested = frames if remaining is None else min(frames, remaining)
            block = self.read(requested)
            yield block
            if len(block) < requested:
                return
            remaining = None if remaining is None else remaining - requested

    def unread(self, block: NDArray[np.float32]) -> None:
        """Put back the frames that were read last."""
        self._ready.appendleft(block)
        self.position -= len(block)

    def skip_to(self, position: int) -> None:
        """Decode and drop frames up to a position, or to the end of the file."""
        for _ in self.blocks(1 << 16, position - self.position):
            pass


@contextmanager
def open_audio(source: Source) -> Iterator[Sound]:
    """Open a file for decoding.

    Raises:
        UnreadableFile: the content is not sound that FFmpeg can decode, or has an implausible
            sampling rate.
        StudyError: the file is missing, or its disk fails.
    """
    with _readable(source) as content:
        progress = _Progress()
        with closing(_decode(content, progress)) as blocks:
            yield Sound(blocks, progress)


def packet_seconds(source: Source) -> float:
    """Length of a file in seconds by its packets, without decoding them: within about 0.1 s.

    Raises:
        UnreadableFile, StudyError: as for `open_audio`.
    """
    seconds = 0.0
    with _readable(source) as content:
        for part in parts(content):
            with open_container(part) as container:
                stream = audio_stream(container)
                lengths = PacketLengths()
                for packet in _packets(container, stream):
                    if packet is not None and packet.size:
                        lengths.add(packet)
                seconds += lengths.total
    return seconds


@dataclass
class _Progress(BlockFormat):
    """What has been decoded so far."""

    format: tuple[str, str] = ("", "")
    frames: int = 0
    damage: list[Damage] = field(default_factory=list)

    def add_damage(self, seconds: float) -> None:
        """Note that about so many seconds are missing here; damage within a second is one."""
        start = self.frames / self.rate if self.rate else 0.0
        if self.damage and start - self.damage[-1].start < 1.0:
            self.damage[-1].seconds += seconds
        else:
            self.damage.append(Damage(start, seconds))


@contextmanager
def _readable(source: Source) -> Iterator[ByteRange]:
    """Open a source; FFmpeg's errors inside the block raise UnreadableFile."""
    with open_source(source) as content:
        try:
            yield content
        except (av.FFmpegError, OverflowError, ValueError):
            raise UnreadableFile(explain_failure(content)) from None


def _decode(content: ByteRange, progress: _Progress) -> Generator[NDArray[np.float32]]:
    """Decode all parts of a file to blocks of shape (frames, channels) in one format."""
    for part in parts(content):
        try:
            with open_container(part) as container:
                for block in _decode_stream(part, container, audio_stream(container), progress):
                    progress.frames += len(block)
                    yield block
        except (av.FFmpegError, UnreadableFile):
            if not progress.frames or content.errors:
                raise
            progress.add_damage(GAP_SECONDS)  # a further stream of a chained file


def _decode_stream(
    part: ByteRange, container: InputContainer, stream: AudioStream, progress: _Progress
) -> Iterator[NDArray[np.float32]]:
    converter, lengths = FrameConverter(progress), PacketLengths()
    name, alone = container.format.name, len(container.streams) == 1
    pages = OggPages(part) if alone and name == "ogg" else None
    expected: float | None = None
    end = 0  # of the last packet in the file
    lost = Loss()
    for packet in _packets(container, stream):
        if packet is None:
            lost.seconds = max(
                lost.seconds, min(lost.seconds + lengths.mean, lengths.estimate(part.size - end))
            )
            continue
        if packet.size and packet.pos is not None:
            end = packet.pos + packet.size
            if pages:
                missing = pages.seconds_missing_before(packet, lengths.estimate)
                lost.seconds += lengths.bounded(missing, part.size)
        try:
            frames = packet.decode()
        except av.FFmpegError:
            seconds = max(lengths.mean, lengths.estimate(packet.size), seconds_of(packet))
            lost.add(seconds, bytes(packet), name in GUESSED_FORMATS)
            if name == "mp3":
                # Else the next frame takes bits of an earlier one, and is a loud crack.
                stream.codec_context.flush_buffers()
            continue
        for frame in frames:
            if not isinstance(frame, AudioFrame) or not frame.samples:
                continue
            if frame.pts is not None and frame.time_base is not None:
                time = float(frame.pts * frame.time_base)
                if expected is not None and time - expected > GAP_SECONDS and not pages:
                    gap = lengths.bounded(time - expected, part.size)
                    lost.seconds = max(lost.seconds, gap)
                expected = time
            if not progress.rate:
                progress.rate, progress.channels = frame.sample_rate, frame.layout.nb_channels
                progress.format = name, stream.codec_context.name
            if lost.seconds > (0 if progress.frames else GAP_SECONDS) and not lost.in_tag:
                progress.add_damage(lost.seconds)
            lost = Loss()
            if expected is not None:
                expected += frame.samples / frame.sample_rate
            yield from converter.convert(frame)
        if packet.size:
            lengths.add(packet)
            if name in GUESSED_FORMATS and (junk := after_frame(bytes(packet))):
                lost.add(lengths.estimate(len(junk)), junk, True)
    yield from converter.flush()
    if pages:
        lost.seconds += lengths.estimate(pages.bytes_after())
    elif alone and name == "matroska,webm":
        lost.seconds += lengths.estimate(matroska_bytes_after(part, end))
    # Less is a file cut within a packet.
    if lost.seconds > GAP_SECONDS and not (lost.in_tag or lost.in_zeros):
        progress.add_damage(lost.seconds)


def _packets(container: InputContainer, stream: AudioStream) -> "Iterator[Packet[Any] | None]":
    """The packets of a stream, and None after each error of the demuxer."""
    errors = 0
    while errors < MAX_ERRORS:
        try:
            for packet in container.demux(stream):
                errors = 0
                yield packet
            return
        except av.EOFError:
            return
        except av.FFmpegError:
            errors += 1
            yield None
