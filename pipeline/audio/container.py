"""Open a file with FFmpeg by its content: its parts, their container and their audio stream."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from pipeline.audio.byte_source import ByteRange
from pipeline.audio.signatures import ID3, find_start, name_format, ogg_streams, wav_data_is_longer

SAMPLING_RATE_RANGE = (1_000, 768_000)
"""Plausible sampling rates (Hz); a header with any other is considered damaged."""

FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,gsm,iff,ircam,"
    "loas,matroska,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,nistsphere,ogg,oma,paf,qcp,rm,shn,sox,tak,"
    "truehd,tta,voc,vqf,w64,wav,wsvqa,wtv,wv,xa,xwma"
)
"""FFmpeg's demuxers that read a single file; others, of playlists, open further files and URLs."""

GUESSED_FORMATS = frozenset({"mp3", "aac"})
"""Formats without a header, which FFmpeg also finds in files that begin with junk."""


class UnreadableFile(Exception):
    """A file whose content cannot be decoded, with the reason."""


class NoSound(UnreadableFile):
    """A file that can be read but has no sound, such as a silent video."""


NO_SOUND = {"MIDI": "which holds notes, not sound", "Audible": "which is encrypted"}
"""Formats that FFmpeg knows by their signature but cannot decode."""


def explain_failure(content: ByteRange) -> str:
    """Why FFmpeg rejects a file."""
    content.seek(0)
    head = content.read(64)
    if not head:
        return "the file is empty"
    name = name_format(head)
    if name in NO_SOUND:
        return f"{name}, {NO_SOUND[name]}"
    return f"{name}, but damaged or incomplete" if name else "in no known format of sound"


def conversion_hint(name: str) -> str:
    """What to do with a file that cannot be decoded, as the end of a message."""
    converted = shlex.quote(str(Path(name).with_suffix(".flac")))
    return f"; if a player plays it, convert it: ffmpeg -i {shlex.quote(name)} {converted}"


def parts(content: ByteRange) -> list[ByteRange]:
    """The parts of a file that are decoded one after the other: the streams of a chained Ogg file,
    or all that follows leading junk."""
    start = _start(content)
    content.seek(start)
    if name_format(content.read(64)) != "Ogg":
        return [content.part(start)]
    starts = ogg_streams(content) or [start]
    return [content.part(*pair) for pair in zip(starts, [*starts[1:], None], strict=True)]


def _start(content: ByteRange) -> int:
    content.seek(0)
    name = name_format(content.read(64))
    if name is not None and name != ID3:
        return 0
    start = find_start(content)
    if start == 0 or name == ID3:
        return start
    try:
        with open_container(content.part(0)) as container:
            return start if container.format.name in GUESSED_FORMATS else 0
    except av.FFmpegError:
        return start


@contextmanager
def open_container(part: ByteRange) -> Iterator[InputContainer]:
    """Open a part of a file with FFmpeg, which recognises the format by the content.

    Raises:
        av.FFmpegError: the format is unknown, or its header is damaged.
    """
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
    if name_format(part.read(64)) == "WAV" and wav_data_is_longer(part):
        options["ignore_length"] = "1"
    part.seek(0)
    with av.open(part, "r", options=options, metadata_errors="replace") as container:
        yield container


def audio_stream(container: InputContainer) -> AudioStream:
    """The audio stream that players choose: the default one, else the first.

    Raises:
        UnreadableFile: there is none, or it cannot be decoded.
    """
    streams = list(container.streams.audio)
    if not streams:
        raise NoSound("has no sound")
    default = [stream for stream in streams if Disposition.default in stream.disposition]
    chosen = (default or streams)[0]
    if chosen.codec_context is None:
        raise UnreadableFile("its sound is encrypted, or in a codec that FFmpeg does not know")
    if chosen.codec_context.name in ("flac", "tta"):
        # Else frames whose checksum fails are returned as noise.
        chosen.codec_context.options = {"err_detect": "crccheck+explode"}
    low, high = SAMPLING_RATE_RANGE
    if not low <= chosen.codec_context.sample_rate <= high:
        raise UnreadableFile(f"implausible sampling rate of {chosen.codec_context.sample_rate} Hz")
    return chosen
