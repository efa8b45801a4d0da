"""The steps that bring a study's music: every song that is stated is studied, under its name."""

from pathlib import Path
from typing import Any

import pytest

from pipeline import songs
from pipeline.facts import songs as song_facts
from pipeline.facts.writer import Writer
from pipeline.sources import song_steps
from pipeline.steps import graph
from pipeline.study import Study, StudyError, read
from tests.pipeline import music

RATE = 8000


def study(folder: Path, text: str) -> Study:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return read(file)


def links(folder: Path, *names: str) -> str:
    """New songs that are links to one file, as study.toml states them."""
    music.write(folder / "real.wav", music.pluck(1, 2, RATE), RATE)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(folder / "real.wav")
    return "".join(f'[[new_songs]]\nfile = "{name}"\n' for name in names)


def test_links_to_one_file_are_as_many_songs(tmp_path: Path) -> None:
    settings = study(tmp_path, links(tmp_path, "x/one.wav", "y/two.wav"))
    _, prepared = song_steps(settings, tmp_path / "cache")
    assert list(prepared) == ["one", "two"]
    assert [step.name for step in prepared.values()] == ["song.one", "song.two"]
    digests = {step.parameters["digest"] for step in prepared.values()}
    assert len(digests) == 1
    assert digests != {"unreadable"}
    results = graph(settings, tmp_path / "cache").steps["results"]
    stated = [song["file"] for song in results.parameters["study"]["new_songs"]]
    assert stated == ["one.wav", "two.wav"]
    assert list(results.inputs["songs"]) == ["one", "two"]


def test_two_links_of_one_name_are_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match='4: new_songs.file: two songs are called "one", '):
        study(tmp_path, links(tmp_path, "x/one.wav", "y/one.wav"))


@pytest.mark.parametrize("licence", ["CC0", None])
def test_a_new_song_tells_the_licence_that_is_stated(tmp_path: Path, licence: str | None) -> None:
    path = music.write(tmp_path / "a.wav", music.pluck(1, 1, RATE), RATE)
    song = songs.from_file(str(path), "", sampling_rate=RATE, samples=RATE)
    own: dict[str, Any] = {"name": None, "genre": None, "file": "a.wav", "licence": licence}
    decoded = songs.Decoded({"own.1": song.clip}, {"own.1": {"snr": 1.0}}, {})
    stated = song_facts.state_new(Writer(tmp_path, []), "a", own, song, decoded, RATE)
    assert (stated["name"], stated["licence"]) == ("a", licence)
