"""A flow's file gives the same music, and a damaged or foreign one is refused."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from pipeline.errors import StudyError
from pipeline.generation.flow import Flow, clip_random
from pipeline.generation.flow_file import KEY, load_flow, save_flow
from pipeline.generation.flow_sounds import clip_sound, loop_sound
from pipeline.generation.levels import LEVEL
from pipeline.generation.training_music import TrainingMusic


@pytest.fixture
def file(flow: Flow, music: TrainingMusic, tmp_path: Path) -> Path:
    save_flow(tmp_path / "models" / "flow.safetensors", flow, music, "CC0", True)
    return tmp_path / "models" / "flow.safetensors"


def test_a_loaded_flow_draws_the_same_clips(flow: Flow, music: TrainingMusic, file: Path) -> None:
    saved = load_flow(file)
    assert saved.described.genres == ["noise", "pluck"]
    assert saved.described.licence == "CC0"
    drawn = [each.sample([1], 12, [clip_random(3, "pluck")]) for each in (flow, saved.flow)]
    assert torch.equal(*drawn)
    assert torch.equal(saved.space.basis, music.space.basis)


@pytest.mark.parametrize("seconds", [0.5, 1.5, 6.25])
def test_clips_have_the_length_asked_for(seconds: float, file: Path) -> None:
    saved = load_flow(file)
    sound = clip_sound(saved, 1, seconds, seed=1)
    assert len(sound) == round(8000 * seconds)
    assert float(sound.square().mean().sqrt()) == pytest.approx(LEVEL, rel=1e-3)


def test_loops_repeat_without_a_seam(file: Path) -> None:
    saved = load_flow(file)
    sound = loop_sound(saved, 1, 4.0, seed=2)
    assert len(sound) == pytest.approx(4 * 8000, rel=0.3)
    twice = torch.cat([sound, sound])
    steps = twice.diff().abs()
    assert float(steps[len(sound) - 1]) < float(steps.quantile(0.999))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, d: t.pop("gain"), "gain is missing, or has another shape or type"),
        (lambda t, d: t.pop("labels"), "space.basis, labels or process.real is missing or empty"),
        (lambda t, d: t.update({"space.basis": torch.tensor(1.0)}), "is missing or empty"),
        (lambda t, d: t.update(extra=torch.zeros(1)), "extra is missing, or has another"),
        (lambda t, d: t["shift"].fill_(torch.nan), "shift holds NaN or infinity"),
        (lambda t, d: t["labels"].fill_(5), "labels are not those of the genres"),
        (lambda t, d: t["beats.period"].fill_(0), "beats.period or space.deviation is not"),
        (lambda t, d: t.update(labels=t["labels"].float()), "labels is missing, or has another"),
        (lambda t, d: d.update(genres=["a"]), "is missing, or has another shape or type"),
        (lambda t, d: d.update(groups=10**9), "groups: Input should be less than"),
        (lambda t, d: d.update(format=2), "format: Input should be 1"),
        (lambda t, d: d.clear(), "sampling_rate: Field required"),
    ],
)
def test_a_changed_file_is_refused(change, message: str, file: Path) -> None:  # type: ignore[no-untyped-def]
    described = json.loads(load_flow(file).described.model_dump_json())
    tensors = load_file(file)
    change(tensors, described)
    save_file(tensors, file, {KEY: json.dumps(described)})
    with pytest.raises(StudyError) as error:
        load_flow(file)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"no model", b"\xff" * 100])
def test_what_is_no_flow_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "flow.safetensors").write_bytes(content)
    with pytest.raises(StudyError, match="cannot load the generator"):
        load_flow(tmp_path / "flow.safetensors")


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    with pytest.raises(StudyError, match="not a flow"):
        load_flow(tmp_path / "a.safetensors")
