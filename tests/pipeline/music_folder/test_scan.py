"""Finding music: all sound and video of the genres, but nothing that builds write."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.audio.known_format import is_known_format
from pipeline.errors import StudyError
from pipeline.music_folder.scan import Music, find_music, list_music
from tests.pipeline import plucked_notes

MUSIC = ["pop/a.wav", "pop/site/b.wav", "rock/c.flac"]
WRITTEN = [
    "cache/corpus/k/files/x.wav",
    "encoded/song/original.flac",
    "results/songs/x.flac",
    "site/audio/x.mp3",
]


def touch(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()


def build(out: Path) -> Path:
    """Create the files of a build that matter to a scan."""
    touch(out, *WRITTEN, "cache/.lock", ".study", "informe.pdf")
    return out


def link(path: Path, target: Path) -> None:
    path.symlink_to(os.path.relpath(target, path.parent))


def inside(music: Path) -> Path:
    return build(music / "build")


def inside_a_genre(music: Path) -> Path:
    return build(music / "rock")


def linked(music: Path) -> Path:
    out = build(music.parent / "build")
    link(music / "all", out)
    link(music / "pop" / "songs", out / "results" / "songs")
    link(music / "pop" / "song.mp3", out / "site" / "audio" / "x.mp3")
    link(music / "deep", out / "cache" / "corpus" / "k")
    return out


def around(music: Path) -> Path:
    return build(music.parent)


def through_a_link(music: Path) -> Path:
    link(music.parent / "link", build(music / "build"))
    return music.parent / "link"


PLACES = [inside, inside_a_genre, linked, around, through_a_link]


@pytest.mark.parametrize("make", PLACES)
def test_what_a_build_wrote_is_left_out(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    touch(tmp_path / "music", *MUSIC)
    out = make(tmp_path / "music")
    assert find_music(tmp_path / "music", out) == Music(MUSIC)
    assert find_music(tmp_path / "music", tmp_path / "other") == Music(MUSIC)


@pytest.mark.parametrize("mark", [".study", "cache/.lock"])
def test_either_mark_shows_an_output_folder(tmp_path: Path, mark: str) -> None:
    touch(tmp_path, *MUSIC, *(f"build/{file}" for file in WRITTEN), f"build/{mark}")
    assert find_music(tmp_path, tmp_path / "other") == Music(MUSIC)


def test_genres_named_like_outputs_are_music(tmp_path: Path) -> None:
    touch(tmp_path, "cache/a.wav", "results/a.wav", "site/a.wav", "wandb/a.wav")
    assert len(find_music(tmp_path, tmp_path / "build").files) == 4


@pytest.mark.parametrize("folder", ["", "site", "results/songs", "link", "cache"])
def test_music_that_a_build_would_replace_is_refused(tmp_path: Path, folder: str) -> None:
    out = tmp_path / "out"
    link(out.parent / "link", out)
    path = tmp_path / "link" if folder == "link" else out / folder
    touch(out / folder.removeprefix("link"), *MUSIC)
    with pytest.raises(StudyError, match="builds write into this folder; move the music else"):
        find_music(path, out)


def test_files_outside_of_genres_are_listed(tmp_path: Path) -> None:
    touch(tmp_path, *MUSIC, "z.opus", "a.webm", ".hidden.mp3", "notes.txt")
    assert find_music(tmp_path) == Music(MUSIC, None, {"a.webm": "outside", "z.opus": "outside"})
    assert list_music(tmp_path) == ["a.webm", *MUSIC, "z.opus"]


def test_music_mostly_outside_of_genres_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "pop/a.wav", "b.wav", "c.wav")
    with pytest.raises(StudyError, match=r"2 of 3 music files are outside .*\(data.table\)"):
        find_music(tmp_path)


def test_a_folder_a_level_too_high_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, *(f"Data/genres/{file}" for file in MUSIC), "Data/images/pop/a.png")
    with pytest.raises(StudyError, match=f"did you mean {tmp_path}/Data/genres\\?"):
        find_music(tmp_path)


def test_genres_that_differ_in_how_accents_are_composed_are_one(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "canción") for form in ("NFC", "NFD")]
    touch(tmp_path, *(f"{name}/{name}.wav" for name in names))
    music = find_music(tmp_path)
    assert {music.genre(file) for file in music.files} == {"canción"}


def test_a_header_tells_whether_the_decoder_knows_the_format(tmp_path: Path) -> None:
    samples = plucked_notes.pluck(1, 1, 44_100)
    for name in ("a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff"):
        path = plucked_notes.write(tmp_path / name, samples, 44_100)
        assert is_known_format(path), name
    for name in ("a.flac", "a.ogg", "a.mp3"):
        path = tmp_path / name
        path.write_bytes(b"ID3\x03\0\0\0\0\0\x10" + bytes(16) + path.read_bytes())
        assert is_known_format(path), f"{name} after a tag"
    for content in (b"", bytes(99_999), b"%PDF-1.7\n", b"PK\x03\x04" + bytes(99), b"text " * 99):
        (tmp_path / "x.wav").write_bytes(content)
        assert not is_known_format(tmp_path / "x.wav"), content[:9]
