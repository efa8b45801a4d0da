"""Genres from a table: formats, columns, matching of files, and errors."""

import csv
import io
import time
import unicodedata
from pathlib import Path

import pytest

from pipeline.music_folder.genre_table import TableError, genres_from_table
from pipeline.music_folder.scan import Music

FILES = ["000/000002.mp3", "000/000005.mp3", "001/001039.mp3"]

FMA = """,album,album,track,track
,title,tracks,genre_top,title
track_id,,,,
2,AWOL - A Way Of Life,7,Hip-Hop,Food
5,AWOL - A Way Of Life,7,,This World
1039,"Old, ""older"" songs",3,Old-Time / Historic,A Waltz
999999,Gone,1,Rock,Gone
"""
"""As `tracks.csv` of FMA."""


def read(
    folder: Path, table: str | bytes, files: list[str] = FILES, file: str = "f", genre: str = "g"
) -> Music:
    path = folder / "table.csv"
    path.write_bytes(table.encode() if isinstance(table, str) else table)
    return genres_from_table(path, file, genre, files)


def error(folder: Path, *arguments: str | bytes | list[str]) -> tuple[str, str]:
    """The message of a TableError without the folder, and the setting at fault."""
    with pytest.raises(TableError) as caught:
        read(folder, *arguments)  # type: ignore[arg-type]
    return str(caught.value).removeprefix(f"{folder}/"), caught.value.setting


@pytest.mark.parametrize("genre", ["genre_top", "track.genre_top"])
def test_a_table_of_fma(tmp_path: Path, genre: str) -> None:
    assert read(tmp_path, FMA, FILES, "track_id", genre) == Music(
        ["000/000002.mp3", "001/001039.mp3"],
        {"000/000002.mp3": "Hip-Hop", "001/001039.mp3": "Old-Time / Historic"},
        {"000/000005.mp3": "no_genre"},
        unmatched=1,
    )


def test_a_column_name_of_several_columns_needs_its_group(tmp_path: Path) -> None:
    assert error(tmp_path, FMA, FILES, "track_id", "title") == (
        "table.csv: 2 columns are named title (album.title, track.title); give one of them in "
        "full, or rename one",
        "genre_column",
    )
    assert read(tmp_path, FMA, FILES, "track_id", "track.title").genres == dict(
        zip(FILES, ["Food", "This World", "A Waltz"], strict=True)
    )


def test_two_header_rows_without_the_name_of_the_index(tmp_path: Path) -> None:
    text = ",track,track\ntrack_id,genre_top,title\n2,Rock,x\n1039,Pop,y\n"
    found = read(tmp_path, text, FILES, "track_id", "genre_top")
    assert found.genres == {FILES[0]: "Rock", FILES[2]: "Pop"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_delimiters_marks_and_line_endings(
    tmp_path: Path, delimiter: str, mark: str, ending: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending)
    writer.writerows([["f", "a title, or two; or three", "g"], ["b/x.wav", "1;2,3\t4", "pop"]])
    found = read(tmp_path, mark + stream.getvalue(), ["a/x.wav", "b/x.wav"])
    assert found == Music(["b/x.wav"], {"b/x.wav": "pop"}, {"a/x.wav": "no_genre"})


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("jazz/one.wav", ["jazz/one.wav"]),
        ("./jazz/one.wav", ["jazz/one.wav"]),
        ("jazz\\one.wav", ["jazz/one.wav"]),
        ("jazz/one", ["jazz/one.wav"]),
        ("one.wav", ["jazz/one.wav"]),
        ("one", ["jazz/one.wav"]),
        ("jazz/one.wav", ["data/jazz/one.wav"]),
        ("/home/ana/data/jazz/one.wav", ["jazz/one.wav"]),
        ("jazz.00001", ["jazz/jazz.00001.wav"]),
        ("jazz.00001.au", ["jazz/jazz.00001.wav"]),
        ("7", ["000/0007.mp3"]),
        ("7.0", ["000/0007.mp3"]),
        ("one.wav", ["one.wav", "jazz/one.wav"]),
        (unicodedata.normalize("NFD", "canción.wav"), ["música/canción.wav"]),
        ("música/canción", [unicodedata.normalize("NFD", "música/canción.wav")]),
    ],
)
def test_ways_to_name_a_file(tmp_path: Path, name: str, files: list[str]) -> None:
    found = read(tmp_path, f"f,g\n{name},pop\n", [*files, "other/z.wav"])
    assert found.genres == {files[0]: "pop"}


