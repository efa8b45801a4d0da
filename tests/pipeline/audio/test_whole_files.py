"""Files are read from their first frame to their last, whatever they state, and by content."""

import io
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.container import NoSound, UnreadableFile
from pipeline.audio.decode import packet_seconds
from tests.pipeline.audio.decoded import Decoded, assert_whole, decoded, position
from tests.pipeline.data.users_files import (
    ID3V1,
    JUNK,
    SECONDS,
    Format,
    Stream,
    by_title,
    chunk,
    encoded,
    id3,
    music,
    with_count,
    with_data_size,
    with_total,
    without_first_frame,
    written,
)

# --- stated lengths


VBR = "MP3, variable bitrate"


@pytest.mark.parametrize("frames", [None, 0, 3, 100_000])
@pytest.mark.parametrize("title", [VBR, "MP3, constant bitrate"])
def test_an_mp3_lasts_as_long_as_it_does_whatever_it_states(title: str, frames: int | None) -> None:
    good = by_title(title).file()
    changed = without_first_frame(good) if frames is None else with_count(good, frames)
    assert_whole(decoded(changed), music(), 0.1)


def test_an_mp3_fades_out_of_a_variable_bitrate_without_a_count() -> None:
    source = music(1, 6.0) * np.linspace(1, 0.02, 6 * 44_100, dtype=np.float32)[:, None]
    good = written(source, 44_100, format="MP3", bitrate_mode="VARIABLE", compression_level=0.4)
    for data in (without_first_frame(good), id3(300) + without_first_frame(good)):
        found = decoded(data)
        assert found.seconds == pytest.approx(6.0, abs=0.1)
        assert packet_seconds(data) == pytest.approx(6.0, abs=0.1)


@pytest.mark.parametrize("title", [VBR, "MP3, constant bitrate"])
def test_a_cut_mp3_lasts_as_long_as_what_is_left(title: str) -> None:
    good = by_title(title).file()
    for part in (0.3, 0.7):
        found = decoded(good[: round(part * len(good))])
        assert found.seconds == pytest.approx(part * SECONDS, abs=0.25)  # of variable bitrate
        assert found.damage == []


@pytest.mark.parametrize("total", [0, 1, 44_100, 2**35, 2**36 - 1])
def test_a_flac_lasts_as_long_as_it_does_whatever_it_states(total: int) -> None:
    data = with_total(by_title("FLAC").file(), total)
    assert_whole(decoded(data), music(), 0)
    assert packet_seconds(data) == pytest.approx(SECONDS, abs=0.1)


SIZES = {"zero": 0, "unknown": 0xFFFFFFFF, "too large": 2**30, "half": 264_600, "odd": 264_601}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("title", ["WAV, 16 bits", "WAV, 24 bits, extensible header"])
def test_a_wav_lasts_as_long_as_it_does_whatever_it_states(title: str, size: int) -> None:
    data = with_data_size(by_title(title).file(), size)
    assert_whole(decoded(data), music(), 0.001)
    assert packet_seconds(data) == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize(
    "after",
    [
        chunk(b"LIST", b"INFOINAM" + b"\x08\0\0\0" + "Canción".encode("latin-1") + b"\0"),
        chunk(b"id3 ", id3(200_000, picture=True)),
        chunk(b"bext", bytes(603)) + chunk(b"LIST", b"adtl" + bytes(33)),
        chunk(b"PAD ", bytes(500_000)),
    ],
    ids=["LIST", "a picture", "odd chunks", "padding"],
)
def test_chunks_behind_the_data_of_a_wav_are_not_sound(after: bytes) -> None:
    data = by_title("WAV, 16 bits").file() + after
    assert_whole(decoded(data), music(), 0)


def test_an_rf64_without_its_sizes_is_read() -> None:
    data = by_title("WAV of more than 4 GB (RF64)").file()
    at = data.index(b"ds64") + 8
    assert_whole(decoded(data[:at] + bytes(24) + data[at + 24 :]), music(), 0)


