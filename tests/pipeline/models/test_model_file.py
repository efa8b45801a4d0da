"""Model files: round trip, and rejection of invalid files."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from pipeline.architecture.layers import Architecture
from pipeline.encode_steps import encode_with_models_graph
from pipeline.errors import StudyError
from pipeline.evaluation import whole_song
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


def a_trained_model(error: float = 0.1, rate: int = 8000) -> TrainedModel:
    """An adaptive model that shapes the noise."""
    values = {"prediction_error": torch.tensor(error), "sampling_rate": torch.tensor(rate)}
    return replace(a_model(), weights=a_model().weights | values)


def test_decoder_that_shapes_the_noise_is_restored(tmp_path: Path) -> None:
    trained, path = a_trained_model(), tmp_path / "adaptive.2400"
    model_file.save(path, "adaptive", trained, 8000, {})
    clips = a_corpus().floats([0, 1])
    sound = model_file.load(path).network()(clips)
    assert torch.equal(sound, restore(trained.architecture, trained.weights)(clips))
    assert not torch.equal(sound, restore(trained.architecture, a_model().weights)(clips))


@pytest.mark.parametrize(
    ("error", "rate", "reason"),
    [
        (-0.1, 8000, "prediction_error is -0.1, expected 0 or more"),
        (float("nan"), 8000, "prediction_error holds NaN"),
        (0.1, 0, "the weights' sampling_rate is 0, the description's 8000"),
        (0.1, 22_050, "sampling_rate is 22050, the description's 8000"),
        (0.0, -1, "sampling_rate is -1, the description's 8000"),
    ],
)
def test_values_that_no_training_gives_are_rejected(
    tmp_path: Path, error: float, rate: int, reason: str
) -> None:
    path = tmp_path / "adaptive.2400"
    model_file.save(path, "adaptive", a_trained_model(error, rate), 8000, {})
    assert reason in assert_rejected(path)


def test_adaptive_model_of_an_earlier_version(tmp_path: Path) -> None:
    path = tmp_path / "adaptive.2400"
    model_file.save(path, "adaptive", a_model(), 8000, {})
    file = f"{path}.safetensors"
    before = {
        name: value
        for name, value in load_file(file).items()
        if name.startswith("envelope.") or name in {"counts", "window_angles"}
    }
    save_file(before, file)
    message = assert_rejected(path)
    assert "an earlier version of Latentes saved it" in message
    assert "build its study again" in message
    assert "copy both files" not in message
    del before["counts"]
    save_file(before, file)
    assert "counts is missing" in assert_rejected(path)


def test_song_is_encoded_with_model_files(tmp_path: Path) -> None:
    model_file.save(tmp_path / "adaptive.2400", "adaptive", a_trained_model(), 8000, {})
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
    models = [f"adaptive.{rate}" for rate in (8000, 16_000)]
    files = [f"{model}.{kind}" for model in models for kind in ("json", "safetensors")]
    paths = [str(tmp_path / model) for model in models]
    contents = plucked_notes.hashed(tmp_path, files)
    with pytest.raises(StudyError, match="different sampling rates .8000 Hz, 16000 Hz"):
        encode_with_files(str(song), plucked_notes.digest(song), paths, contents, tmp_path)


Change = Callable[[dict[str, Any]], object]


def set_to(name: str, value: object) -> Change:
    return lambda described: described.update({name: value})


def set_layers(name: str, value: object) -> Change:
    return lambda described: described["architecture"].update({name: value})


DESCRIPTIONS: dict[str, Change] = {
    "later format": set_to("format", 2),
    "format true": set_to("format", True),
    "format as text": set_to("format", "1"),
    "no format": lambda described: described.pop("format"),
    "later kind": set_to("kind", "later"),
    "kind is a list": set_to("kind", ["convolutional"]),
    "kind is an object": set_to("kind", {}),
    "wrong kind": set_to("kind", "adaptive"),
    "unknown name": set_to("more", 1),
    "family with a path": set_to("family", "../own"),
    "family with a line break": set_to("family", "own\n"),
    "family is a number": set_to("family", 5),
    "family is half a character": set_to("family", "\ud800"),
    "long family": set_to("family", "a" * 100_000),
    "size is text": set_to("size", "75"),
    "another size": set_to("size", 76),
    "rate 0": set_to("sampling_rate", 0),
    "rate -1": set_to("sampling_rate", -1),
    "rate 1e99": set_to("sampling_rate", 1e99),
    "rate 10 ** 99": set_to("sampling_rate", 10**99),
    "rate is text": set_to("sampling_rate", "8000"),
    "rate true": set_to("sampling_rate", True),
    "rate null": set_to("sampling_rate", None),
    "study is a list": set_to("study", []),
    "no study": lambda described: described.pop("study"),
    "architecture is null": set_to("architecture", None),
    "architecture is a list": set_to("architecture", [1]),
    "architecture of another kind": set_to("architecture", {"samples": 16_000, "numbers": 2400}),
    "samples as text": set_layers("samples", "105"),
    "samples as float": set_layers("samples", 105.0),
    "samples negative": set_layers("samples", -105),
    "samples 1": set_layers("samples", 1),
    "samples 10 ** 40": set_layers("samples", 10**40),
    "samples that do not fit": set_layers("samples", 107),
    "channels as text": set_layers("channels", "23"),
    "channels as texts": set_layers("channels", ["2", "3"]),
    "channels as floats": set_layers("channels", [2.0, 3.0]),
    "channels as booleans": set_layers("channels", [True, True]),
    "channels as lists": set_layers("channels", [[2], [3]]),
    "no channels": set_layers("channels", []),
    "one channel": set_layers("channels", [2]),
    "other channels": set_layers("channels", [2, 4]),
    "channels for 10 ** 12 parameters": set_layers("channels", [100_000, 100_000]),
    "channels 10 ** 30": set_layers("channels", [2, 10**30]),
    "stride 0": set_layers("strides", [2, 0]),
    "a million layers": lambda described: described["architecture"].update(
        dict.fromkeys(("channels", "kernels", "strides", "paddings"), [1] * 1_000_000)
    ),
    "unknown field": set_layers("dilations", [1, 1]),
}


@pytest.mark.parametrize("change", DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
def test_invalid_descriptions_are_rejected(path: Path, change: Change) -> None:
    file = Path(f"{path}.json")
    described = json.loads(file.read_text(encoding="utf-8"))
    change(described)
    file.write_text(json.dumps(described), encoding="utf-8")
    assert_rejected(path)


def assert_rejected(path: Path) -> str:
    began = time.thread_time()
    with pytest.raises(StudyError) as rejected:
        model_file.load(path)
    message = str(rejected.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message.removeprefix(str(path))) < 400
    assert time.thread_time() - began < 1
    return message


@pytest.mark.parametrize(
    "content",
    [
        *("", "null", "[]", "{}", "1", '"own"', "true", "not JSON", "[" * 100_000, "NaN"),
        '{"study": ' + '{"study": ' * 100_000,
        '{"format": 1, "kind": "adaptive", "format": 1}',
        '{"format": 1, "kind": NaN}',
        f'{{"format": {"1" * 5000}}}',
        " " * (model_file.MAX_JSON_BYTES + 1),
        "\ufeff{}",
    ],
    ids=range(16),
)
def test_files_that_are_not_descriptions_are_rejected(path: Path, content: str) -> None:
    Path(f"{path}.json").write_text(content, encoding="utf-8")
    assert_rejected(path)


def test_deeply_nested_values_are_rejected_or_part_of_the_settings(path: Path) -> None:
    file = Path(f"{path}.json")
    text = file.read_text(encoding="utf-8")
    for depth in (100, 300, 500, 900, 990, 5000):
        for place in ('"seed": ', '"kind": '):
            start, _, rest = text.partition(place)
            nested = "[" * depth + "]" * depth
            file.write_text(f'{start}{place}{nested}, "x": {rest}', encoding="utf-8")
            message = ""
            try:
                model_file.load(path)
            except StudyError as error:
                message = str(error)
            assert message or place == '"seed": '
            assert "\n" not in message


Weights = dict[str, torch.Tensor]
WEIGHTS: dict[str, tuple[str, Callable[[Weights], Weights]]] = {
    "missing": ("decoder.2.bias is missing", lambda w: w | {"decoder.2.bias": torch.zeros(2)}),
    "extra": ("extra is F32 [2], expected missing", lambda w: w | {"extra": torch.zeros(2)}),
    "shape": ("is F32 [9], expected F32 [3]", lambda w: w | {"encoder.2.bias": torch.zeros(9)}),
    "dtype": (
        "is F16 [3], expected F32 [3]",
        lambda w: w | {"encoder.2.bias": torch.zeros(3).half()},
    ),
    "NaN": ("holds NaN", lambda w: w | {"encoder.2.bias": torch.tensor([0, torch.nan, 0])}),
    "infinity": (
        "holds NaN or inf",
        lambda w: w | {"encoder.2.bias": torch.full((3,), -torch.inf)},
    ),
    "none": ("the file has ", lambda w: {}),
}


@pytest.mark.parametrize(("reason", "change"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_invalid_weights_are_rejected(
    path: Path, reason: str, change: Callable[[Weights], Weights]
) -> None:
    file = f"{path}.safetensors"
    weights = change(load_file(file))
    if reason.startswith("decoder.2.bias"):
        del weights["decoder.2.bias"]
    save_file(weights, file)
    assert reason in assert_rejected(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 50,
        b"\xff" * 50,
        (1 << 40).to_bytes(8, "little"),
        (2).to_bytes(8, "little") + b"[]",
        (50).to_bytes(8, "little") + b"[" * 50,
    ],
    ids=range(6),
)
def test_files_that_are_not_weights_are_rejected(path: Path, content: bytes) -> None:
    Path(f"{path}.safetensors").write_bytes(content)
    assert_rejected(path)


def test_nothing_is_allocated_for_a_header_that_does_not_match(path: Path) -> None:
    """The data is a hole of 100 GB in a sparse file."""
    header = json.dumps(
        {"encoder.0.weight": {"dtype": "F32", "shape": [25 * 10**9], "data_offsets": [0, 10**11]}}
    ).encode()
    with Path(f"{path}.safetensors").open("wb") as stream:
        stream.write(len(header).to_bytes(8, "little") + header)
        stream.truncate(8 + len(header) + 10**11)
    assert "decoder.0.bias is missing" in assert_rejected(path)


def test_clips_that_would_not_fit_into_memory_are_rejected(path: Path) -> None:
    file = Path(f"{path}.json")
    described = json.loads(file.read_text(encoding="utf-8"))
    described["architecture"] = {
        "samples": 100_000_000,
        "channels": [1000],
        "kernels": [1],
        "strides": [1],
        "paddings": [0],
    }
    described["size"] = 100_000_000_000
    file.write_text(json.dumps(described), encoding="utf-8")
    Path(f"{path}.safetensors").write_bytes(bytes(100_000))
    assert "one clip would take 400 GB" in assert_rejected(path)


@pytest.mark.parametrize("missing", ["json", "safetensors"])
def test_missing_files_are_rejected(path: Path, missing: str) -> None:
    Path(f"{path}.{missing}").unlink()
    assert "No such file" in assert_rejected(path)


@given(
    file=st.sampled_from(["json", "safetensors"]),
    position=st.floats(0, 1, exclude_max=True),
    removed=st.integers(0, 20),
    inserted=st.binary(max_size=20)
    | st.sampled_from([b"-1", b"null", b"[[", b'"', b"1e99", b"\0"]),
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_mutated_files_are_rejected_or_loaded(
    path: Path, file: str, position: float, removed: int, inserted: bytes
) -> None:
    changed = Path(f"{path}.{file}")
    content = changed.read_bytes()
    # The header of the weights and the whole description are about as long.
    start = int(position * min(len(content), 1200))
    message = ""
    try:
        changed.write_bytes(content[:start] + inserted + content[start + removed :])
        network = model_file.load(path).network()
        network.decode(torch.zeros(1, network.architecture.latent))
    except StudyError as error:
        message = str(error)
    finally:
        changed.write_bytes(content)
    assert "\n" not in message


def test_model_that_decodes_to_infinity_is_reported(path: Path, tmp_path: Path) -> None:
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    weights = {
        name: torch.full_like(w, 3e38) for name, w in load_file(f"{path}.safetensors").items()
    }
    networks = {"own.75": restore(PLAN, weights)}
    digest = hashlib.sha256(song.read_bytes()).hexdigest()
    with pytest.raises(StudyError, match="own.75: this model decodes the song to NaN or infinity"):
        whole_song._encode(str(song), digest, networks, 8000, tmp_path)


def test_command_reports_an_invalid_model_in_one_line(path: Path, tmp_path: Path) -> None:
    Path(f"{path}.json").write_text("null", encoding="utf-8")
    song = plucked_notes.write(tmp_path / "song.wav", plucked_notes.pluck(1, 1, 8000), 8000)
    run = latentes_in_process("encode", song, "--out", tmp_path, "--model", path, cwd=ROOT)
    assert run.returncode == 1
    [line] = [line for line in run.stderr.splitlines() if line.startswith("latentes: ")]
    assert f"{path}.json: cannot load the model: expected a JSON object; " in line
    assert "bug" not in run.stderr
