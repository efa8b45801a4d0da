"""A file of the user that changes after it was hashed, or cannot be read, stops the step."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.audio.decode import open_audio
from pipeline.data import new_songs
from pipeline.data.corpus import from_folder
from pipeline.engine.runner import missing, run
from pipeline.engine.store import Store
from pipeline.engine.unchanged_file import open_unchanged
from pipeline.errors import StudyError
from pipeline.evaluation.whole_song import encode_file, encode_with_files
from tests.pipeline import plucked_notes
from tests.pipeline.engine.test_runner import SOUND, Watch, a_graph

CHANGED = r"song\.wav: changed while the build was running; run the same command again"
RATE = 8000


def sound(path: Path, seed: int) -> Path:
    """Write a file; its size does not depend on the seed."""
    return plucked_notes.write(path, plucked_notes.pluck(seed, 1.5, RATE), RATE)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sound(tmp_path / "song.wav", 1)


def overwrite(path: Path) -> None:
    """Write other content of the same size and keep the modification time."""
    status = path.stat()
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace(path: Path) -> None:
    """Put a copy in the place of the file."""
    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def overwrite_and_restore(path: Path) -> None:
    """Leave the same content and modification time."""
    status, content = path.stat(), path.read_bytes()
    overwrite(path)
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_an_unchanged_file_is_read(song: Path) -> None:
    with open_unchanged(song, plucked_notes.digest(song)) as file:
        assert file.read() == song.read_bytes()


def test_a_file_changed_before_it_is_read_is_reported(song: Path) -> None:
    digest = plucked_notes.digest(song)
    overwrite(song)
    with pytest.raises(StudyError, match=CHANGED), open_unchanged(song, digest):
        pass


@pytest.mark.parametrize("change", [overwrite, replace, overwrite_and_restore])
@pytest.mark.parametrize("fails", [False, True])
def test_a_file_changed_while_it_is_read_is_reported(
    song: Path, change: Callable[[Path], None], fails: bool
) -> None:
    digest = plucked_notes.digest(song)

    def decode() -> None:
        change(song)
        if fails:
            raise ValueError("what a decoder says of a file that changes")

    with pytest.raises(StudyError, match=CHANGED), open_unchanged(song, digest):
        decode()


def test_a_file_that_disappears_is_reported(song: Path) -> None:
    digest = plucked_notes.digest(song)
    with (
        pytest.raises(StudyError, match=r"song\.wav: cannot be read \(No such file or directory\)"),
        open_unchanged(song, digest),
    ):
        song.unlink()
    with pytest.raises(StudyError, match="cannot be read"), open_unchanged(song, digest):
        pass


@pytest.fixture
def failing_disk(tmp_path: Path) -> Path:
    """A music folder with a file whose reading gives an input/output error."""
    memory = Path("/proc/self/mem")  # of which the first page is never mapped
    if not memory.exists():
        pytest.skip("needs /proc")
    plucked_notes.folder(tmp_path / "music", {"pop": 3})
    (tmp_path / "music" / "pop" / "failing.wav").symlink_to(memory)
    return tmp_path / "music"


@pytest.mark.parametrize("hashed_before", [True, False])
def test_an_error_of_the_disk_is_no_fault_of_the_file(
    failing_disk: Path, hashed_before: bool
) -> None:
    names = [f"pop/{path.name}" for path in (failing_disk / "pop").iterdir()]
    files = plucked_notes.hashed(failing_disk, names)
    assert files["pop/failing.wav"] == "unreadable: Input/output error"
    if hashed_before:
        files["pop/failing.wav"] = "0" * 64
    message = r"failing\.wav: cannot be read \(Input/output error\); check the file"
    with pytest.raises(StudyError, match=message):
        from_folder(str(failing_disk), files, seed=1, **SOUND)


def test_a_clip_changed_after_hashing_stops_the_build(tmp_path: Path) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 4, "rock": 4})
    clip, store = folder / "rock" / "rock.00002.wav", Store(tmp_path / "cache")
    graph, original = a_graph(folder), clip.read_bytes()
    plucked_notes.write(clip, plucked_notes.pluck(99, 1.0, RATE), RATE)
    watch = Watch()
    outcome = run(graph, store, ["training"], watch)
    assert f"{clip}: changed while the build was running" in str(watch.errors["corpus"])
    assert (outcome.computed, outcome.skipped) == ([], ["training"])
    assert missing(graph, store, ["training"]) == ["corpus", "training"]
    clip.write_bytes(original)
    assert run(graph, store, ["corpus"], Watch()).computed == ["corpus"]
    corpus = store.load("corpus", graph.key("corpus"))
    assert [clip.name for clip in corpus.clips][6] == "rock/rock.00002"
    read = from_folder(str(folder), plucked_notes.hashed(folder, ["rock/rock.00002.wav",
                       "pop/pop.00000.wav", "pop/pop.00001.wav"]), seed=1, **SOUND)  # fmt: skip
    assert (corpus.waveforms[6] == read.waveforms[2]).all()


def test_a_broken_link_is_a_fault_only_as_long_as_it_is_broken(tmp_path: Path) -> None:
    folder = plucked_notes.folder(tmp_path / "music", {"pop": 4})
    (folder / "pop" / "link.wav").symlink_to(tmp_path / "away.wav")
    names = [f"pop/{path.name}" for path in sorted((folder / "pop").iterdir())]
    files = plucked_notes.hashed(folder, names)
    (fault,) = from_folder(str(folder), files, seed=1, **SOUND).faults
    assert fault.detail == "cannot be read: No such file or directory"
    sound(tmp_path / "away.wav", 50)
    again = plucked_notes.hashed(folder, names)
    assert again != files
    assert from_folder(str(folder), again, seed=1, **SOUND).faults == []


def test_a_song_changed_after_hashing_is_reported(song: Path, tmp_path: Path) -> None:
    digest = plucked_notes.digest(song)
    sound(song, 2)
    with pytest.raises(StudyError, match=CHANGED):
        new_songs.from_file(str(song), digest, sampling_rate=RATE, samples=RATE)
    with pytest.raises(StudyError, match=CHANGED):
        encode_file(str(song), digest, {}, RATE, tmp_path)
    song.write_bytes(b"no music")
    with pytest.raises(StudyError, match=CHANGED):
        encode_file(str(song), digest, {}, RATE, tmp_path)


@pytest.mark.parametrize("file", ["own.75.json", "own.75.safetensors"])
def test_a_model_file_changed_after_hashing_is_reported(
    song: Path, tmp_path: Path, file: str
) -> None:
    from pipeline.models import model_file
    from tests.pipeline.generation.test_latent_means import a_model

    model_file.save(tmp_path / "own.75", "own", a_model(), RATE, {})
    weights: dict[str, Any] = plucked_notes.hashed(tmp_path, ["own.75.json", "own.75.safetensors"])
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes() + b" ")
    with pytest.raises(StudyError, match=f"{file}: changed while the build was running"):
        encode_with_files(
            str(song), plucked_notes.digest(song), [str(tmp_path / "own.75")], weights, tmp_path
        )


def test_an_error_of_the_disk_while_decoding_is_no_fault_of_the_file(tmp_path: Path) -> None:
    path = plucked_notes.write(tmp_path / "a.wav", plucked_notes.pluck(1, 30, RATE), RATE)
    folder = os.open(tmp_path, os.O_RDONLY)
    with path.open("rb", buffering=0) as file:

        def decode() -> None:
            with open_audio(file) as opened:
                os.dup2(folder, file.fileno())  # a folder, which cannot be read
                opened.read(30 * RATE)

        with pytest.raises(StudyError, match=r"a\.wav: cannot be read \(Is a directory\)"):
            decode()
    os.close(folder)