@pytest.mark.parametrize("title", ["AIFF", "Sun AU", "Core Audio", "Wave64"])
def test_a_cut_file_of_samples_has_what_is_left(title: str) -> None:
    each = by_title(title)
    for odd in (1, 3):
        found = decoded(each.file()[: len(each.file()) // 2 + odd])
        assert found.seconds == pytest.approx(SECONDS / 2, abs=0.02)
        assert found.damage == []


# --- several in one


def sounds(*parts: tuple[str, int]) -> tuple[bytes, list[Format]]:
    """Files of some formats, one behind the other."""
    formats = [by_title(title) for title, _ in parts]
    joined = b"".join(
        each.file(SECONDS, seed) for each, (_, seed) in zip(formats, parts, strict=True)
    )
    return joined, formats


OGG = ["Ogg Vorbis", "Opus", "Ogg FLAC"]


@pytest.mark.parametrize("titles", [*itertools.product(OGG, OGG), ["Ogg Vorbis"] * 3])
def test_joined_ogg_streams_are_read_to_the_end(titles: list[str]) -> None:
    joined, formats = sounds(*((title, seed) for seed, title in enumerate(titles)))
    found = decoded(joined)
    assert found.rate == formats[0].rate
    assert found.damage == []
    assert found.seconds == pytest.approx(SECONDS * len(titles), abs=0.02)
    for number in range(len(titles)):
        source = music(number, SECONDS, found.rate)
        at, alike = position(found.piece(number * SECONDS + 2.0), source, found.rate)
        if formats[number].rate == found.rate:
            assert alike > 0.99
            assert abs(at - 2.0) < 0.02


@pytest.mark.parametrize("between", [b"", bytes(999), JUNK])
def test_joined_ogg_of_another_rate_and_number_of_channels(between: bytes) -> None:
    mono = written(music(5, 3.0, 22_050, 1), 22_050, format="OGG", subtype="VORBIS")
    found = decoded(by_title("Ogg Vorbis").file() + between + mono)
    assert found.sound.shape[1] == 2
    assert found.seconds == pytest.approx(SECONDS + 3.0, abs=0.02)
    # Sampled down for comparison: every second sample of music below 11 kHz.
    second = Decoded(found.sound[round(SECONDS * 44_100) :: 2], 22_050, [])
    at, alike = position(second.piece(1.0), music(5, 3.0, 22_050, 1), 22_050)
    assert alike > 0.97
    assert abs(at - 1.0) < 0.02


BETWEEN = {
    "nothing": b"",
    "an old tag": ID3V1,
    "a tag with a picture": id3(200_000, picture=True),
    "both": ID3V1 + id3(60_000, picture=True),
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("title", [VBR, "MP3, constant bitrate"])
def test_joined_files_with_tags_are_read_to_the_end(title: str, between: bytes) -> None:
    each = by_title(title)
    found = decoded(id3(500) + each.file() + between + each.file(SECONDS, 2) + ID3V1)
    assert found.damage == []
    assert found.seconds == pytest.approx(2 * SECONDS, abs=0.15)
    at, alike = position(found.piece(SECONDS + 2.0), each.music(SECONDS, 2), found.rate)
    assert alike > 0.99
    assert abs(at - 2.0) < 0.15


@pytest.mark.parametrize(("rate", "channels"), [(22_050, 1), (48_000, 2), (44_100, 1)])
def test_joined_mp3_of_another_rate_or_number_of_channels(rate: int, channels: int) -> None:
    other = written(music(2, 3.0, rate, channels), rate, format="MP3")
    found = decoded(by_title(VBR).file() + other)
    assert (found.rate, found.sound.shape[1]) == (44_100, 2)
    assert found.seconds == pytest.approx(SECONDS + 3.0, abs=0.15)
    assert found.damage == []


# --- junk in front

IN_FRONT = {
    "a zero": b"\0",
    "4 kB of zeros": bytes(4096),
    "1.5 MB of zeros": bytes(1_500_000),
    "random bytes": np.random.default_rng(1).bytes(5000),
    "a page of HTML": b"<html><head><title>404 Not Found</title></head></html>\r\n" * 30,
    "a tag with padding": id3(50_000),
    "a tag with 3 MB of padding": id3(3_000_000),
    "a tag and zeros": id3(100) + bytes(4096),
    "two tags": id3(100) + id3(2000, picture=True),
}


@pytest.mark.parametrize("front", IN_FRONT.values(), ids=IN_FRONT)
@pytest.mark.parametrize(
    "title", [VBR, "FLAC", "Ogg Vorbis", "WAV, 16 bits", "AAC (iTunes, phones)"]
)
def test_what_is_in_front_of_the_first_frame_does_not_matter(title: str, front: bytes) -> None:
    each = by_title(title)
    assert_whole(decoded(front + each.file()), each.music(), each.padding)


@pytest.mark.parametrize("behind", [bytes(5000), ID3V1, id3(3000)], ids=["zeros", "ID3v1", "ID3"])
@pytest.mark.parametrize("title", [VBR, "FLAC", "Ogg Vorbis", "Opus", "WAV, 16 bits"])
def test_what_is_behind_the_last_frame_is_no_damage(title: str, behind: bytes) -> None:
    each = by_title(title)
    assert_whole(decoded(each.file() + behind), each.music(), max(each.padding, 0.02))


# --- content, not names


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a", "a.txt"])
@pytest.mark.parametrize("title", ["AAC stream (ADTS)", VBR, "AAC (iTunes, phones)", "WebM, Opus"])
def test_the_content_tells_the_format(tmp_path: Path, title: str, name: str) -> None:
    each = by_title(title)
    (tmp_path / name).write_bytes(each.file())
    assert_whole(decoded(tmp_path / name), each.music(), each.padding)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("ogg", "libopus"), ("ipod", "aac"), ("wv", "wavpack"), ("matroska", "flac")],
)
def test_eight_channels_of_every_kind(container: str, codec: str) -> None:
    # PyAV's own conversion crashes on eight or more planes.
    sound = music(4, 1.0, 48_000, 8)
    found = decoded(encoded(container, Stream(sound, 48_000, codec)))
    assert found.sound.shape[1] == 8
    assert position(found.piece(0.5), sound, 48_000)[1] > 0.9


def test_more_channels_than_any_layout_has() -> None:
    sound = music(4, 1.0, 48_000, 20)
    for format_ in ("WAV", "OGG"):
        found = decoded(written(sound, 48_000, format=format_))
        assert found.sound.shape == sound.shape
        assert np.abs(found.sound[:, 19] - sound[:, 19]).mean() < 0.01


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_the_default_stream_is_the_one_that_is_read(container: str) -> None:
    for default in (0, 1):
        streams = [
            Stream(music(seed, 2.0), 44_100, "aac", default=seed == default) for seed in (0, 1)
        ]
        found = decoded(encoded(container, *streams, video=True))
        assert position(found.piece(1.0), music(default, 2.0), 44_100)[1] > 0.95
        assert position(found.piece(1.0), music(1 - default, 2.0), 44_100)[1] < 0.8


@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpeg"])
def test_a_silent_video_is_said_to_have_no_sound(container: str) -> None:
    with pytest.raises(NoSound, match="has no sound"):
        decoded(encoded(container, video=True))


@pytest.mark.parametrize("title", ["MP3, constant bitrate", "Ogg Vorbis", "FLAC", "WAV, 16 bits"])
def test_a_file_of_one_frame(title: str) -> None:
    each = by_title(title)
    data = each.make(music(1, 0.02), 44_100)
    assert decoded(data).seconds == pytest.approx(0.02, abs=0.06)


PLAYLISTS: dict[str, Callable[[str], str]] = {
    "m3u8": lambda url: f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
    "concat": lambda url: f"ffconcat version 1.0\nfile '{url}'\n",
    "sdp": lambda url: (
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\na=control:{url}\n"
        "t=0 0\nm=audio 5004 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"
    ),
    "dash": lambda url: (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT4S"><Period><AdaptationSet mimeType="audio/mp4">'
        f'<Representation id="0"><BaseURL>{url}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    ),
    "pls": lambda url: f"[playlist]\nFile1={url}\nNumberOfEntries=1\n",
    "asx": lambda url: f'<asx version="3.0"><entry><ref href="{url}"/></entry></asx>',
    "cue": lambda url: f'FILE "{url}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
}


@pytest.mark.parametrize("front", [b"", bytes(50), id3(10)], ids=["", "zeros", "tag"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_opens_no_other_file_and_no_url(
    tmp_path: Path, kind: str, front: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.wav").write_bytes(by_title("WAV, 16 bits").file())
    path = tmp_path / "list.mp3"
    for url in ("other.wav", str(tmp_path / "other.wav"), "http://127.0.0.1:9/other.wav"):
        path.write_bytes(front + PLAYLISTS[kind](url).encode())
        for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
            with pytest.raises(UnreadableFile):
                decoded(source)  # type: ignore[arg-type]


def test_tags_in_any_encoding_do_not_matter() -> None:
    found = decoded(id3(10) + by_title(VBR).file() + ID3V1)
    assert_whole(found, music(), 0.1)
