"""A model's two files: the same network comes back, and nothing else is taken for one."""

import json
from pathlib import Path

import pytest
import torch

from pipeline import modelfile
from pipeline.architecture import Architecture
from pipeline.autoencoder import Autoencoder
from pipeline.study import StudyError
from pipeline.training import Trained

PLAN = Architecture(105, (2, 3), (5, 3), (2, 2), (0, 0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    weights = Autoencoder(PLAN).state_dict()
    trained = Trained(PLAN, weights, [0.2], [0.3], 1, "cpu")
    path = tmp_path / "models" / "own.75"
    modelfile.save(path, "own", trained, 8000, {"seed": 7})
    return path


def test_the_same_network_comes_back(path: Path) -> None:
    saved = modelfile.load(path)
    assert (saved.family, saved.sampling_rate, saved.study) == ("own", 8000, {"seed": 7})
    assert saved.architecture == PLAN
    network = saved.network()
    latent = torch.rand(2, PLAN.latent)
    again = modelfile.load(path).network()
    assert torch.equal(network.decode(latent), again.decode(latent))
    assert network.decode(latent).shape == (2, 105)


def test_files_hold_no_code(path: Path) -> None:
    data = Path(f"{path}.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert set(header) == {
        f"{part}.{n}.{kind}" for part in ("encoder", "decoder") for n in (0, 2)
        for kind in ("weight", "bias")
    }  # fmt: skip


@pytest.mark.parametrize("harm", ["missing", "cut", "other", "weights", "architecture"])
def test_what_is_no_model_is_told(path: Path, harm: str) -> None:
    weights, described = Path(f"{path}.safetensors"), Path(f"{path}.json")
    content = json.loads(described.read_text(encoding="utf-8"))
    if harm == "missing":
        weights.unlink()
    elif harm == "cut":
        weights.write_bytes(weights.read_bytes()[:50])
    elif harm == "other":
        described.write_text(json.dumps(content | {"kind": "later"}), encoding="utf-8")
    elif harm == "weights":
        content["architecture"]["channels"] = [2, 4]
        described.write_text(json.dumps(content), encoding="utf-8")
    else:
        content["architecture"] = {"samples": 105}
        described.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match="own.75"):
        modelfile.load(path)
