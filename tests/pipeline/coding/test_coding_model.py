"""Coding models as files, and their training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from pipeline.coding.coding_model import (
    DEFAULT_MODEL,
    default_model,
    load_model,
    model_id,
    save_model,
)
from pipeline.coding.latente_file import compress, decompress
from pipeline.coding.model_training import train_model
from pipeline.engine.checkpoint import Checkpoint
from pipeline.errors import StudyError
from tests.pipeline.plucked_notes import pluck


def test_a_model_comes_back_from_its_file(tmp_path: Path) -> None:
    save_model(tmp_path / "models" / "coding.safetensors", default_model())
    assert (tmp_path / "models" / "coding.safetensors").read_bytes() == DEFAULT_MODEL.read_bytes()
    found = load_model(tmp_path / "models" / "coding.safetensors")
    assert model_id(found) == model_id(default_model())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("network.w1", np.zeros((2, 2), np.int8), r"network\.w1 is not int8 of shape \(40, 22\)"),
        ("network.shifts", np.array([1, -1, 1]), "shifts are not between 0 and 30"),
        ("table.gain", np.zeros(49, np.int32), "not positive or does not add up"),
        ("restorer.0.bias", np.full(16, np.nan, np.float32), "NaN"),
        ("other", np.zeros(1), "unexpected tensor other"),
    ],
)
def test_a_file_that_does_not_fit_is_told(
    name: str, value: np.ndarray, message: str, tmp_path: Path
) -> None:
    tensors = load(DEFAULT_MODEL.read_bytes())
    (tmp_path / "x.safetensors").write_bytes(save(tensors | {name: value}))
    with pytest.raises(StudyError, match=message) as error:
        load_model(tmp_path / "x.safetensors")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"RIFF", bytes(100), b"\xff" * 100])
def test_what_is_no_model_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(StudyError, match="cannot load the coding model"):
        load_model(tmp_path / "x.safetensors")
    with pytest.raises(StudyError, match="No such file"):
        load_model(tmp_path / "y.safetensors")


class _Killed(Exception):
    pass


def test_a_resumed_training_gives_the_same_model(tmp_path: Path) -> None:
    clips = torch.from_numpy(np.stack([pluck(seed, 1, 22_050)[:, 0] for seed in range(3)]))
    uninterrupted = train_model(clips, 22_050, 1, 4, 2)

    class Killed(Checkpoint):
        saves = 0

        def save_if_due(self, state: object) -> None:
            self.cost_seconds = 0.0
            super().save_if_due(state)  # type: ignore[arg-type]
            self.saves += 1
            if self.saves == 5:
                raise _Killed

    with pytest.raises(_Killed):
        train_model(clips, 22_050, 1, 4, 2, Killed(tmp_path / "checkpoint"))
    resumed = train_model(clips, 22_050, 1, 4, 2, Checkpoint(tmp_path / "checkpoint"))
    assert model_id(resumed) == model_id(uninterrupted)
    assert model_id(train_model(clips, 22_050, 2, 4, 2)) != model_id(resumed)
    content = compress(clips[0].numpy(), resumed, 22_050, quality=3)
    assert len(decompress(content, resumed)) == 22_050
