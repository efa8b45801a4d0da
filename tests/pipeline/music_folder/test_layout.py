"""Folders that are plainly not genres are recognised, and all that may be genres are accepted."""

from pathlib import Path

import pytest

from pipeline.music_folder.layout import LAYOUT_HINT, TABLE_HINT, misplaced

GTZAN = ("blues", "jazz", "rock")


def files(*folders: str, names: tuple[str, ...] = ("a.wav", "b.wav")) -> list[str]:
    return [f"{folder}/{name}" for folder in folders for name in names]


def under(*tops: str, genres: tuple[str, ...] = GTZAN) -> list[str]:
    return files(*(f"{top}/{genre}" for top in tops for genre in genres))


TRACKS = ("01 Intro.mp3", "02 Song.mp3", "1-03 Other.mp3")
FURTHER_DOWN = f"its folders of music are a level further down; {LAYOUT_HINT}; did you mean music/"
PARTS = (
    "are parts of a data set, which Latentes splits by itself, not genres; merge the genre folders "
    "in them, or use one part; did you mean music/"
)
NUMBERED = f"are numbered parts of a collection, not genres; {TABLE_HINT}"

REFUSED = {
    "Kaggle's GTZAN": (under("genres_original"), f"{FURTHER_DOWN}genres_original?"),
    "two levels too high": (under("GTZAN/genres"), f"{FURTHER_DOWN}GTZAN/genres?"),
    "a stray file a level too high": (
        [*under("genres", genres=tuple("abcdefgh")), "genres/x.wav"],
        f"{FURTHER_DOWN}genres?",
    ),
    "two collections": (
        [*under("mine"), *under("theirs", genres=(*GTZAN, "tango"))],
        f"the folders in mine and theirs look like genres; {LAYOUT_HINT}; did you mean "
        "music/theirs?",
    ),
    "train and test": (under("train", "test"), f"test and train {PARTS}train?"),
    "parts of another name": (
        under("Training_Set", "Validation_Set", "Test_Set"),
        f"Test_Set, Training_Set and Validation_Set {PARTS}Training_Set?",
    ),
    "parts in Spanish": (
        under("entrenamiento", "validación"),
        f"entrenamiento and validación {PARTS}entrenamiento?",
    ),
    "parts a level down": (under("fma/train", "fma/test"), f"test and train {PARTS}fma/train?"),
    "parts without genres": (
        files("train", "test"),
        f"test and train are parts of a data set, not genres; {TABLE_HINT}",
    ),
    "parts of numbered folders": (
        under("train", "test", genres=("000", "001")),
        f"test and train are parts of a data set, not genres; {TABLE_HINT}",
    ),
    "FMA": (files(*(f"{n:03d}" for n in range(156))), f"000, 001, … 155 {NUMBERED}"),
    "FMA in part": (files("101", "140"), f"101 and 140 {NUMBERED}"),
    "FMA a level too high": (files("fma/000", "fma/001"), f"000 and 001 {NUMBERED}"),
    "Jamendo": (files(*(f"{n:02d}" for n in range(100))), f"00, 01, … 99 {NUMBERED}"),
    "numbers without zeros": (files(*map(str, range(12))), f"0, 1, … 9 {NUMBERED}"),
    "hexadecimal": (files(*(f"{n:02x}" for n in range(256))), f"00, 01, … ff {NUMBERED}"),
    "folds": (files("fold1", "fold2", "fold10"), f"fold1, fold10 and fold2 {NUMBERED}"),
}

ACCEPTED = {
    "genres": files(*GTZAN),
    "unknown genres": files("alegre", "triste", "x"),
    "one genre": files("canciones"),
    "one genre, two levels down": files("mi música/canciones"),
    "one genre with albums": files("Tango/Uno", "Tango/Dos", names=TRACKS),
    "one genre with albums and single songs": [*files("mías/Uno", "mías/Dos"), *files("mías")],
    "genres with parts": under(*GTZAN, genres=("train", "test")),
    "genres with artists": files("Rock/Sumo", "Rock/Queen", "Folklore argentino/Mercedes Sosa"),
    "genres with albums": files("Rock/A", "Cumbia/B", "Unknown word/C", names=TRACKS),
    "classes with folders of recordings": files("voz/lunes", "voz/martes", "piano/lunes"),
    "composers with albums": files("Bach/Uno", "Mozart/Dos", "Verdi/Tres", names=TRACKS),
    "a genre called test": files("test", "jazz"),
    "a band called Train": files("Train", "Sumo", "Queen"),
    "years": files("1970", "1980", "1990"),
    "labels": files("0", "1", "2"),
    "levels": files("10", "20", "40"),
    "numbers among names": files("000", "001", "rock"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_folders_that_are_not_genres(case: str) -> None:
    found, message = REFUSED[case]
    assert misplaced(Path("music"), found) == f"music: {message}"


@pytest.mark.parametrize("case", ACCEPTED)
def test_folders_that_may_be_genres(case: str) -> None:
    assert misplaced(Path("music"), ACCEPTED[case]) is None
