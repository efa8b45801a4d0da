"""Model files: round trip, and rejection of invalid files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pipeline.architecture.layers import Architecture
from pipeline.encode_steps import encode_with_models_graph
from pipeline.errors import StudyError
from pipeline.evaluation.whole_song import encode_with_files
from pipeline.models import model_file
from pipeline.models.convolutional import Autoencoder
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel
from tests.pipeline import plucked_notes
from tests.pipeline.models.adaptive.test_adaptive_training import a_corpus
from tests.pipeline.models.adaptive.test_family_in_study import a_model
from tests.study_builds import ROOT, latentes_in_process

PLAN = Architecture(105, (2, 3), (5, 3), (2, 2), (0, 0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    weights = Autoencoder(PLAN).state_dict()
    trained = TrainedModel(PLAN, weights, [0.2], [0.3], 1, "cpu")
    path = tmp_path / "models" / "own.75"
    model_file.save(path, "own", trained, 8000, {"seed": 7})
    return path


def test_round_trip(path: Path) -> None:
    saved = model_file.load(path)
    assert (saved.family, saved.sampling_rate, saved.study) == ("own", 8000, {"seed": 7})
    assert saved.architecture == PLAN
    network = saved.network()
    latent = torch.rand(2, PLAN.latent)
    again = model_file.load(path).network()
    assert torch.equal(network.decode(latent), again.decode(latent))
    assert network.decode(latent).shape == (2, 105)


def test_weights_file_contains_only_tensors(path: Path) -> None:
    data = Path(f"{path}.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    assert set(header) == {
        f"{part}.{n}.{kind}" for part in ("encoder", "decoder") for n in (0, 2)
        for kind in ("weight", "bias")
    }  # fmt: skip


def test_adaptive_round_trip(tmp_path: Path) -> None:
    trained, path = a_model(), tmp_path / "adaptive.2400"
    model_file.save(path, "adaptive", trained, 8000, {})
    saved = model_file.load(path)
    assert saved.architecture == trained.architecture
    clips = a_corpus().floats([0, 1])
    expected = restore(trained.architecture, trained.weights)(clips)
    assert torch.equal(saved.network()(clips), expected)
    described = json.loads(path.with_name("adaptive.2400.json").read_text(encoding="utf-8"))
    assert described["kind"] == "adaptive"
    assert described["architecture"] == {"samples": 16_000, "numbers": 2400}


def test_counts_that_do_not_match_the_latent_size_are_rejected(tmp_path: Path) -> None:
    trained, path = a_model(), tmp_path / "adaptive.2400"
    weights = trained.weights | {"counts": trained.weights["counts"] + 1}
    model_file.save(path, "adaptive", replace(trained, weights=weights), 8000, {})
    with pytest.raises(StudyError, match="the weights do not match the architecture"):
        model_file.load(path)


def test_song_is_encoded_with_model_files(tmp_path: Path) -> None:
    model_file.save(tmp_path / "adaptive.2400", "adaptive", a_model(), 8000, {})
    weights = Autoencoder(PLAN).state_dict()
    model_file.save(
        tmp_path / "own.75", "own", TrainedModel(PLAN, weights, [1], [1], 1, "cpu"), 8000, {}
    )
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 3, 22_050), 22_050)
    models = ["--model", f"{tmp_path}/adaptive.2400.safetensors", "--model", f"{tmp_path}/own.75"]
    run = latentes_in_process("encode", song, "--out", tmp_path / "out", *models, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    folder = tmp_path / "out" / "encoded" / "song"
    measured = json.loads((folder / "fidelity.json").read_text())
    assert set(measured) == {"adaptive.2400", "own.75"}
    assert measured["adaptive.2400"]["snr"] > 3
    assert (folder / "adaptive.2400.flac").is_file()


def test_missing_model_file(tmp_path: Path) -> None:
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    with pytest.raises(StudyError, match=r"own.75.json: no such file; a model needs both"):
        encode_with_models_graph(song, [tmp_path / "own.75"], tmp_path / "cache")


def test_models_with_different_rates_are_rejected(tmp_path: Path) -> None:
    for rate in (8000, 16_000):
        model_file.save(tmp_path / f"adaptive.{rate}", "adaptive", a_model(), rate, {})
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    models = [str(tmp_path / f"adaptive.{rate}") for rate in (8000, 16_000)]
    with pytest.raises(StudyError, match="different sampling rates .8000 Hz, 16000 Hz"):
        encode_with_files(str(song), "", models, "", tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut", "other", "weights", "architecture"])
def test_invalid_files_are_rejected(path: Path, damage: str) -> None:
    weights, described = Path(f"{path}.safetensors"), Path(f"{path}.json")
    content = json.loads(described.read_text(encoding="utf-8"))
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:50])
    elif damage == "other":
        described.write_text(json.dumps(content | {"kind": "later"}), encoding="utf-8")
    elif damage == "weights":
        content["architecture"]["channels"] = [2, 4]
        described.write_text(json.dumps(content), encoding="utf-8")
    else:
        content["architecture"] = {"samples": 105}
        described.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match="own.75"):
        model_file.load(path)
