"""Recognise folders of music that are not sorted by genre, and name what was probably meant.

Only plain cases are refused: whatever could be a study's genres is left to be one. A table of
genres (`data.table`) makes any layout valid.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.music_folder.genre_words import is_genre_name, words

LAYOUT_HINT = "data.path must be a folder with one subfolder per genre"
TABLE_HINT = "give the genre of each file in a table (data.table)"

TRAINING = frozenset("train training entrenamiento".split())
HELD_OUT = frozenset(
    "test testing val valid validation dev eval evaluation holdout"
    " prueba pruebas validacion".split()
)
"""Words in the names of the parts into which others have split a data set."""

NUMBERED_PART = re.compile(
    r"(?:part|shard|chunk|batch|fold|split|volume|vol|disc|disk|cd|archive)[-_ .]?\d+", re.I
)
HEXADECIMAL = re.compile(r"[\da-f]{2,3}", re.I)
YEAR = re.compile(r"(?:19|20)\d\d")
FEW = 0.1
"""Share of the files that may be in the wrong place without changing what the rest says."""

MANY = 10
"""Folders whose names are all numbers for which numbering is the likeliest reason."""


def misplaced(folder: Path, files: Collection[str]) -> str | None:
    """Message for a folder that is plainly not one of genre folders; None for any other.

    Args:
        folder: the music, for the message.
        files: its music files inside of folders, relative to it.
    """
    inner, tops = folder, _tops(files)
    while len(tops) == 1 and _direct(tops) <= FEW:
        [(name, below)] = tops.items()
        under = _tops(below)
        if is_genre_name(name) and not _mostly_genres(under):
            break  # one genre, sorted by album
        inner, tops = inner / name, under
    if not tops or (_direct(tops) > FEW and len(tops) == 1):
        return None
    if problem := _not_genres(inner, tops):
        return f"{folder}: {problem}"
    if inner != folder and len(tops) > 1:
        return (
            f"{folder}: its folders of music are a level further down; {LAYOUT_HINT}; did you mean "
            f"{inner}?"
        )
    return None


def _not_genres(folder: Path, tops: dict[str, list[str]]) -> str | None:
    """What the folders of `folder` are, if they are plainly not genres."""
    listed, direct = _listed(tops), _direct(tops)
    below = {name for files in tops.values() for name in _tops(files)}
    parts = {name for name in tops if words(name) & (TRAINING | HELD_OUT)}
    training = sorted(name for name in parts if words(name) & TRAINING)
    if training and len(parts) > len(training) and not any(map(is_genre_name, set(tops) - parts)):
        listed = _listed(parts)
        if direct > FEW or _numbered(below):
            return f"{listed} are parts of a data set, not genres; {TABLE_HINT}"
        return (
            f"{listed} are parts of a data set, which Latentes splits by itself, not genres; merge "
            f"the genre folders in them, or use one part; did you mean {folder / training[0]}?"
        )
    if _numbered(tops):
        return f"{listed} are numbered parts of a collection, not genres; {TABLE_HINT}"
    if direct > FEW or sum(map(is_genre_name, tops)) * 3 >= len(tops):
        return None
    if _mostly_genres(below):
        largest = max(tops, key=lambda name: len(_tops(tops[name])))
        return (
            f"the folders in {listed} look like genres; {LAYOUT_HINT}; did you mean "
            f"{folder / largest}?"
        )
    return None


def _numbered(tops: Collection[str]) -> bool:
    """True for the numbered folders of a large collection, such as 000 to 155 of FMA.

    Years, and a few short numbers without leading zeros, may be genres of a kind.
    """
    if len(tops) < 2 or all(map(YEAR.fullmatch, tops)):
        return False
    alike = len({len(name) for name in tops}) == 1
    padded = alike and (min(tops)[0] == "0" or len(min(tops)) > 2) and len(min(tops)) > 1
    return (
        all(map(NUMBERED_PART.fullmatch, tops))
        or (all(map(str.isdecimal, tops)) and (padded or len(tops) >= MANY))
        or (all(map(HEXADECIMAL.fullmatch, tops)) and alike and len(tops) >= MANY)
    )


def _tops(files: Iterable[str]) -> dict[str, list[str]]:
    """The files of each first folder, relative to it; without those outside of folders."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in files:
        top, slash, rest = file.partition("/")
        if slash:
            found[top].append(rest)
    return dict(found)


def _all(tops: dict[str, list[str]]) -> list[str]:
    return [file for files in tops.values() for file in files]


def _direct(tops: dict[str, list[str]]) -> float:
    """Share of the files that are in one of the folders itself, not further down."""
    depth = Counter("/" in file for file in _all(tops))
    return depth[False] / max(depth.total(), 1)


def _mostly_genres(names: Collection[str]) -> bool:
    return sum(map(is_genre_name, names)) * 2 > len(names)


def _listed(names: Collection[str]) -> str:
    """The first names, and the last."""
    first, *rest = sorted(names)
    if len(rest) < 3:
        return " and ".join(filter(None, [", ".join([first, *rest[:-1]]), *rest[-1:]]))
    return f"{first}, {rest[0]}, … {rest[-1]}"
