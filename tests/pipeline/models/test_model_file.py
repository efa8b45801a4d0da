"""A model's two files: the same network comes back, and nothing else is taken for one."""

import json
import subprocess
import sys
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
from pipeline.models.training import Trained
from tests.pipeline import plucked_notes
from tests.pipeline.models.adaptive.test_adaptive_training import a_corpus
from tests.pipeline.models.adaptive.test_family_in_study import a_model

PLAN = Architecture(105, (2, 3), (5, 3), (2, 2), (0, 0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    weights = Autoencoder(PLAN).state_dict()
    trained = Trained(PLAN, weights, [0.2], [0.3], 1, "cpu")
    path = tmp_path / "models" / "own.75"
    model_file.save(path, "own", trained, 8000, {"seed": 7})
    return path


def test_the_same_network_comes_back(path: Path) -> None:
    saved = model_file.load(path)
    assert (saved.family, saved.sampling_rate, saved.study) == ("own", 8000, {"seed": 7})
    assert saved.architecture == PLAN
    network = saved.network()
    latent = torch.rand(2, PLAN.latent)
    again = model_file.load(path).network()
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


def test_an_adaptive_model_comes_back_from_its_files_alone(tmp_path: Path) -> None:
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


def test_counts_that_do_not_add_up_to_the_numbers_are_told(tmp_path: Path) -> None:
    trained, path = a_model(), tmp_path / "adaptive.2400"
    weights = trained.weights | {"counts": trained.weights["counts"] + 1}
    model_file.save(path, "adaptive", replace(trained, weights=weights), 8000, {})
    with pytest.raises(StudyError, match="weights and architecture do not hold"):
        model_file.load(path)


def test_a_song_is_encoded_with_model_files_alone(tmp_path: Path) -> None:
    model_file.save(tmp_path / "adaptive.2400", "adaptive", a_model(), 8000, {})
    weights = Autoencoder(PLAN).state_dict()
    model_file.save(
        tmp_path / "own.75", "own", Trained(PLAN, weights, [1], [1], 1, "cpu"), 8000, {}
    )
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 3, 22_050), 22_050)
    models = ["--model", f"{tmp_path}/adaptive.2400.safetensors", "--model", f"{tmp_path}/own.75"]
    run = subprocess.run(
        [sys.executable, "-m", "report", "encode", song, "--out", tmp_path / "out", *models],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.returncode == 0, run.stderr
    folder = tmp_path / "out" / "encoded" / "song"
    measured = json.loads((folder / "fidelity.json").read_text())
    assert set(measured) == {"adaptive.2400", "own.75"}
    assert measured["adaptive.2400"]["snr"] > 3
    assert (folder / "adaptive.2400.flac").is_file()


def test_a_missing_model_is_one_line(tmp_path: Path) -> None:
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    with pytest.raises(StudyError, match=r"own.75.json: no such file; a model is two"):
        encode_with_models_graph(song, [tmp_path / "own.75"], tmp_path / "cache")


def test_models_for_two_rates_are_told_apart(tmp_path: Path) -> None:
    for rate in (8000, 16_000):
        model_file.save(tmp_path / f"adaptive.{rate}", "adaptive", a_model(), rate, {})
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    models = [str(tmp_path / f"adaptive.{rate}") for rate in (8000, 16_000)]
    with pytest.raises(StudyError, match="other sampling rates .8000 Hz, 16000 Hz"):
        encode_with_files(str(song), "", models, "", tmp_path)


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
        model_file.load(path)
