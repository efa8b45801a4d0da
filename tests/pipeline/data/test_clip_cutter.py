"""Clips and faults of music as people have it, also of files mutated at random.

The fuzz test runs longer with LATENTES_FUZZ set to a number of files.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from pipeline.data.clip_cutter import ClipCutter, Cut, Fault
from pipeline.data.new_songs import prepare_song
from pipeline.data.stretches import Stretch
from pipeline.errors import StudyError
from tests.pipeline.data.users_files import (
    BAD_SPOTS,
    FORMATS,
    Stream,
    by_title,
    encoded,
    id3,
    music,
    with_data_size,
    with_total,
    without_first_frame,
    written,
)
from tests.study_builds import ROOT

RATE = 22_050
EMPTY_M4A = b"\0\0\0 ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + b"0" * 9999
STRETCHES: tuple[Stretch, ...] = ("start", "loudest", "spread", "random")


def cut(data: bytes, stretch: Stretch = "start", count: int = 1) -> list[Cut | Fault]:
    return list(ClipCutter(RATE, RATE, count, stretch, 42).cut("a/a.mp3", data))


def faults(data: bytes, stretch: Stretch = "start", count: int = 1) -> list[str]:
    return [each.fault for each in cut(data, stretch, count) if isinstance(each, Fault)]


def test_every_format_gives_its_clips() -> None:
    for number, each in enumerate(FORMATS):
        found = cut(each.file(), STRETCHES[number % len(STRETCHES)])
        assert [type(one) for one in found] == [Cut], each.title


def test_damage_is_told_only_if_it_is_within_what_was_read() -> None:
    good = by_title("MP3, constant bitrate").file(6.0)
    early, late = (BAD_SPOTS["zeros"](good, round(where * len(good))) for where in (0.1, 0.8))
    assert faults(good) == faults(late) == []
    clip, fault = cut(early)
    assert isinstance(clip, Cut)
    assert isinstance(fault, Fault)
    assert fault.fault == "damaged"
    assert fault.start == pytest.approx(0.6, abs=0.2)
    assert fault.value == pytest.approx(0.15, abs=0.15)
    assert fault.detail == f"damaged at {fault.start:.1f} s; about {fault.value:.1f} s lost"
    assert faults(late, "spread", 5) == ["damaged"]


def test_a_video_without_sound_is_said_to_be_one() -> None:
    [fault] = cut(encoded("mp4", video=True))
    assert isinstance(fault, Fault)
    assert (fault.fault, fault.detail) == ("no_sound", "has no sound")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "the file is empty"),
        (bytes(5000), "in no known format of sound"),
        (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "in no known format of sound"),
        (b"#EXTM3U\nhttp://127.0.0.1:9/a.mp3\n", "in no known format of sound"),
        (b"MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk" + bytes(99), "MIDI, which holds notes, not sound"),
        (
            b"\0\0\0 ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + b"0" * 9999,
            "MPEG-4 (M4A, MP4, 3GP), but",
        ),
    ],
    ids=["empty", "zeros", "HTML", "a playlist", "MIDI", "an M4A without contents"],
)
def test_what_cannot_be_read_is_named(data: bytes, detail: str) -> None:
    [fault] = cut(data)
    assert isinstance(fault, Fault)
    assert fault.fault == "unreadable"
    assert fault.detail.startswith(f"cannot be decoded: {detail}")
    with pytest.raises(StudyError, match="if a player plays it, convert it: ffmpeg -i 'a b.mp3'"):
        prepare_song(data, "a b.mp3", RATE, RATE)


WRONG_LENGTHS = {
    "an MP3 without a count": without_first_frame(by_title("MP3, variable bitrate").file()),
    "a FLAC without a total": with_total(by_title("FLAC").file(), 0),
    "a FLAC of twelve days": with_total(by_title("FLAC").file(), 2**36 - 1),
    "a WAV of no data": with_data_size(by_title("WAV, 16 bits").file(), 0),
    "a WAV of 4 GB": with_data_size(by_title("WAV, 16 bits").file(), 2**32 - 1),
    "two Ogg files": by_title("Ogg Vorbis").file(1.5) + by_title("Ogg Vorbis").file(1.5, 2),
    "zeros before an MP3": bytes(4096) + by_title("MP3, constant bitrate").file(),
    "a tag before a WAV": id3(9000) + by_title("WAV, 16 bits").file(),
}


@pytest.mark.parametrize("data", WRONG_LENGTHS.values(), ids=WRONG_LENGTHS)
def test_clips_and_new_songs_reach_to_the_true_end(data: bytes) -> None:
    cutter = ClipCutter(RATE, RATE, 9, "spread", 42)
    found = list(cutter.cut("a/a.mp3", data))
    starts = [each.start for each in found if isinstance(each, Cut)]
    assert len(starts) == len(found) in (2, 3)  # resampled padding may push the third out
    assert cutter.formats["a/a.mp3"].seconds == pytest.approx(3.0, abs=0.1)
    assert prepare_song(data, "a.mp3", RATE, RATE, start=1.9).seconds == pytest.approx(3.0, abs=0.1)
    assert prepare_song(data, "a.mp3", RATE, RATE).seconds == pytest.approx(3.0, abs=0.1)


def test_readable_files_have_a_format() -> None:
    cutter = ClipCutter(RATE, RATE, 1, "start", 0)
    for name, data in (("a", by_title("Opus").file()), ("b", b"junk" * 99)):
        list(cutter.cut(name, data))
    [(name, found)] = cutter.formats.items()
    assert (name, found.container, found.codec) == ("a", "ogg", "opus")
    assert (found.rate, found.channels) == (48_000, 2)
    assert found.seconds == pytest.approx(3.0, abs=0.1)


def test_an_antiphase_recording_is_used() -> None:
    mono = music(1, 2.0, 44_100, 1)
    data = written(np.concatenate([mono, -mono], axis=1), 44_100, format="MP3")
    assert faults(data) == ["one_channel"]
    assert any(isinstance(each, Cut) for each in cut(data))


def test_channels_that_change_within_a_file_are_mixed() -> None:
    stereo, mono = music(1, 2.0), music(2, 2.0, 44_100, 1)
    parts = [encoded("adts", Stream(sound, 44_100, "aac")) for sound in (stereo, mono)]
    found = cut(b"".join(parts), "spread", 3)
    assert [type(each) for each in found] == [Cut] * 3


# --- fuzzing

FUZZED = [
    each.make(music(1, 1.2, each.rate, each.channels), each.rate)
    for each in FORMATS
    if "5.1" not in each.title
]


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """Small files with bits flipped, cut, spliced with another, or with blocks inserted."""
    rng = random.Random(seed)
    for number in range(count):
        data = bytearray(FUZZED[number % len(FUZZED)])
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            # Headers matter most.
            at = rng.randrange(min(len(data), rng.choice((64, 1024, len(data)))) or 1)
            match rng.randrange(7):
                case 0 | 1:
                    data[at : at + 1] = bytes([rng.randrange(256)])
                case 2:
                    data[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
                case 3:
                    data[at : at + rng.choice((1, 30, 3000))] = b""
                case 4:
                    data[at:at] = rng.randbytes(rng.choice((1, 30, 3000)))
                case 5:
                    other = rng.choice(FUZZED)
                    data[at:] = other[rng.randrange(len(other)) :]
                case 6:
                    data[at : at + 50] = data[:50]
        yield bytes(data[: rng.choice((len(data), len(data), rng.randrange(len(data) + 1)))])


WORKER = """
import resource, signal, sys
from tests.pipeline.data import test_clip_cutter as test
from pipeline.audio.container import UnreadableFile
from pipeline.errors import StudyError
now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 1_000_000_000,) * 2)
signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, wherever it is
seed, count = map(int, sys.argv[1:])
for number, data in enumerate(test.mutations(seed, count)):
    print(number, flush=True)
    signal.alarm(20)
    stretch = test.STRETCHES[number // len(test.FUZZED) % 4]
    found = list(test.ClipCutter(22050, 11025, 3, stretch, seed).cut('a/a.mp3', data))
    assert found, 'neither a clip nor a fault'
    for each in found:
        if isinstance(each, test.Cut):
            assert each.waveform.shape == (11025,) and each.waveform.isfinite().all()
    signal.alarm(0)
print('done')
"""


def run_fuzz(seed: int, count: int) -> None:
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", WORKER, str(seed), str(count)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    last = run.stdout.split()[-1:]
    assert last == ["done"], f"file {last} of seed {seed}: {run.returncode} {run.stderr[-2000:]}"


def test_mutated_files_give_a_clip_or_a_fault_in_bounded_time_and_memory() -> None:
    run_fuzz(seed=1, count=2 * len(FUZZED))


@pytest.mark.slow
def test_many_mutated_files() -> None:
    run_fuzz(seed=2, count=int(os.environ.get("LATENTES_FUZZ", 1000)))
