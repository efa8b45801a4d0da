"""Small music files as people have them: of every format, joined, padded, cut and damaged."""

import functools
import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import soundfile
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.stream import Disposition
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Sound = NDArray[np.float32]
"""Shape (frames, channels)."""

LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


SECONDS = 3.0
"""Length of the files, unless stated otherwise."""

NOTE_SECONDS = 0.2


@functools.cache
def music(seed: int = 1, seconds: float = SECONDS, rate: int = 44_100, channels: int = 2) -> Sound:
    """Plucked notes, a new one every `NOTE_SECONDS`, so that no stretch is like another."""
    random = np.random.default_rng(seed)
    length = round(NOTE_SECONDS * rate)
    time = np.arange(length) / rate
    sound = np.zeros((-(-round(seconds * rate) // length) * length, channels))
    for start in range(0, len(sound), length):
        pitch = 110 * 2 ** (random.uniform(0, 30) / 12)
        note = sum(
            np.sin(2 * np.pi * pitch * h * time) * np.exp(-5 * h * time) / h for h in (1, 2, 3)
        )
        sound[start : start + length] = np.outer(note, random.uniform(0.5, 1, channels))
    sound += 0.02 * random.standard_normal(sound.shape)
    sound = sound[: round(seconds * rate)]
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def written(sound: Sound, rate: int, **how: Any) -> bytes:
    """A file that libsndfile writes; see `soundfile.write`."""
    stream = io.BytesIO()
    soundfile.write(stream, sound, rate, **how)
    return stream.getvalue()


@dataclass(frozen=True, eq=False)
class Stream:
    """A stream of sound, its FFmpeg encoder `codec`, and how to encode it."""

    sound: Sound
    rate: int
    codec: str
    bit_rate: int | None = None
    sample_format: str | None = None
    default: bool = True


def encoded(
    container: str, *streams: Stream, video: bool = False, options: dict[str, str] | None = None
) -> bytes:
    """A file that FFmpeg writes, with two seconds of grey pictures as first stream if `video`."""
    output = io.BytesIO()
    with av.open(output, "w", format=container, options=options or {}) as file:
        pictures = _pictures(file) if video else None
        sounds = [_added(file, each) for each in streams]
        if pictures is not None:
            for number in range(50):
                picture = VideoFrame(64, 64, "yuv420p")
                for plane in picture.planes:
                    plane.update(bytes([number]) * plane.buffer_size)
                picture.pts, picture.time_base = number, Fraction(1, 25)
                file.mux(pictures.encode(picture))
            file.mux(pictures.encode(None))
        for each, stream in zip(streams, sounds, strict=True):
            for frame in _frames(each, stream):
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    return output.getvalue()


def _pictures(file: Any) -> Any:
    stream = file.add_stream("mpeg4", rate=25)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    return stream


def _added(file: Any, each: Stream) -> Any:
    layout = LAYOUTS[each.sound.shape[1]]
    options = {"strict": "experimental"}
    stream = file.add_stream(each.codec, rate=each.rate, layout=layout, options=options)
    if each.sample_format:
        stream.format = each.sample_format
    if each.bit_rate:
        stream.bit_rate = each.bit_rate
    stream.disposition = Disposition.default if each.default else Disposition(0)
    return stream


def _frames(each: Stream, stream: Any) -> Iterator[AudioFrame]:
    """The sound in frames of the size and sample format that the encoder takes."""
    context = stream.codec_context
    context.open(strict=False)
    layout = context.layout.name
    frame = AudioFrame.from_ndarray(each.sound.reshape(1, -1), "flt", layout)
    frame.sample_rate, frame.pts, frame.time_base = each.rate, 0, Fraction(1, each.rate)
    resampler, fifo = av.AudioResampler(context.format, context.layout, each.rate), AudioFifo()
    for converted in [*resampler.resample(frame), *resampler.resample(None)]:
        fifo.write(converted)
    size = context.frame_size or 1024
    while (piece := fifo.read(size) or fifo.read(0, partial=True)) is not None:
        yield piece


@dataclass(frozen=True)
class Format:
    """A format that can be read: what it is called, how its files are, and how to make one."""

    title: str
    names: str
    """Endings of its files."""
    make: Callable[[Sound, int], bytes]
    rate: int = 44_100
    channels: int = 2
    padding: float = 0.0
    """Most seconds that the encoder adds, before and after the music together."""
    likeness: float = 0.99
    """Least correlation with the music."""

    def file(self, seconds: float = SECONDS, seed: int = 1) -> bytes:
        """A file of this format."""
        return _made(self, seconds, seed)

    def music(self, seconds: float = SECONDS, seed: int = 1) -> Sound:
        """The music in that file."""
        return music(seed, seconds, self.rate, self.channels)


@functools.cache
def _made(format_: Format, seconds: float, seed: int) -> bytes:
    return format_.make(format_.music(seconds, seed), format_.rate)


def _sndfile(format_: str, subtype: str | None = None, **how: Any) -> Callable[[Sound, int], bytes]:
    return lambda sound, rate: written(sound, rate, format=format_, subtype=subtype, **how)


def _ffmpeg(container: str, codec: str, **how: Any) -> Callable[[Sound, int], bytes]:
    video = how.pop("video", False)
    options = how.pop("options", None)
    return lambda sound, rate: encoded(
        container, Stream(sound, rate, codec, **how), video=video, options=options
    )


AAC, AMR = 0.05, 0.03
"""Padding of these encoders: up to two frames."""

FORMATS = [
    Format("WAV, 16 bits", ".wav", _sndfile("WAV", "PCM_16")),
    Format("WAV, 24 bits, extensible header", ".wav", _sndfile("WAVEX", "PCM_24")),
    Format("WAV, 32-bit float", ".wav", _sndfile("WAV", "FLOAT")),
    Format("WAV, 8 bits", ".wav", _sndfile("WAV", "PCM_U8")),
    Format("WAV of more than 4 GB (RF64)", ".wav .rf64", _sndfile("RF64", "PCM_16")),
    Format("WAV, A-law", ".wav", _sndfile("WAV", "ALAW"), 8000, 1),
    Format("WAV, ADPCM", ".wav", _ffmpeg("wav", "adpcm_ms"), padding=AAC),
    Format("Wave64", ".w64", _sndfile("W64", "PCM_16")),
    Format("AIFF", ".aif .aiff", _sndfile("AIFF", "PCM_16")),
    Format("Sun AU", ".au .snd", _sndfile("AU", "ULAW"), 8000, 1),
    Format("Core Audio", ".caf", _sndfile("CAF", "PCM_16")),
    Format("FLAC", ".flac", _sndfile("FLAC", "PCM_16")),
    Format("FLAC, 24 bits", ".flac", _sndfile("FLAC", "PCM_24"), 48_000),
    Format("FLAC, 7.1 channels", ".flac", _sndfile("FLAC", "PCM_16"), 48_000, 8),
    Format("MP3, constant bitrate", ".mp3", _sndfile("MP3", bitrate_mode="CONSTANT"), padding=AAC),
    Format(
        "MP3, variable bitrate",
        ".mp3",
        _sndfile("MP3", bitrate_mode="VARIABLE", compression_level=0.4),
        padding=AAC,
    ),
    Format("MP3, low sampling rate", ".mp3", _sndfile("MP3"), 22_050, 1, padding=AAC),
    Format("MP2", ".mp2", _ffmpeg("mp2", "mp2"), padding=AAC),
    Format("Ogg Vorbis", ".ogg .oga", _sndfile("OGG", "VORBIS")),
    Format("Opus", ".opus .ogg", _sndfile("OGG", "OPUS"), 48_000),
    Format("Ogg FLAC", ".oga", _ffmpeg("ogg", "flac", sample_format="s16")),
    Format("AAC (iTunes, phones)", ".m4a .mp4", _ffmpeg("ipod", "aac"), padding=AAC),
    Format("AAC, 5.1 channels", ".m4a", _ffmpeg("ipod", "aac"), 48_000, 6, padding=AAC),
    Format("Apple Lossless", ".m4a", _ffmpeg("ipod", "alac", sample_format="s16p")),
    Format("FLAC in MP4", ".m4a .mp4", _ffmpeg("mp4", "flac", sample_format="s16")),
    Format("AAC stream (ADTS)", ".aac", _ffmpeg("adts", "aac"), padding=AAC),
    Format("WebM, Opus", ".webm .weba", _ffmpeg("webm", "libopus"), 48_000),
    Format("Matroska, Vorbis", ".mka", _ffmpeg("matroska", "vorbis"), padding=AAC),
    Format("Matroska, FLAC", ".mka", _ffmpeg("matroska", "flac", sample_format="s16")),
    Format("Windows Media", ".wma", _ffmpeg("asf", "wmav2", bit_rate=128_000), padding=AAC),
    Format("WavPack", ".wv", _ffmpeg("wv", "wavpack", sample_format="s16p")),
    Format("True Audio", ".tta", _ffmpeg("tta", "tta", sample_format="s16")),
    Format("Dolby Digital", ".ac3", _ffmpeg("ac3", "ac3"), padding=AAC),
    Format(
        "AMR (telephones)",
        ".amr",
        _ffmpeg("amr", "libopencore_amrnb", bit_rate=12_200),
        8000,
        1,
        AMR,
        0.6,
    ),
    Format(
        "AMR in 3GP",
        ".3gp .3ga",
        _ffmpeg("3gp", "libopencore_amrnb", bit_rate=12_200),
        8000,
        1,
        AMR,
        0.6,
    ),
    Format("sound of an MP4 video", ".mp4 .m4v", _ffmpeg("mp4", "aac", video=True), padding=AAC),
    Format("sound of a QuickTime video", ".mov", _ffmpeg("mov", "pcm_s16le", video=True)),
    Format(
        "sound of a Matroska video", ".mkv", _ffmpeg("matroska", "aac", video=True), padding=AAC
    ),
    Format("sound of an AVI video", ".avi", _ffmpeg("avi", "mp3", video=True), padding=0.1),
    Format("sound of an MPEG video", ".mpg", _ffmpeg("mpeg", "mp2", video=True), padding=AAC),
    Format(
        "sound of a transport stream", ".ts .mts", _ffmpeg("mpegts", "aac", video=True), padding=AAC
    ),
    Format("sound of a Flash video", ".flv", _ffmpeg("flv", "aac"), padding=AAC),
]
"""Formats that are read."""


def by_title(title: str) -> Format:
    """A format of `FORMATS`."""
    return next(each for each in FORMATS if each.title == title)


def id3(size: int, picture: bool = False) -> bytes:
    """An ID3v2 tag of a title, in Latin-1 with accents, and a picture or padding of `size`."""
    title = b"TIT2" + struct.pack(">I", 8) + b"\0\0\0" + "Canción".encode("latin-1")
    if picture:
        noise = np.random.default_rng(2).bytes(size)
        rest = b"APIC" + struct.pack(">I", size + 14) + b"\0\0\0image/jpeg\0\3\0" + noise
    else:
        rest = bytes(size)
    length = len(title) + len(rest)
    stated = bytes(length >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + stated + title + rest


ID3V1 = b"TAG" + "Canción".encode("latin-1").ljust(125, b"\0")
"""A tag at the end of an MP3."""


def without_first_frame(mp3: bytes) -> bytes:
    """An MP3 without the frame with the count of frames: as an encoder writes it into a pipe."""
    kbits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[mp3[2] >> 4]
    return mp3[144_000 * kbits // 44_100 + (mp3[2] >> 1 & 1) :]


def with_count(mp3: bytes, frames: int) -> bytes:
    """An MP3 whose first frame states another number of frames."""
    at = next(mp3.index(name) for name in (b"Xing", b"Info") if name in mp3[:200])
    return mp3[: at + 8] + struct.pack(">I", frames) + mp3[at + 12 :]


def with_total(flac: bytes, total: int) -> bytes:
    """A FLAC that states another number of samples (36 bits in bytes 21 to 25)."""
    return (
        flac[:21]
        + bytes([flac[21] & 0xF0 | total >> 32])
        + struct.pack(">I", total & 0xFFFFFFFF)
        + flac[26:]
    )


def with_data_size(wav: bytes, size: int) -> bytes:
    """A WAV that states another size of its data."""
    at = wav.index(b"data")
    return wav[: at + 4] + struct.pack("<I", size) + wav[at + 8 :]


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a WAV."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


BAD_BYTES = 1500
JUNK = np.random.default_rng(3).bytes(BAD_BYTES)

BAD_SPOTS: dict[str, Callable[[bytes, int], bytes]] = {
    "zeros": lambda data, at: data[:at] + bytes(BAD_BYTES) + data[at + BAD_BYTES :],
    "bytes 0xFF": lambda data, at: data[:at] + b"\xff" * BAD_BYTES + data[at + BAD_BYTES :],
    "random bytes": lambda data, at: data[:at] + JUNK + data[at + BAD_BYTES :],
    "missing bytes": lambda data, at: data[:at] + data[at + BAD_BYTES :],
    "inserted bytes": lambda data, at: data[:at] + JUNK + data[at:],
}
"""What may be wrong at one place of a file."""
