"""Songs of any length through a model, against one window where one is enough."""

import json
from pathlib import Path

import pytest
import soundfile
import torch

from pipeline.autoencoder import restore
from pipeline.encoding import encode_file, through
from pipeline.study import StudyError
from tests.pipeline import music
from tests.pipeline.test_generation import a_model
from tests.pipeline.test_training import PLAN


@pytest.mark.parametrize("length", [1, 700, 1000, 1001, 1899, 1900, 1901, 5432])
def test_any_length_comes_back_whole(length: int) -> None:
    model = restore(PLAN, a_model().weights)
    song = torch.rand(length) - 0.5
    assert torch.cat(list(through(model, song[None]))).shape == song.shape


def test_one_window_is_the_model_itself() -> None:
    model = restore(PLAN, a_model().weights)
    song = torch.rand(PLAN.samples) - 0.5
    torch.testing.assert_close(torch.cat(list(through(model, song[None]))), model(song[None])[0])


def test_cross_faded_windows_of_a_perfect_model_are_the_song() -> None:
    model = restore(PLAN, a_model().weights)
    model.forward = lambda clips: clips.clone()  # type: ignore[method-assign]
    song = torch.rand(5432) - 0.5
    torch.testing.assert_close(torch.cat(list(through(model, song[None]))), song)


def test_a_file_becomes_a_folder_of_versions(tmp_path: Path) -> None:
    path = music.write(tmp_path / "a.mp3", music.pluck(1, 2.3, 44_100, 2), 44_100)
    folder = tmp_path / "out"
    folder.mkdir()
    encode_file(str(path), "", {"own.1": a_model()}, 8000, folder)
    assert sorted(file.name for file in folder.iterdir()) == [
        "fidelity.json",
        "original.flac",
        "own.1.flac",
    ]
    lengths = {soundfile.info(file).frames for file in folder.glob("*.flac")}
    assert len(lengths) == 1
    assert set(json.loads((folder / "fidelity.json").read_text())["own.1"]) >= {"snr", "log_mel"}


def test_a_file_that_cannot_be_decoded_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"no")
    with pytest.raises(StudyError, match="a.wav: cannot be decoded"):
        encode_file(str(path), "", {}, 8000, tmp_path)
