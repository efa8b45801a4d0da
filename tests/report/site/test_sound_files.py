"""Sounds are encoded once, each on its own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from report.page_cache import Kept
from report.queries.results import read
from report.site import sound_files
from report.site.sound_files import Sound

Encode = Callable[[str], tuple[dict[str, list[Sound]], int]]


@pytest.fixture
def results(results_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(results_folder("small"), tmp_path / "results"))


@pytest.fixture
def encode(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encode:
    """Write the sounds into a folder; return them and how many files were encoded."""
    encoded, calls = sound_files._encoded, []

    def counted(*args: object, **how: object) -> bytes:
        calls.append(how)
        return encoded(*args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(sound_files, "_encoded", counted)

    def write(name: str) -> tuple[dict[str, list[Sound]], int]:
        calls.clear()
        kept = Kept(tmp_path / "kept")
        songs = sound_files.write(read(results), kept, tmp_path / name)
        kept.prune()
        return songs, len(calls)

    return write


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_unchanged_sounds_are_not_encoded_again(encode: Encode, tmp_path: Path) -> None:
    songs, count = encode("one")
    assert count > 5
    assert encode("two") == (songs, 0)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_of_a_retrained_model_only_its_own_sounds_are_encoded(
    encode: Encode, results: Path, tmp_path: Path
) -> None:
    before, _ = encode("one")
    version = read(results).songs[0].versions[1]
    model = results / version.audio
    samples, rate = soundfile.read(model)
    soundfile.write(model, samples[::-1], rate)
    after, count = encode("two")
    assert count == 2, "one MP3 and one FLAC file"
    for name, sounds in before.items():
        pairs = zip(sounds, after[name], strict=True)
        assert {new.version for old, new in pairs if old != new} <= {version.version}


def test_what_no_sound_uses_is_removed(encode: Encode, tmp_path: Path) -> None:
    encode("one")
    files = set((tmp_path / "kept").iterdir())
    (tmp_path / "kept" / "unused").touch()
    (tmp_path / "kept" / "of an older version").mkdir()
    encode("two")
    assert set((tmp_path / "kept").iterdir()) == files


def test_a_damaged_sound_is_encoded_again_with_a_warning(
    encode: Encode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    songs, _ = encode("one")
    largest = max((tmp_path / "kept").iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1])
    assert encode("two") == (songs, 1)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert capsys.readouterr().err == f"Warning: {largest}: damaged; making it again\n"
