"""The tables of docs/music.md: formats, unusual files and layouts, each tried."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.container import UnreadableFile
from pipeline.audio.decode import describe_damage, open_audio
from pipeline.errors import StudyError
from pipeline.music_folder.genre_table import genres_from_table
from pipeline.music_folder.scan import find_music, list_music
from tests.pipeline.data.users_files import (
    BAD_SPOTS,
    FORMATS,
    ID3V1,
    SECONDS,
    by_title,
    encoded,
    id3,
    with_data_size,
    with_total,
    without_first_frame,
)

CheckTable = Callable[[str, list[str]], None]


def outcome(data: bytes) -> str:
    """What becomes of a file."""
    try:
        with open_audio(data) as sound:
            frames = sum(len(block) for block in sound.blocks(1 << 16))
            told = f"; told: {describe_damage(sound.damage)}" if sound.damage else ""
            return f"{frames / sound.rate:.1f} s read{told}"
    except UnreadableFile as error:
        return f"left out: {error}"


FAMILIES = {
    "WAV": "WAV",
    "other files of samples": "Wave64|AIFF|Sun AU|Core Audio",
    "FLAC": "FLAC, |FLAC$",
    "MPEG audio": "MP[23]",
    "Ogg": "Ogg|Opus",
    "MPEG-4": "AAC [(]i|AAC, |Apple|FLAC in|AMR in",
    "streams of one codec": "AAC s|Dolby|AMR [(]",
    "WebM and Matroska": "WebM|Matroska",
    "Windows Media": "Windows",
    "other lossless codecs": "WavPack|True",
    "videos": "sound of",
}
"""Families of formats, by the beginnings of their titles."""


def test_the_table_of_formats_is_current(check_table: CheckTable) -> None:
    rows = ["| family | files are called | tried | of 3 s are read |", "| --- | --- | --- | --- |"]
    listed = 0
    for family, beginnings in FAMILIES.items():
        formats = [each for each in FORMATS if re.match(beginnings, each.title)]
        names = dict.fromkeys(name for each in formats for name in each.names.split())
        titles = "; ".join(each.title for each in formats).replace("sound of ", "")
        outcomes = "; ".join(
            sorted({outcome(each.file()).removesuffix(" read") for each in formats})
        )
        cells = (family, ", ".join(f"`{name}`" for name in names), titles, outcomes)
        rows.append(f"| {' | '.join(cells)} |")
        listed += len(formats)
    assert listed == len(FORMATS)
    check_table("formats", rows)


MP3, OGG = by_title("MP3, variable bitrate").file(), by_title("Ogg Vorbis").file()
WAV, FLAC = by_title("WAV, 16 bits").file(), by_title("FLAC").file()
M4A = by_title("AAC (iTunes, phones)").file()

UNUSUAL = [
    ("an MP3 of variable bitrate without its count of frames", without_first_frame(MP3)),
    ("a FLAC without its total", with_total(FLAC, 0)),
    ("a WAV whose size is 0, as an interrupted recorder leaves it", with_data_size(WAV, 0)),
    ("an MP3 with bad bytes in its middle", BAD_SPOTS["zeros"](MP3, len(MP3) // 2)),
    ("an M4A with bad bytes in its middle", BAD_SPOTS["random bytes"](M4A, len(M4A) // 2)),
    ("an Ogg with bytes missing in its middle", BAD_SPOTS["missing bytes"](OGG, len(OGG) // 2)),
    ("an MP3 whose second half is missing", MP3[: len(MP3) // 2]),
    ("an M4A whose second half is missing", M4A[: len(M4A) // 2]),
    ("two Ogg files joined", OGG + OGG),
    ("two MP3 joined, with tags and a picture between", MP3 + ID3V1 + id3(9999, True) + MP3),
    ("zeros before an MP3", bytes(4096) + MP3),
    ("a video without sound", encoded("mp4", video=True)),
    ("MIDI", b"MThd\0\0\0\x06\0\x01\0\x01\0\x60MTrk" + bytes(99)),
    ("a playlist or a text", b"#EXTM3U\nhttp://example.org/a.mp3\n"),
]


def test_the_table_of_unusual_files_is_current(check_table: CheckTable) -> None:
    rows = ["| a file of 3 s that is | outcome |", "| --- | --- |"]
    rows += [f"| {title} | {outcome(data)} |" for title, data in UNUSUAL]
    check_table("unusual-files", rows)


LAYOUTS = [
    ("one folder per genre", "jazz/a.mp3 jazz/b.mp3 rock/c.mp3"),
    ("albums inside the genres", "jazz/kind-of-blue/a.mp3 jazz/b.mp3 rock/c.mp3"),
    ("some files outside the genres", "jazz/a.mp3 jazz/b.mp3 rock/c.mp3 d.mp3"),
    ("all files in one folder", "a.mp3 b.mp3 c.mp3"),
    (
        "a folder a level too high (Kaggle's GTZAN)",
        "genres_original/jazz/a.wav genres_original/rock/b.wav genres_original/pop/c.wav",
    ),
    ("training and test sets", "train/jazz/a.mp3 train/rock/b.mp3 test/jazz/c.mp3"),
    ("numbered folders (FMA)", "000/000002.mp3 001/001003.mp3 155/155066.mp3"),
    ("any of these, with a table of genres", "000/000002.mp3 001/001003.mp3 d.mp3"),
]


def layout_outcome(folder: Path, with_table: bool) -> str:
    """What becomes of a folder of music."""
    try:
        if with_table:
            files = list_music(folder)
            table = folder.with_suffix(".csv")
            with table.open("w", encoding="utf-8", newline="") as stream:
                rows = [(file, f"genre {number % 2}") for number, file in enumerate(files)]
                csv.writer(stream).writerows([("file", "genre"), *rows])
            music = genres_from_table(table, "file", "genre", files)
        else:
            music = find_music(folder)
    except StudyError as error:
        return (
            f"refused: {str(error).removeprefix(f'{folder}: ').replace(str(folder), folder.name)}"
        )
    genres = {music.genre(file) for file in music.files}
    left_out = f", {len(music.left_out)} left out and listed" if music.left_out else ""
    return f"{len(music.files)} files of {len(genres)} genres{left_out}"


def test_the_table_of_layouts_is_current(tmp_path: Path, check_table: CheckTable) -> None:
    rows = ["| music laid out as | such as | outcome |", "| --- | --- | --- |"]
    for number, (title, names) in enumerate(LAYOUTS):
        folder = tmp_path / str(number) / "music"
        for name in names.split():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        example = ", ".join(f"`{name}`" for name in names.split())
        rows.append(f"| {title} | {example} | {layout_outcome(folder, 'table' in title)} |")
    check_table("layouts", rows)


def test_all_formats_are_read_whole() -> None:
    seconds = [float(outcome(each.file()).split()[0]) for each in FORMATS]
    assert seconds == pytest.approx(np.full(len(FORMATS), SECONDS), abs=0.15)
