"""Folders of music as strangers have them, each with what must become of it."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.pipeline import plucked_notes
from tests.pipeline.data import hostile_files

STUDY = '[data]\npath = "music"\nseconds = 1.0\nsampling_rate = 8000\n[models]\nadaptive = [1000]\n'
"""What each folder is the music of; it says more where a case does."""


@dataclass(frozen=True)
class Case:
    """A study of a folder: how it is made, what more study.toml says, and what becomes of it:
    the mistakes that are told, or clips and faults."""

    what: str
    make: Callable[[Path], object]
    outcome: str
    settings: str = ""


def genres(**counts: int) -> Callable[[Path], Path]:
    """A good folder of so many files a genre."""
    return lambda root: plucked_notes.folder(root / "music", counts, seconds=1)


def _named(name: str) -> Callable[[Path], Path]:
    """A good folder with a genre of this name, which libsndfile could not write to."""
    return lambda root: (genres(pop=3)(root) / "pop").rename(root / "music" / name)


def _with(make: Callable[[Path], object], **counts: int) -> Callable[[Path], None]:
    """A good folder, and what `make` does to it."""

    def both(root: Path) -> None:
        genres(**counts or {"pop": 2, "rock": 2})(root)
        make(root / "music")

    return both


def _many(count: int, files: int) -> Callable[[Path], None]:
    """So many genres of so many files, which hold nothing."""

    def make(root: Path) -> None:
        for genre in range(count):
            folder = root / "music" / f"{genre:05d}"
            folder.mkdir(parents=True)
            for file in range(files):
                (folder / f"{file}.wav").touch()

    return make


def _deep(folder: Path) -> None:
    """A file in 400 folders in each other."""
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
    """A genre that is a link to a folder outside."""
    plucked_notes.folder(folder.parent / "far", {"jazz": 2}, seconds=1)
    (folder / "jazz").symlink_to(folder.parent / "far" / "jazz")


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


MOST = "more than limits.{0} ({1}); study fewer, or raise {0} under [limits]"

CASES = [
    Case("no such folder", lambda root: (root / "musica").mkdir(),
         "data.path: music: no such folder; data.path needs a folder with one a genre; did you "
         "mean musica?"),
    Case("a file for a folder", _file,
         "data.path: music: is a file; data.path needs a folder with one a genre"),
    Case("a link to itself", lambda root: (root / "music").symlink_to("music"),
         "data.path: music: no such folder; data.path needs a folder with one a genre"),
    Case("an empty folder", lambda root: (root / "music").mkdir(),
         "data.path: music: no music in it; data.path needs a folder with one a genre"),
    Case("files without genres", lambda root: plucked_notes.folder(root, {"music": 3}),
         "data.path: music: its 3 files of music lie in no genre's folder; data.path needs a "
         "folder with one a genre"),
    Case("genres without files", _with(lambda folder: (folder / "jazz").mkdir()),
         "4 clips, faults listed: 0"),
    Case("a genre of text files", _with(_text), "4 clips, faults listed: 0"),
    Case("one genre", genres(pop=3), "3 clips, faults listed: 0"),
    Case("three clips of three genres", genres(a=1, b=1, c=1), "3 clips, faults listed: 0"),
    Case("two clips", genres(pop=1, rock=1),
         "data.path: found 2 files of music; a study needs 3, for training, validation and test"),
    Case("three files, one of them music", _with(_empty, a=1),
         "only 1 different usable files of 3: a study needs one each for training, validation and "
         "test (first fault: a/x.wav: cannot be decoded: Format not recognised.)"),
    Case("101 genres", _many(101, 1),
         "data.path: found 101 genres (folders with music), " + MOST.format("genres", 100)),
    Case("4000 genres", _many(4000, 1),
         "data.path: found 4000 genres (folders with music), " + MOST.format("genres", 100)),
    Case("10 001 files", _many(73, 137),
         "data.path: found 10001 files, " + MOST.format("clips", 10000)),
    Case("more clips than the study's own limit", genres(pop=4),
         "data.path: found 4 files, " + MOST.format("clips", 3), "[limits]\nclips = 3\n"),
    Case("more clips within its files than the limit",
         lambda root: plucked_notes.folder(root / "music", {"pop": 4}, seconds=4),
         "more than 5 clips (limits.clips) in 2 of 4 files; lower data.clips_per_file, or raise "
         "that limit", "[limits]\nclips = 5\n"),
    Case("loops of links", _with(_loops), "4 clips, faults listed: 1"),
    Case("a genre that is a link", _with(_elsewhere), "6 clips, faults listed: 0"),
    Case("400 folders in each other", _with(_deep), "5 clips, faults listed: 0"),
    Case("a socket, a pipe and a folder called .wav", _with(_socket), "4 clips, faults listed: 0"),
    Case("a hidden genre", _with(lambda folder: (folder / "pop").rename(folder / ".pop"),
         pop=2, rock=3), "3 clips, faults listed: 0"),
    Case("a genre that is not UTF-8", _with(_not_utf8, pop=2, rock=3), "3 clips, faults listed: 2"),
    *(
        Case(f"the genre {name!r}", _named(name), "3 clips, faults listed: 0")
        for name in ("with spaces  two", "canción ñandú", "🎵", "\"quotes\" and 'more'",
                     "<script>alert(1)<", "a\nnew line", "dots...", "-rf --help", "x" * 255)
    ),
    Case("a genre that it does not have", genres(pop=2, rock=2),
         'report.genre: found "pup", no genre of the music; did you mean pop? (pop, rock)',
         '[report]\ngenre = "pup"\n'),
    Case("a song that it does not have", genres(pop=2, rock=2),
         'report.song: found "pop/pop.00009", no clip of the music; did you mean pop/pop.00001?; '
         "needs GENRE/FILE without its ending", '[report]\nsong = "pop/pop.00009"\n'),
    Case("new songs that are not there", genres(pop=2, rock=2),
         "new_songs.file: sing.mp3: no such file | new_songs.file: music: is a folder; name a file",
         '[[new_songs]]\nfile = "sing.mp3"\n[[new_songs]]\nfile = "music"\n'),
    Case("a logo and templates that are not there", genres(pop=2, rock=2),
         "report.logo: logo.svg: no such file | report.templates: mine: no such folder",
         '[report]\nlogo = "logo.svg"\ntemplates = "mine"\n'),
]  # fmt: skip
