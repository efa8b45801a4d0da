"""Match what the rows of a table call files with the files of a folder."""

import itertools
import re
from collections.abc import Iterable, Iterator

from pipeline.file_names import composed
from pipeline.music_folder.endings import SOUND

NUMBER = re.compile(r"(\d{1,18})(?:\.0)?")
"""An identifier; pandas writes a column of them with ".0" if one is missing."""


class AmbiguousName(Exception):
    """A row's name fits several files."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.row = row


def match_rows(names: list[str], files: list[str]) -> list[tuple[int, str]]:
    """The rows that name a file, each with that file.

    A name is a path or the end of one, with or without extension, or a number: 2 is the file
    000/000002.mp3. Folders that all names begin with may lie above the music's folder.

    Raises:
        AmbiguousName: a name fits several files.
    """
    index = _FileIndex(files)
    paths = [_as_path(name) for name in names]
    shared = _shared_folders([path for path in paths if path])
    for skipped in range(len(shared) + 1):
        above = len("".join(f"{folder}/" for folder in shared[:skipped]))
        matched = [
            (row, file)
            for row, path in enumerate(paths)
            if path and (file := index.find(path[above:], row)) is not None
        ]
        if matched:
            return matched
    return []


class _FileIndex:
    """Files by path, by the end of their path and by number."""

    def __init__(self, files: list[str]) -> None:
        self.whole: dict[str, list[str]] = {}
        self.ends: dict[str, list[str]] = {}
        self.numbers: dict[int, list[str]] = {}
        for file in files:
            path = composed(file)
            name = path.rpartition("/")[2]
            stem, dot, _ = path.rpartition(".")
            for form in {path, stem} if dot else {path}:
                self.whole.setdefault(form, []).append(file)
                for end in _ends(form):
                    self.ends.setdefault(end, []).append(file)
            number = NUMBER.fullmatch(name.rpartition(".")[0])
            if number:
                self.numbers.setdefault(int(number[1]), []).append(file)

    def find(self, path: str, row: int) -> str | None:
        """The file that a row's path means; None if there is none."""
        for files in self._candidates(path):
            if len(files) > 1:
                raise AmbiguousName(f"{path} may be {files[0]} or {files[1]}", row)
            if files:
                return files[0]
        return None

    def _candidates(self, path: str) -> Iterator[list[str]]:
        yield self.whole.get(path, [])
        yield self.ends.get(path, [])
        stem, dot, ending = path.rpartition(".")
        if f"{dot}{ending.lower()}" in SOUND:  # a file that was converted
            yield self.whole.get(stem, [])
            yield self.ends.get(stem, [])
        if number := NUMBER.fullmatch(path):
            yield self.numbers.get(int(number[1]), [])


def _ends(path: str) -> Iterable[str]:
    """What remains of a path below each of its folders."""
    while "/" in path:
        path = path.partition("/")[2]
        yield path


def _shared_folders(paths: list[str]) -> list[str]:
    """The folders that all paths begin with."""
    folders = [path.split("/")[:-1] for path in paths] or [[]]
    pairs = zip(min(folders), max(folders), strict=False)
    return [one for one, other in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]


def _as_path(name: str) -> str:
    return composed(name.strip()).replace("\\", "/").removeprefix("./").lstrip("/")
