"""Valid and invalid music folders, each with its expected outcome."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from tests.pipeline import plucked_notes
from tests.pipeline.data import hostile_files

STUDY = '[data]\npath = "music"\nseconds = 1.0\nsampling_rate = 8000\n[models]\nadaptive = [1000]\n'
"""Study of each folder; cases append to it."""


@dataclass(frozen=True)
class Case:
    """A music folder: how to create it, additional settings, and the expected outcome: the error
    messages, or the numbers of clips and faults."""

    title: str
    make: Callable[[Path], object]
    outcome: str
    settings: str = ""


def genres(**counts: int) -> Callable[[Path], Path]:
    """Create a valid folder with the given number of files per genre."""
    return lambda root: plucked_notes.folder(root / "music", counts, seconds=1)


def _named(name: str) -> Callable[[Path], Path]:
    """Create a valid folder and rename its genre (libsndfile cannot write to all names)."""
    return lambda root: (genres(pop=3)(root) / "pop").rename(root / "music" / name)


def _with(make: Callable[[Path], object], **counts: int) -> Callable[[Path], None]:
    """Create a valid folder and apply `make` to it."""

    def both(root: Path) -> None:
        genres(**counts or {"pop": 2, "rock": 2})(root)
        make(root / "music")

    return both


def _many(count: int, files: int) -> Callable[[Path], None]:
    """Create `count` genres with `files` empty files each."""

    def make(root: Path) -> None:
        for genre in range(count):
            folder = root / "music" / f"genre {genre}"
            folder.mkdir(parents=True)
            for file in range(files):
                (folder / f"{file}.wav").touch()

    return make


def _deep(folder: Path) -> None:
    """Move a file into 400 nested folders."""
    before = Path.cwd()
    plucked_notes.write(
        folder / "x.wav", plucked_notes.pluck(9, 1, hostile_files.RATE), hostile_files.RATE
    )
    os.chdir(folder / "pop")
    try:
        for _ in range(400):
            os.mkdir("a")
            os.chdir("a")
        os.rename(folder / "x.wav", "x.wav")
    finally:
        os.chdir(before)


def _loops(folder: Path) -> None:
    (folder / "pop" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "again").symlink_to("rock", target_is_directory=True)
    (folder / "itself").symlink_to("itself")
    (folder / "pop" / "itself.wav").symlink_to("itself.wav")


def _elsewhere(folder: Path) -> None:
    """Add a genre that is a link to a folder outside the music folder."""
    plucked_notes.folder(folder.parent / "far", {"jazz": 2}, seconds=1)
    (folder / "jazz").symlink_to(folder.parent / "far" / "jazz")


def _accents(root: Path) -> None:
    """Name everything as old Macs do, with the accents apart."""
    for name in ("música/canción/canción.wav", "música/rock/dos.wav", "música/rock/tres.wav",
                 "más/nueva canción.wav", "más/logo año.svg"):  # fmt: skip
        samples = plucked_notes.pluck(len(name), 1, hostile_files.RATE)
        source = plucked_notes.write(root / "x.wav", samples, hostile_files.RATE)
        path = root / normalize("NFD", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        source.rename(path)
    (root / normalize("NFD", "más/géneros.csv")).write_text(
        "archivo,género\ncanción/canción.wav,Canción\nrock/dos,Rock\nrock/tres,Rock\n"
    )


def _table(text: str) -> Callable[[Path], None]:
    """Create numbered folders of music and a table."""

    def make(root: Path) -> None:
        plucked_notes.folder(root / "music", {"000": 2, "001": 2}, seconds=1)
        (root / "table.csv").write_text(text)

    return make


def _text(folder: Path) -> None:
    (folder / "jazz").mkdir()
    (folder / "jazz" / "x.txt").write_text("not music")


def _empty(folder: Path) -> None:
    for name in ("x.wav", "y.wav"):
        (folder / "a" / name).touch()


def _socket(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(folder / "pop" / "s.wav"))
    os.mkfifo(folder / "pop" / "p.wav")
    (folder / "pop" / "d.wav").mkdir()


def _not_utf8(folder: Path) -> None:
    os.rename(folder / "pop", os.fsdecode(os.fsencode(folder) + b"/p\xffp"))


def _file(root: Path) -> None:
    (root / "music").write_text("not a folder")


TABLE = 'table = "table.csv"\nfile_column = "file"\ngenre_column = "genre"\n'
"""Settings of a table; they follow those of STUDY's [data]."""

