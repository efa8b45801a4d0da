"""Damaged and unusual audio files, each with its expected outcome: a clip or a fault."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.pipeline import plucked_notes

RATE = 8000
CLIP = "clip"


@dataclass(frozen=True)
class Case:
    """A hostile file: how to write it, and the expected outcome: `clip` or a fault."""

    title: str
    name: str
    outcome: str
    write: Callable[[Path], None]


def sound(
    title: str,
    name: str,
    outcome: str = CLIP,
    *,
    rate: int = RATE,
    channels: int = 1,
    seconds: float = 1.3,
    gain: float = 1.0,
    offset: float = 0.0,
    **how: str,
) -> Case:
    """A file of notes with a peak of 0.5 × `gain`, plus `offset`."""

    def write(path: Path) -> None:
        notes = plucked_notes.pluck(sum(title.encode()), seconds, rate, channels)
        plucked_notes.write(path, gain * notes + np.float32(offset), rate, **how)

    return Case(title, name, outcome, write)


def damaged(
    title: str, name: str, outcome: str, damage: Callable[[bytes], bytes], **how: str
) -> Case:
    """A valid file in the format of `name`, with its bytes changed by `damage`."""

    def write(path: Path) -> None:
        good = path.with_name("good" + path.suffix)
        plucked_notes.write(good, plucked_notes.pluck(sum(title.encode()), 1.3, RATE), RATE, **how)
        path.write_bytes(damage(good.read_bytes()))
        good.unlink()

    return Case(title, name, outcome, write)


def raw(title: str, name: str, outcome: str, content: bytes) -> Case:
    """A file with the given content."""
    return Case(title, name, outcome, lambda path: _written(path, content))


def _written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _with(value: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        notes = plucked_notes.pluck(5, 1.3, RATE)
        notes[300] = value
        plucked_notes.write(path, notes, RATE, subtype="FLOAT")

    return write


def wav_header(samples: bytes, rate: int, stated: int, channels: int = 1) -> bytes:
    """A WAV of 16-bit `samples` whose header declares `stated` bytes of data."""
    block = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, 16)
    data = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", stated) + samples
    return b"RIFF" + struct.pack("<I", (4 + len(data)) & 0xFFFFFFFF) + b"WAVE" + data


def _pcm(seconds: float) -> bytes:
    return (plucked_notes.pluck(77, seconds, RATE) * 32767).astype("<i2").tobytes()


def _many_samples(flac: bytes) -> bytes:
    """Set the total samples in a FLAC's STREAMINFO (bytes 21 to 25) to 2^36 - 1."""
    return flac[:21] + bytes([flac[21] | 0x0F]) + b"\xff\xff\xff\xff" + flac[26:]


ENDINGS = ("wav", "flac", "ogg", "mp3", "aiff", "opus", "au", "caf", "w64")
NOISE = np.random.default_rng(8).bytes(20_000)

CASES = [
    *(raw(f"garbage named .{end}", f"garbage.{end}", "unreadable", NOISE) for end in ENDINGS),
    *(raw(f"an empty .{end}", f"empty.{end}", "unreadable", b"") for end in ENDINGS),
    *(
        damaged(
            f".{end} truncated in its header", f"head.{end}", "unreadable", lambda good: good[:20]
        )
        for end in ("wav", "flac", "ogg", "mp3", "aiff")
    ),
    damaged(
        "wav truncated in its music", "cut.wav", "too_short", lambda good: good[: len(good) // 2]
    ),
    damaged(
        "flac truncated in its music", "cut.flac", "too_short", lambda good: good[: len(good) // 2]
    ),
    damaged(
        "aiff truncated in its music", "cut.aiff", "too_short", lambda good: good[: len(good) // 2]
    ),
    damaged(
        "ogg truncated in its only page",
        "cut.ogg",
        "unreadable",
        lambda good: good[: len(good) // 2],
    ),
    damaged(
        "mp3 truncated in its music", "cut.mp3", "too_short", lambda good: good[: len(good) // 2]
    ),
    damaged("a header that declares 2^36 samples", "liar.flac", CLIP, _many_samples),
    raw("a header that declares 4 GB", "liar.wav", CLIP, wav_header(_pcm(1.2), RATE, 2**32 - 1)),
    raw(
        "a header that declares 4 GB, too short",
        "liar2.wav",
        "too_short",
        wav_header(_pcm(0.2), RATE, 2**32 - 1),
    ),
    raw("a sampling rate of 3 Hz", "slow.wav", "unreadable", wav_header(_pcm(2), 3, len(_pcm(2)))),
    raw(
        "a sampling rate of 2 GHz",
        "fast.wav",
        "unreadable",
        wav_header(_pcm(2), 2**31 - 1, len(_pcm(2))),
    ),
    sound("8 bits", "8.wav", subtype="PCM_U8"),
    sound("24 bits", "24.wav", subtype="PCM_24"),
    sound("32 bits", "32.wav", subtype="PCM_32"),
    sound("64-bit float", "64.wav", subtype="DOUBLE"),
    sound("float beyond 1", "loud.wav", gain=40.0, subtype="FLOAT"),
    sound("float beyond 10^30", "louder.wav", gain=1e30, subtype="FLOAT"),
    Case("NaN", "nan.wav", "not_finite", _with(float("nan"))),
    Case("infinite", "inf.wav", "not_finite", _with(float("inf"))),
    *(sound(f"{n} channels", f"{n}-channels.wav", channels=n) for n in (2, 3, 5, 6, 8)),
    sound("64 channels", "64-channels.wav", channels=64),
    *(sound(f"{rate} Hz", f"{rate}.wav", rate=rate) for rate in (11_025, 44_100, 48_000, 96_000)),
    sound("192 kHz", "192000.wav", rate=192_000),
    sound("a sampling rate coprime with the study's", "odd.wav", rate=44_057),
    sound("silence", "silence.wav", "silent", gain=0.0),
    sound("a constant", "constant.wav", "silent", gain=0.0, offset=0.5),
    sound("notes on a constant", "offset.wav", gain=0.5, offset=0.3),
    sound("too short", "brief.wav", "too_short", seconds=0.4),
    sound("a single sample", "single.wav", "too_short", seconds=1 / RATE),
    *(
        sound(f"the name {name!r}", name)
        for name in (
            "with spaces  two.wav",
            "canción ñandú.wav",
            "🎵 emoji 🎶.wav",
            "\"quotes\" and 'more'.wav",
            "<script>alert(1)<.wav",
            "a\nnew line.wav",
            "{{ 7*7 }} {% if %} #emph[x] $x$ *y* _z_ `w`.wav",
            "dots...wav",
            "-rf --help.wav",
            "%2e%2e%2f.wav",
            "back\\slash.wav",
            "x" * 240 + ".wav",
            "MiXeD.WaV",
        )
    ),
]


def write(folder: Path, cases: list[Case]) -> dict[str, Case]:
    """Write each case to `folder`; return the cases by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        case.write(folder / case.name)
    return {case.name: case for case in cases}


def title_cell(title: str) -> str:
    """Format the title of a case as a cell of a Markdown table."""
    plain = title if len(title) < 90 else f"{title[:40]}… ({len(title)} characters)"
    return cell(plain) if plain.startswith(("the name", "the genre")) else plain


def cell(text: str) -> str:
    """Format arbitrary text as a cell of a Markdown table."""
    return f"`{text.replace('`', chr(39)).replace('|', '·')}`"
