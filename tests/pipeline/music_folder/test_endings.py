"""Endings of sound and video: none that FFmpeg or Python knows is passed over."""

import mimetypes
from pathlib import Path

import av
import pytest

from pipeline.music_folder.endings import SOUND, is_music

ELSEWHERE = frozenset(
    """.dat
    .ass .aqt .idx .mks .mpl2 .pjs .rt .sami .scc .smi .stl .sub .sup .vtt .webvtt .mcc
    .ans .art .asc .diz .ice .nfo .txt .vt .cgi .sbg
    .avif .gif .heic .heif .j2k .jxl .mjpeg .mjpg .mpo .cif .qcif .rgb .yuv .yuv10 .v210 .cdg
    .adf .cdxl .xl .flm .idf .ism .psp .ser .v .mods .avs .avc .h26l .mac
    .bit .bitpacked .al .ul .sb .ub .sw .uw .son .vb .sf .wa .way .str .svs .nsp .msf .xmd .mvi
    .sdr2 .sdx .sdns .cdata .lvf .ipu .pdv .sga
    """.split()
)
"""Endings of FFmpeg's formats that mean something else (the first are told by their content), or
of subtitles, text, pictures and headerless samples."""


def test_the_endings_of_pythons_table_are_known() -> None:
    table = mimetypes.MimeTypes()
    stated = {
        ending
        for types in table.types_map
        for ending, kind in types.items()
        if kind.startswith(("audio/", "video/"))
    }
    assert stated - SOUND <= ELSEWHERE
    assert len(stated) > 25


def test_the_endings_of_ffmpegs_formats_are_known() -> None:
    stated: set[str] = set()
    for name in av.formats_available:
        try:
            stated |= {f".{ending}" for ending in av.ContainerFormat(name, "r").extensions}
        except ValueError:
            continue  # a format that is only written
    assert stated - SOUND == ELSEWHERE - {".ass"}
    assert len(stated & SOUND) > 100


@pytest.mark.parametrize("name", ["x.webm", "x.MKA", "x.stem.mp4", "a.b.m4p", "x.3gp", "x.mid"])
def test_endings_in_any_case(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert is_music(tmp_path / name)


@pytest.mark.parametrize("name", ["x", ".mp3", "x.txt", "x.m3u8", "x.jpg", "x.mp3.part", "x.srt"])
def test_other_endings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert not is_music(tmp_path / name)


def packets(size: int) -> bytes:
    """Five packets of an MPEG transport stream, in a video of a camera after a time code."""
    return (bytes(size - 188) + b"G" + bytes(187)) * 5


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("film.ts", packets(188), True),
        ("camera.MTS", packets(192), True),
        ("code.ts", b"GET = 1;\n" * 99, False),
        ("code.mts", b"", False),
        ("camera.mod", b"\0\0\x01\xba" + bytes(99), True),
        ("song.mod", bytes(1080) + b"M.K." + bytes(99), True),
        ("go.mod", b"module example.org/x\n" * 99, False),
        ("film.dat", b"RIFF\0\0\0\0CDXAfmt ", True),
        ("values.dat", b"1 2 3\n" * 99, False),
    ],
)
def test_endings_with_another_meaning_are_told_by_the_content(
    tmp_path: Path, name: str, content: bytes, expected: bool
) -> None:
    (tmp_path / name).write_bytes(content)
    assert is_music(tmp_path / name) == expected


def test_what_ffmpeg_writes_as_a_transport_stream_is_recognised(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "x.ts"), "w") as container:
        stream = container.add_stream("mp2", rate=44_100, layout="stereo")
        frame = av.AudioFrame("s16", "stereo", 1152)
        frame.sample_rate = 44_100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    assert is_music(tmp_path / "x.ts")