LIMIT = "more than limits.{0} ({1}); use fewer, or raise limits.{0}"
LAYOUT = "data.path must be a folder with one subfolder per genre"
ELSE = "give the genre of each file in a table (data.table)"

CASES = [
    Case("no such folder", lambda root: (root / "musica").mkdir(),
         f"data.path: music: no such folder; {LAYOUT}; did you mean musica?"),
    Case("a file instead of a folder", _file,
         f"data.path: music: is a file; {LAYOUT}"),
    Case("a link to itself", lambda root: (root / "music").symlink_to("music"),
         f"data.path: music: no such folder; {LAYOUT}"),
    Case("an empty folder", lambda root: (root / "music").mkdir(),
         f"data.path: music: no music files; {LAYOUT}"),
    Case("files outside genre folders", lambda root: plucked_notes.folder(root, {"music": 3}),
         f"data.path: music: 3 of 3 music files are outside genre folders; {LAYOUT}, or {ELSE}"),
    Case("one file outside genre folders",
         _with(lambda folder: (folder / "pop" / "pop.00000.wav").rename(folder / "x.wav")),
         "3 clips, faults: 1"),
    Case("a folder a level too high",
         lambda root: plucked_notes.folder(root / "music" / "genres", {"pop": 2, "rock": 2}),
         f"data.path: music: its folders of music are a level further down; {LAYOUT}; did you mean "
         "music/genres?"),
    Case("parts of a data set",
         lambda root: [plucked_notes.folder(root / "music" / part, {"pop": 2, "rock": 2})
                       for part in ("train", "test")],
         "data.path: music: test and train are parts of a data set, which Latentes splits by "
         "itself, not genres; merge the genre folders in them, or use one part; did you mean "
         "music/train?"),
    Case("numbered folders", genres(**{"000": 2, "001": 2, "002": 2}),
         "data.path: music: 000, 001 and 002 are numbered parts of a collection, not genres; "
         f"{ELSE}"),
    Case("numbered folders and a table of genres",
         _table("file;genre\n000.00000;pop\n000/000.00001.wav;Old-Time / Historic\n"
                "001.00000.mp3;pop\n001/001.00001;\nx;rock\n"),
         "3 clips, faults: 1", TABLE),
    Case("a table of no such file", lambda root: genres(pop=3)(root),
         "data.table: table.csv: no such file", TABLE),
    Case("a table without a column", _table("file,genero\n000.00000,pop\n"),
         "data.genre_column: table.csv: no column genre (columns: file, genero); did you mean "
         "genero?", TABLE),
    Case("a table of other files", _table("file,genre\nx/y.wav,pop\n"),
         'data.file_column: table.csv: no row of column file names a file of the music (the first '
         'row has "x/y.wav", the first file is 000/000.00000.wav)', TABLE),
    Case("a table with genres of two files", _table("file,genre\n000.00000,a\n001.00000,b\n"),
         "data.path: found 2 music files with a genre, and 2 without; a study needs at least 3, "
         "for training, validation and test", TABLE),
    Case("a table of more genres than limits.genres",
         _table("file,genre\n000.00000,a\n001.00000,b\n000.00001,c\n"),
         "data.path: found 3 genres (in column genre), " + LIMIT.format("genres", 2),
         f"{TABLE}[limits]\ngenres = 2\n"),
    Case("a report.genre and a report.song of a table",
         _table("file,genre\n000.00000,a/b\n001.00000,c\n000.00001,c\n"),
         'report.genre: no genre "000" in the music (genres: a/b, c) | report.song: no clip '
         '"c/000.00001" in the music; give the path of a file without the file extension; did you '
         "mean 000/000.00001?",
         f'{TABLE}[report]\ngenre = "000"\nsong = "c/000.00001"\n'),
    Case("accents composed otherwise than in the study", _accents, "3 clips, faults: 0",
         'path = "música"\n[report]\ngenre = "canción"\nsong = "canción/canción"\n'
         'logo = "más/logo año.svg"\ntemplates = "música"\n'
         '[[new_songs]]\nfile = "más/nueva canción.wav"\n'),
    Case("accents composed otherwise than in a table", _accents, "3 clips, faults: 0",
         'path = "música"\ntable = "más/géneros.csv"\nfile_column = "archivo"\n'
         'genre_column = "género"\n[report]\ngenre = "Canción"\n'),
    Case("an empty genre", _with(lambda folder: (folder / "jazz").mkdir()),
         "4 clips, faults: 0"),
    Case("a genre of text files", _with(_text), "4 clips, faults: 0"),
    Case("one genre", genres(pop=3), "3 clips, faults: 0"),
    Case("three clips of three genres", genres(a=1, b=1, c=1), "3 clips, faults: 0"),
    Case("two clips", genres(pop=1, rock=1),
         "data.path: found 2 music files; a study needs at least 3, for training, validation and "
         "test"),
    Case("three files, only one of them music", _with(_empty, a=1),
         "only 1 of 3 music files are usable and distinct; a study needs at least 3, for training, "
         "validation and test (first fault: a/x.wav: cannot be decoded: the file is empty)"),
    Case("101 genres", _many(101, 1),
         "data.path: found 101 genres (folders with music), " + LIMIT.format("genres", 100)
         + f"; if these are not genres, {ELSE}"),
    Case("4000 genres", _many(4000, 1),
         "data.path: found 4000 genres (folders with music), " + LIMIT.format("genres", 100)
         + f"; if these are not genres, {ELSE}"),
    Case("10 001 files", _many(73, 137),
         "data.path: found 10001 files, " + LIMIT.format("clips", 10000)),
    Case("more files than limits.clips", genres(pop=4),
         "data.path: found 4 files, " + LIMIT.format("clips", 3), "[limits]\nclips = 3\n"),
    Case("more clips than limits.clips within the files",
         lambda root: plucked_notes.folder(root / "music", {"pop": 4}, seconds=4),
         "more than 5 clips (limits.clips) in 2 of 4 files; lower data.clips_per_file, or raise "
         "limits.clips", "[limits]\nclips = 5\n"),
    Case("loops of links", _with(_loops), "4 clips, faults: 1"),
    Case("a genre that is a link", _with(_elsewhere), "6 clips, faults: 0"),
    Case("400 nested folders", _with(_deep), "5 clips, faults: 0"),
    Case("a socket, a pipe and a folder named .wav", _with(_socket), "4 clips, faults: 0"),
    Case("a hidden genre", _with(lambda folder: (folder / "pop").rename(folder / ".pop"),
         pop=2, rock=3), "3 clips, faults: 0"),
    Case("a genre that is not UTF-8", _with(_not_utf8, pop=2, rock=3), "3 clips, faults: 2"),
    *(
        Case(f"the genre {name!r}", _named(name), "3 clips, faults: 0")
        for name in ("with spaces  two", "canción ñandú", "🎵", "\"quotes\" and 'more'",
                     "<script>alert(1)<", "a\nnew line", "dots...", "-rf --help", "x" * 255)
    ),
    Case("a report.genre that does not exist", genres(pop=2, rock=2),
         'report.genre: no genre "pup" in the music (genres: pop, rock); did you mean pop?',
         '[report]\ngenre = "pup"\n'),
    Case("a report.song that does not exist", genres(pop=2, rock=2),
         'report.song: no clip "pop/pop.00009" in the music; give GENRE/FILE without the file '
         "extension; did you mean pop/pop.00001?", '[report]\nsong = "pop/pop.00009"\n'),
    Case("missing new songs", genres(pop=2, rock=2),
         "new_songs.file: sing.mp3: no such file | new_songs.file: music: is a folder; expected a "
         "file",
         '[[new_songs]]\nfile = "sing.mp3"\n[[new_songs]]\nfile = "music"\n'),
    Case("a missing logo and missing templates", genres(pop=2, rock=2),
         "report.logo: logo.svg: no such file | report.templates: mine: no such folder",
         '[report]\nlogo = "logo.svg"\ntemplates = "mine"\n'),
]  # fmt: skip
