"""Steps that load a study's music: new songs, and the limit on clips."""

import io
from pathlib import Path
from typing import Any

import pytest
import soundfile

from pipeline.data import new_songs
from pipeline.data.corpus import from_bytes
from pipeline.data.demo.styles import GENRES
from pipeline.errors import StudyError
from pipeline.evaluation import reconstruction
from pipeline.music_folder.scan import Music
from pipeline.music_steps import music_steps, song_steps
from pipeline.results.folder_writer import ResultsFolder
from pipeline.results.sections.song_versions import new_song
from pipeline.settings.load import load_study
from pipeline.settings.path_checks import check_paths
from pipeline.settings.schema import Study
from pipeline.steps import graph
from tests.pipeline import plucked_notes

RATE = 8000


def study(folder: Path, text: str) -> Study:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return load_study(file)


def links(folder: Path, *names: str) -> str:
    """Create links to one file; return study.toml's tables for them."""
    plucked_notes.write(folder / "real.wav", plucked_notes.pluck(1, 2, RATE), RATE)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(folder / "real.wav")
    return "".join(f'[[new_songs]]\nfile = "{name}"\n' for name in names)


def test_links_to_one_file_are_different_songs(tmp_path: Path) -> None:
    settings = study(tmp_path, links(tmp_path, "x/one.wav", "y/two.wav"))
    _, prepared = song_steps(settings, tmp_path / "cache")
    assert list(prepared) == ["one", "two"]
    assert [step.name for step in prepared.values()] == ["song.one", "song.two"]
    digests = {step.parameters["digest"] for step in prepared.values()}
    assert digests == {plucked_notes.digest(tmp_path / "real.wav")}
    results = graph(settings, tmp_path / "cache").steps["results"]
    stated = [song["file"] for song in results.parameters["study"]["new_songs"]]
    assert stated == ["one.wav", "two.wav"]
    assert list(results.inputs["songs"]) == ["one", "two"]


def test_two_links_with_the_same_name_are_reported(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match='4: new_songs.file: two songs are named "one" '):
        study(tmp_path, links(tmp_path, "x/one.wav", "y/one.wav"))


@pytest.mark.parametrize("limit", [10_000, 7])
@pytest.mark.parametrize("own", [True, False], ids=["a folder", "the embedded music"])
def test_limits_clips_applies_to_all_music(tmp_path: Path, own: bool, limit: int) -> None:
    path = 'path = "music"' if own else "demo_clips = 1"
    settings = study(
        tmp_path,
        f"[data]\n{path}\nclips_per_file = {3 if own else 2}\n[limits]\nclips = {limit}\n",
    )
    music = Music([f"pop/{number}.wav" for number in range(5)] if own else [])
    steps, clips = music_steps(settings, music, tmp_path / "cache")
    assert clips == min(limit, 15 if own else 20)
    assert steps[-1].untracked["max_clips"] == limit


def test_the_corpus_depends_on_the_genres_of_the_table(tmp_path: Path) -> None:
    plucked_notes.folder(tmp_path / "music", {"000": 4}, seconds=1)
    keys = []
    for genre in ("pop", "rock"):
        rows = f"file,genre\n0.wav,x\n000.00000,pop\n000.00001,pop\n000.00002,{genre}\n"
        (tmp_path / "table.csv").write_text(rows)
        stated = 'file_column = "file"\ngenre_column = "genre"\nstretch = "random"\n'
        stated = f'[data]\npath = "music"\ntable = "table.csv"\n{stated}'
        settings = study(tmp_path, stated)
        steps = graph(settings, tmp_path / "cache")
        keys.append(steps.key("corpus"))
    given = steps.steps["corpus"].parameters
    assert given["genres"] == {
        "000/000.00000.wav": "pop", "000/000.00001.wav": "pop", "000/000.00002.wav": "rock"
    }  # fmt: skip
    assert list(given["files"]) == list(given["genres"])
    assert given["left_out"] == {"000/000.00003.wav": "no_genre"}
    assert given["stretch"] == "random"
    assert keys[0] != keys[1]


def test_more_clips_than_the_limit_are_rejected_in_the_embedded_music(tmp_path: Path) -> None:
    settings = study(tmp_path, "[data]\ndemo_clips = 1\nseconds = 1.0\nclips_per_file = 5\n"
                     "[models]\nadaptive = [1000]\n[limits]\nclips = 11\n")  # fmt: skip
    [*demos, corpus], _ = music_steps(settings, check_paths(settings, GENRES), tmp_path / "cache")
    rendered = {
        demo.name: {f"{name}/{name}.wav": sound(seed) for name in (demo.parameters["name"],)}
        for seed, demo in enumerate(demos)
    }
    with pytest.raises(StudyError, match=r"more than 11 clips \(limits.clips\) in 3 of 10 files"):
        from_bytes(rendered, **corpus.parameters, **corpus.untracked)


def sound(seed: int) -> bytes:
    """A file of five seconds, to avoid slow rendering."""
    content = io.BytesIO()
    soundfile.write(content, plucked_notes.pluck(seed, 5, 22_050), 22_050, format="WAV")
    return content.getvalue()


@pytest.mark.parametrize("licence", ["CC0", None])
def test_a_new_song_has_its_licence_in_the_results(tmp_path: Path, licence: str | None) -> None:
    path = plucked_notes.write(tmp_path / "a.wav", plucked_notes.pluck(1, 1, RATE), RATE)
    song = new_songs.from_file(
        str(path), plucked_notes.digest(path), sampling_rate=RATE, samples=RATE
    )
    own: dict[str, Any] = {"name": None, "genre": None, "file": "a.wav", "licence": licence}
    decoded = reconstruction.DecodedSong({"own.1": song.clip}, {"own.1": {"snr": 1.0}}, {})
    out = ResultsFolder(tmp_path, [])
    stated = new_song(out, "a", own, song, decoded, {"own.1": 2.0}, RATE)
    assert out.numbers["song.a.own_rate.own.1.snr"].value == 2.0
    assert (stated.name, stated.licence) == ("a", licence)
