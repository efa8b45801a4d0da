"""Reading the results folder, and one-line errors for invalid ones."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from report.errors import ReportError
from report.queries.results import read
from tests.report.sample_models import CLASSIC


@pytest.fixture
def folder(results_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """A results folder for a test to edit."""
    return Path(shutil.copytree(results_folder("whole"), tmp_path / "results"))


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_round_trip(folder: Path) -> None:
    results = read(folder)
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    number = results.number("reconstruction.classic.18376.snr")
    assert number.value == content["numbers"][number.name]["value"]
    assert number.interval == tuple(content["numbers"][number.name]["interval"])
    assert [model.size for model in results.families["classic"]] == sorted(CLASSIC, reverse=True)
    assert results.data.seconds == 5


@pytest.mark.parametrize("size", CLASSIC)
def test_model_skips(folder: Path, size: int) -> None:
    model = next(model for model in read(folder).models if model.size == size)
    assert model.skips == (size in (18376, 9184))
    # 18376 skips in its last layer, whose gaps the layers after it close.
    assert model.unreached == (0.25 if size == 9184 else 0)


def test_unknown_number_suggests_the_nearest(folder: Path) -> None:
    with pytest.raises(ReportError, match=r"nearest is reconstruction\.classic\.18376\.snr"):
        read(folder).number("reconstruction.clasic.18376.snr")


def test_song_by_role_and_version(folder: Path) -> None:
    song = read(folder).song("test")
    assert song.audio("classic.9184") == "audio/test-classic-9184.flac"
    with pytest.raises(ValueError, match=r"no version classic\.9185; did you mean classic\.9184"):
        song.audio("classic.9185")
    change(folder, lambda content: content["songs"].__delitem__(slice(1, None)))
    with pytest.raises(ReportError, match="no role"):
        read(folder).song("new")


def test_missing_results_json(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no such file; build the study first"):
        read(tmp_path)


def test_invalid_json(folder: Path) -> None:
    (folder / "results.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReportError, match="cannot be read"):
        read(folder)


def test_unsupported_format(folder: Path) -> None:
    change(folder, lambda content: content.update(format=2))
    with pytest.raises(ReportError, match="format 2, but this report reads format 1"):
        read(folder)


def test_missing_field_is_named(folder: Path) -> None:
    change(folder, lambda content: content["models"][1].pop("parameters"))
    with pytest.raises(ReportError, match=r"models\.1\.parameters: Field required"):
        read(folder)


def test_unknown_keys_are_ignored(folder: Path) -> None:
    change(folder, lambda content: content.update(listeners={"count": 10}))
    assert read(folder).format == 1


@pytest.mark.parametrize("audio", ["audio/none.flac", "../results.json", "/etc/hostname"])
def test_audio_must_be_in_the_folder(folder: Path, audio: str) -> None:
    change(folder, lambda content: content["songs"][0]["versions"][0].update(audio=audio))
    with pytest.raises(ReportError, match="not in the results folder"):
        read(folder)
