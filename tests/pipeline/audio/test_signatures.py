"""Recognition of formats by their content, and of where sound begins."""

import io
import struct

import numpy as np
import pytest

from pipeline.audio.signatures import (
    after_frame,
    find_start,
    holds_tag,
    name_format,
    ogg_streams,
    wav_data_is_longer,
)
from tests.pipeline.data.users_files import (
    ID3V1,
    by_title,
    chunk,
    id3,
    with_data_size,
)

NAMES = {
    "WAV, 16 bits": "WAV",
    "WAV of more than 4 GB (RF64)": "WAV",
    "Wave64": "Wave64",
    "AIFF": "AIFF",
    "Sun AU": "Sun AU",
    "Core Audio": "Core Audio",
    "FLAC": "FLAC",
    "Ogg Vorbis": "Ogg",
    "Opus": "Ogg",
    "AAC (iTunes, phones)": "MPEG-4 (M4A, MP4, 3GP)",
    "AMR in 3GP": "MPEG-4 (M4A, MP4, 3GP)",
    "sound of a QuickTime video": "MPEG-4 (M4A, MP4, 3GP)",
    "WebM, Opus": "Matroska or WebM",
    "Windows Media": "Windows Media (WMA, WMV)",
    "WavPack": "WavPack",
    "True Audio": "True Audio",
    "AMR (telephones)": "AMR",
    "sound of an AVI video": "AVI",
    "sound of a Flash video": "Flash Video",
    "MP3, constant bitrate": None,
}


@pytest.mark.parametrize("title", NAMES)
def test_formats_have_a_name(title: str) -> None:
    assert name_format(by_title(title).file()[:64]) == NAMES[title]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk", "MIDI"),
        (b"MAC \x96\x0f\0\0" + bytes(8), "Monkey's Audio"),
        (b"OFR \x0c\0\0\0" + bytes(8), "OptimFROG"),
        (b"\0\0\x10\0\x57\x90\x75\x36" + bytes(8), "Audible"),
        (id3(100)[:16], "MP3 with an ID3 tag"),
        (b"%PDF-1.7 and so on", None),
        (b"<!DOCTYPE html><html>", None),
        (b"", None),
    ],
)
def test_other_beginnings(head: bytes, name: str | None) -> None:
    assert name_format(head) == name


@pytest.mark.parametrize("title", ["MP3, constant bitrate", "MP2", "AAC stream (ADTS)"])
@pytest.mark.parametrize("front", [1, 3, 4096, 70_001])
def test_the_first_frame_is_found(title: str, front: int) -> None:
    data = by_title(title).file()
    assert find_start(io.BytesIO(data)) == 0
    assert find_start(io.BytesIO(bytes(front) + data)) == front
    noise = np.random.default_rng(front).bytes(front).replace(b"\xff", b"\0")
    assert find_start(io.BytesIO(noise + data)) == front
    assert find_start(io.BytesIO(id3(front) + data)) == 0
    tag = id3(50)
    assert find_start(io.BytesIO(tag + bytes(front) + data)) == len(tag) + front


@pytest.mark.parametrize("title", ["FLAC", "Ogg Vorbis", "AAC (iTunes, phones)", "AIFF"])
def test_the_beginning_of_a_container_is_found(title: str) -> None:
    data = by_title(title).file()
    for front in (b"\0", bytes(4096), b"junk" * 30, id3(300), id3(5) + id3(2000, picture=True)):
        assert find_start(io.BytesIO(front + data)) == len(front)


def test_nothing_is_found_in_noise() -> None:
    for seed in range(5):
        noise = np.random.default_rng(seed).bytes(200_000)
        assert find_start(io.BytesIO(noise)) == 0
    assert find_start(io.BytesIO(b"")) == 0
    assert find_start(io.BytesIO(bytes(3_000_000))) == 0


def test_the_rest_of_a_packet_is_what_follows_its_frame() -> None:
    data = by_title("MP3, constant bitrate").file()
    length = len(data) - len(after_frame(data))
    assert data[length : length + 2] == data[:2]
    assert after_frame(data[:length]) == b""
    assert after_frame(data[:length] + b"junk") == b"junk"
    assert after_frame(b"no frame") == b"no frame"


def test_tags_are_recognised() -> None:
    assert holds_tag(b"x" + ID3V1)
    assert holds_tag(id3(10))
    assert not holds_tag(bytes(99))


def test_a_wav_is_longer_than_stated_only_if_sound_follows() -> None:
    data = by_title("WAV, 16 bits").file()
    size = len(data) - 44
    for stated, longer in ((size, False), (0, True), (size // 2, True), (size - 1000, False)):
        assert wav_data_is_longer(io.BytesIO(with_data_size(data, stated))) == longer
    big = chunk(b"LIST", bytes(400_000))
    assert not wav_data_is_longer(io.BytesIO(data + big))
    assert not wav_data_is_longer(io.BytesIO(data + big + chunk(b"id3 ", bytes(99))))
    assert not wav_data_is_longer(io.BytesIO(data[:30]))


def test_the_streams_of_an_ogg_file_are_told_apart() -> None:
    one, other = by_title("Ogg Vorbis").file(), by_title("Opus").file()
    assert ogg_streams(io.BytesIO(one)) == [0]
    joined = one + other + one
    assert ogg_streams(io.BytesIO(joined)) == [0, len(one), len(one) + len(other)]
    grouped = bytearray(one)
    # Two streams at a time begin with two pages that are flagged as the first of their kind.
    first = 27 + grouped[26] + sum(grouped[27 : 27 + grouped[26]])
    second = grouped[:first]
    second[14:18] = struct.pack("<I", 99)
    assert ogg_streams(io.BytesIO(bytes(grouped[:first] + second + grouped[first:]))) == [0]
