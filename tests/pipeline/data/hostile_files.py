"""Files as strangers send them, each with what must become of it: a clip, or a listed fault."""

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
    """A hostile file: how it is written, and `clip` or the fault that it must be listed as."""

    what: str
    name: str
    outcome: str
    write: Callable[[Path], None]


def sound(
    what: str,
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
    """A file of notes (peak 0.5 times `gain`, plus `offset`)."""

    def write(path: Path) -> None:
        notes = plucked_notes.pluck(sum(what.encode()), seconds, rate, channels)
        plucked_notes.write(path, gain * notes + np.float32(offset), rate, **how)

    return Case(what, name, outcome, write)


def bent(
    what: str, name: str, outcome: str, window_angle: Callable[[bytes], bytes], **how: str
) -> Case:
    """A good file of the format of `name`, its bytes changed by `window_angle`."""

    def write(path: Path) -> None:
        good = path.with_name("good" + path.suffix)
        plucked_notes.write(good, plucked_notes.pluck(sum(what.encode()), 1.3, RATE), RATE, **how)
        path.write_bytes(window_angle(good.read_bytes()))
        good.unlink()

    return Case(what, name, outcome, write)


def raw(what: str, name: str, outcome: str, content: bytes) -> Case:
    """A file of these bytes."""
    return Case(what, name, outcome, lambda path: _written(path, content))


def _written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _with(value: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        notes = plucked_notes.pluck(5, 1.3, RATE)
        notes[300] = value
        plucked_notes.write(path, notes, RATE, subtype="FLOAT")

    return write


def wav_header(samples: bytes, rate: int, stated: int, channels: int = 1) -> bytes:
    """A WAV of 16-bit `samples` whose header states `stated` bytes of them."""
    block = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, 16)
    data = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", stated) + samples
    return b"RIFF" + struct.pack("<I", (4 + len(data)) & 0xFFFFFFFF) + b"WAVE" + data


def _pcm(seconds: float) -> bytes:
    return (plucked_notes.pluck(77, seconds, RATE) * 32767).astype("<i2").tobytes()


def _many_samples(flac: bytes) -> bytes:
    """The STREAMINFO of a FLAC made to state 2^36 - 1 samples (its bytes 21 to 25)."""
    return flac[:21] + bytes([flac[21] | 0x0F]) + b"\xff\xff\xff\xff" + flac[26:]


ENDINGS = ("wav", "flac", "ogg", "mp3", "aiff", "opus", "au", "caf", "w64")
NOISE = np.random.default_rng(8).bytes(20_000)

CASES = [
    *(raw(f"garbage called .{end}", f"garbage.{end}", "unreadable", NOISE) for end in ENDINGS),
    *(raw(f"no bytes, .{end}", f"empty.{end}", "unreadable", b"") for end in ENDINGS),
    *(
        bent(f".{end} cut in its header", f"head.{end}", "unreadable", lambda good: good[:20])
        for end in ("wav", "flac", "ogg", "mp3", "aiff")
    ),
    bent("wav cut in its music", "cut.wav", "too_short", lambda good: good[: len(good) // 2]),
    bent("flac cut in its music", "cut.flac", "unreadable", lambda good: good[: len(good) // 2]),
    bent("aiff cut in its music", "cut.aiff", "too_short", lambda good: good[: len(good) // 2]),
    bent("ogg cut in its music", "cut.ogg", "too_short", lambda good: good[: len(good) // 2]),
    bent("mp3 cut in its music", "cut.mp3", "too_short", lambda good: good[: len(good) // 2]),
    bent("a header that states 2^36 samples", "liar.flac", CLIP, _many_samples),
    raw("a header that states 4 GB", "liar.wav", CLIP, wav_header(_pcm(1.2), RATE, 2**32 - 1)),
    raw(
        "a header of 4 GB, little music",
        "liar2.wav",
        "too_short",
        wav_header(_pcm(0.2), RATE, 2**32 - 1),
    ),
    raw("a rate of 3 Hz", "slow.wav", "unreadable", wav_header(_pcm(2), 3, len(_pcm(2)))),
    raw("a rate of 2 GHz", "fast.wav", "unreadable", wav_header(_pcm(2), 2**31 - 1, len(_pcm(2)))),
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
    sound("a rate that shares no factor with the study's", "odd.wav", rate=44_057),
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
    """Write each case under `folder`; the cases by the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        case.write(folder / case.name)
    return {case.name: case for case in cases}


def shown(what: str) -> str:
    """What a case is, as a cell of a Markdown table shows it."""
    plain = what if len(what) < 90 else f"{what[:40]}… ({len(what)} characters)"
    return cell(plain) if plain.startswith(("the name", "the genre")) else plain


def cell(text: str) -> str:
    """Text that may hold anything, as a cell of a Markdown table shows it."""
    return f"`{text.replace('`', chr(39)).replace('|', '·')}`"