@pytest.mark.parametrize("name", ["rock/one.wav", "ne.wav", "1", "other/jazz/one.wav.txt"])
def test_names_of_no_file(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, f"f,g\n{name},pop\nz.wav,rock\n", ["jazz/one.wav", "x/z.wav"])
    assert found.genres == {"x/z.wav": "rock"}


def test_genres_are_composed_and_without_space_around(tmp_path: Path) -> None:
    genre = unicodedata.normalize("NFD", "  Música\n clásica ")
    [found] = (read(tmp_path, f'f,g\n2,"{genre}"\n5, \n').genres or {}).values()
    assert found == "Música clásica"


def test_rows_that_agree_or_say_nothing_are_no_contradiction(tmp_path: Path) -> None:
    assert read(tmp_path, "f,g\n2,pop\n000002.mp3,\n000/000002,pop\n\n5\n").genres == {
        FILES[0]: "pop"
    }


@pytest.mark.parametrize(
    ("table", "message", "setting"),
    [
        ("f,genre\n2,pop\n", "no column g (columns: f, genre)", "genre_column"),
        ("id,g\n2,pop\n", "no column f (columns: id, g)", "file_column"),
        ("F,g\n2,pop\n", "no column f (columns: F, g)", "file_column"),
        ("f,g,g\n2,pop,x\n", "2 columns are named g (g, g); give one of them in full, or rename "
         "one", "genre_column"),
        ("f,g\n7,pop\n", 'no row of column f names a file of the music (the first row has "7", the '
         "first file is 000/000002.mp3)", "file_column"),
        ("f,g\n2,\n", "column g is empty in the rows of all 3 music files", "genre_column"),
        ("f,g\n", 'no row of column f names a file of the music (the first row has "", the first '
         "file is 000/000002.mp3)", "file_column"),
        (f"f,g\n2,{'x' * 101}\n", f"2: a genre of 101 characters ({'x' * 77}...); is this the "
         "column of genres?", "genre_column"),
        ("f,g\n2,pop\n\n000002,rock\n", "4: 000/000002.mp3 has the genre rock here, but pop in "
         "line 2; delete one", "table"),
        ("", "not a table (its first line has no comma, semicolon or tab); expected CSV or TSV "
         "with a row of column names", "table"),
        ("A letter.\n", "not a table (its first line has no comma, semicolon or tab); expected CSV "
         "or TSV with a row of column names", "table"),
        (b"PK\x03\x04 a spreadsheet", "not a table but a binary file; export it as CSV", "table"),
        (b"RIFF\0\0,\0", "not a table but a binary file; export it as CSV", "table"),
        ("f,g\n2,músi\n3,ca\n".encode("latin-1"), "2: byte 0xfa is not UTF-8; save the table as "
         "CSV in UTF-8", "table"),
        ("f,g\n2,x\n".encode("utf-16"), "1: byte 0xff is not UTF-8; save the table as CSV in UTF-8",
         "table"),
        ('f,g\n2,pop\n5,"rock\n', "3: not a row of a table (unexpected end of data); check its "
         "quotes", "table"),
    ],
)  # fmt: skip
def test_errors(tmp_path: Path, table: str | bytes, message: str, setting: str) -> None:
    separator = "" if message[0].isdigit() and message[1] == ":" else " "
    assert error(tmp_path, table) == (f"table.csv:{separator}{message}", setting)


def test_a_name_of_two_files_is_an_error(tmp_path: Path) -> None:
    files = ["a/01.mp3", "b/01.mp3"]
    for name in ("01.mp3", "01", "1"):
        assert error(tmp_path, f"f,g\n{name},pop\n", files) == (
            f"table.csv:2: {name} may be a/01.mp3 or b/01.mp3; give the path",
            "file_column",
        )
    assert read(tmp_path, "f,g\na/01,pop\n", files).genres == {"a/01.mp3": "pop"}


def test_a_misspelt_column_is_corrected(tmp_path: Path) -> None:
    message, setting = error(tmp_path, FMA, FILES, "track_id", "genretop")
    assert message.endswith("; did you mean track.genre_top?")
    assert setting == "genre_column"
    message, _ = error(tmp_path, FMA, FILES, "trackid")
    assert message.endswith("; did you mean track_id?")


def test_a_table_of_a_hundred_thousand_rows_is_read_in_seconds(tmp_path: Path) -> None:
    count = 106_574
    rows = "".join(f"{row},{'x' * 60},pop\n" for row in range(count))
    files = [f"{row // 1000:03d}/{row:06d}.mp3" for row in range(0, count, 13)]
    began = time.monotonic()
    found = read(tmp_path, f"f,title,g\n{rows}", files)
    assert time.monotonic() - began < 10
    assert found.files == files
