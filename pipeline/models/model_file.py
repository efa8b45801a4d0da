"""Trained models on disk: a weights file and a JSON description.

Files may come from strangers: loading runs no code, and checks everything before it allocates.

    FAMILY.SIZE.safetensors   weights under PyTorch's parameter names, float32
                              (github.com/huggingface/safetensors)
    FAMILY.SIZE.json          {format: 1, kind, family, size, sampling_rate, architecture, study}

`kind` is "convolutional" (`Autoencoder`) or "adaptive" (`AdaptiveAutoencoder`, whose `counts` and
`sampling_rate` are int64), and `architecture` holds the fields of the `Architecture` or
`AdaptivePlan`. `study` holds the settings used for training.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, TypeAdapter, ValidationError, field_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import Architecture
from pipeline.errors import StudyError, shorten
from pipeline.models.restore import Model, restore, untrained
from pipeline.models.training import TrainedModel
from pipeline.settings.cross_checks import FAMILY_NAME
from pipeline.settings.schema import LayerSettings, Plan, SettingsTable

FORMAT = 1
KINDS: dict[str, type[Plan]] = {"convolutional": Architecture, "adaptive": AdaptivePlan}

MAX_JSON_BYTES = 10 << 20
"""Maximum length of a description, and of the header of a weights file."""

MAX_LAYERS = 100

MAX_CLIP_BYTES = 8 << 30
"""Maximum size of a layer's input and output for one clip."""

DTYPES = {torch.float32: "F32", torch.int64: "I64"}
"""Names of types in safetensors files."""

Samples = Annotated[int, Field(ge=2, le=600 * 192_000)]
"""Samples per clip, at most as many as settings allow; a song needs overlapping clips."""


class _Layers(LayerSettings):
    samples: Samples

    @field_validator("channels", "kernels", "strides", "paddings")
    @classmethod
    def _limit_layers(cls, values: list[int]) -> list[int]:
        if len(values) > MAX_LAYERS:
            raise ValueError(f"more than {MAX_LAYERS} layers")
        return values


class _AdaptiveSize(SettingsTable):
    samples: Samples
    numbers: int


class _Description(SettingsTable):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    family: Annotated[str, Field(pattern=f"^{FAMILY_NAME.pattern}$")]
    size: int
    sampling_rate: Annotated[int, Field(ge=1_000, le=192_000)]
    study: dict[str, Any]


class _Convolutional(_Description):
    kind: Literal["convolutional"]
    architecture: _Layers


class _Adaptive(_Description):
    kind: Literal["adaptive"]
    architecture: _AdaptiveSize


_description: TypeAdapter[_Convolutional | _Adaptive] = TypeAdapter(
    Annotated[_Convolutional | _Adaptive, Field(discriminator="kind")]
)


@dataclass(frozen=True)
class SavedModel:
    """A model loaded from its files."""

    family: str
    sampling_rate: int
    architecture: Plan
    weights: dict[str, Tensor]
    study: dict[str, Any]

    def network(self) -> Model:
        """The network in evaluation mode."""
        return restore(self.architecture, self.weights)


def save(
    path: Path, family: str, trained: TrainedModel, sampling_rate: int, study: dict[str, Any]
) -> None:
    """Write `path`.safetensors and `path`.json, creating the folder if needed.

    Args:
        path: ends in FAMILY.SIZE, without a suffix.
        sampling_rate: of the model's clips, in Hz.
        study: settings used for training, as JSON values.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: value.contiguous() for name, value in trained.weights.items()}
    save_file(weights, f"{path}.safetensors")
    described = {
        "format": FORMAT,
        "kind": next(k for k, plan in KINDS.items() if isinstance(trained.architecture, plan)),
        "family": family,
        "size": trained.architecture.latent,
        "sampling_rate": sampling_rate,
        "architecture": asdict(trained.architecture),
        "study": study,
    }
    text = json.dumps(described, ensure_ascii=False, indent=1, allow_nan=False)
    Path(f"{path}.json").write_text(text + "\n", encoding="utf-8")


def load(path: Path) -> SavedModel:
    """Load a model from `path`.safetensors and `path`.json.

    Raises:
        StudyError: a file is missing or was not written by `save` or by an earlier version, or the
            weights do not match the architecture.
    """
    file = Path(f"{path}.json")
    try:
        described = _read_description(file)
        plan_fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in described.architecture.model_dump().items()
        }
        plan = KINDS[described.kind](**plan_fields)
        if plan.latent != described.size:
            raise ValueError(f"size is {described.size}, but the architecture's is {plan.latent}")
        file = Path(f"{path}.safetensors")
        weights = _read_weights(file, plan)
        if isinstance(plan, AdaptivePlan):
            _check_adaptive(weights, plan, described.sampling_rate)
    except (OSError, ValueError, RecursionError, SafetensorError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise StudyError(
            f"{file}: cannot load the model: {' '.join(reason.split())}; copy both files of the "
            "model again from the results of its study"
        ) from None
    return SavedModel(described.family, described.sampling_rate, plan, weights, described.study)


def _read_description(path: Path) -> _Convolutional | _Adaptive:
    """Read and check a description.

    Raises:
        OSError: the file cannot be read.
        ValueError, RecursionError: it is not a description.
    """
    with path.open("rb") as stream:
        content = stream.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        raise ValueError(f"longer than {MAX_JSON_BYTES} bytes")
    loaded = json.loads(content, object_pairs_hook=_unique_keys, parse_constant=_reject_constant)
    if not isinstance(loaded, dict):
        raise ValueError("expected a JSON object")
    try:
        return _description.validate_python(loaded)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
    if detail["type"].startswith("union_tag") or detail["loc"][1:] == ("format",):
        raise ValueError(
            f"unsupported format {shorten(repr(loaded.get('format')))} or kind "
            f"{shorten(repr(loaded.get('kind')))}; this version reads format {FORMAT} and the "
            f"kinds {', '.join(KINDS)}"
        )
    name = ".".join(map(str, detail["loc"][1:]))
    raise ValueError(f"{shorten(name)}: {detail['msg']}" if name else detail["msg"])


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _read_weights(path: Path, plan: Plan) -> dict[str, Tensor]:
    """Read weights, after comparing the header of their file with the architecture.

    Raises:
        OSError, ValueError, RecursionError, SafetensorError: the file cannot be read, does not
            match, or holds NaN or infinity.
    """
    file_bytes = path.stat().st_size
    if isinstance(plan, Architecture):
        _check_size(plan, file_bytes)
    with torch.device("meta"):
        network = untrained(plan)
    expected = {
        name: {"dtype": DTYPES[value.dtype], "shape": list(value.shape)}
        for name, value in network.state_dict().items()
    }
    header, header_bytes = _read_header(path)
    if isinstance(plan, AdaptivePlan) and expected.keys() - header.keys() == _added(expected):
        raise StudyError(
            f"{path}: cannot load the model: an earlier version of Latentes saved it, whose "
            "decoder did not shape the noise; build its study again with this version, or encode "
            "with that one"
        )
    for name in sorted(header.keys() | expected.keys()):
        if header.get(name) != expected.get(name):
            raise ValueError(
                f"the weights do not match the architecture: {shorten(name)} is "
                f"{_format(header.get(name))}, expected {_format(expected.get(name))}"
            )
    expected_bytes = header_bytes + sum(v.nbytes for v in network.state_dict().values())
    if file_bytes != expected_bytes:
        raise ValueError(f"the file has {file_bytes} bytes, expected {expected_bytes}")
    weights = {_current_name(name): value for name, value in load_file(path).items()}
    for name, value in weights.items():
        if not value.isfinite().all():
            raise ValueError(f"{name} holds NaN or infinity")
    return weights


def _added(names: Iterable[str]) -> set[str]:
    """Names of the parameters of adaptive models that files before version 0.3 lack."""
    return {
        name
        for name in names
        if name.startswith("predictor.") or name in {"prediction_error", "sampling_rate"}
    }


def _check_adaptive(weights: dict[str, Tensor], plan: AdaptivePlan, sampling_rate: int) -> None:
    """Raise ValueError if values of an adaptive model's weights contradict its description."""
    counts = weights["counts"].tolist()
    numbers = sum(length for _, length in plan.parts(counts))
    if min(counts) < 0 or numbers != plan.numbers:
        raise ValueError(
            f"the weights do not match the architecture: counts {counts} take {numbers} "
            f"numbers, expected {plan.numbers}"
        )
    error, rate = float(weights["prediction_error"]), int(weights["sampling_rate"])
    if error < 0:
        raise ValueError(f"prediction_error is {error:.3g}, expected 0 or more")
    # An untrained decoder, which does not shape the noise, has no rate.
    if rate != sampling_rate and (error > 0 or rate != 0):
        raise ValueError(f"the weights' sampling_rate is {rate}, the description's {sampling_rate}")


def _read_header(path: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """Type and shape of each tensor, and the length of the header in bytes.

    Raises:
        ValueError, RecursionError: it is not a safetensors file.
    """
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > MAX_JSON_BYTES:
            raise ValueError(f"its header is longer than {MAX_JSON_BYTES} bytes")
        header = json.loads(stream.read(length), object_pairs_hook=_unique_keys)
    try:
        return {
            _current_name(name): {"dtype": tensor["dtype"], "shape": tensor["shape"]}
            for name, tensor in header.items()
            if name != "__metadata__"
        }, 8 + length
    except (AttributeError, KeyError, TypeError):
        raise ValueError("its header does not describe tensors") from None


def _check_size(plan: Architecture, file_bytes: int) -> None:
    """Raise ValueError if the file is too small for the weights, or one clip takes too much
    memory."""
    if 4 * plan.parameters > file_bytes:
        raise ValueError(
            f"the weights do not match the architecture: the file has {file_bytes} bytes, its "
            f"{plan.parameters} parameters take {4 * plan.parameters}"
        )
    clip_bytes = max(
        4 * (layer.inputs * layer.length_in + layer.outputs * layer.length_out)
        for layer in plan.encoder
    )
    if clip_bytes > MAX_CLIP_BYTES:
        raise ValueError(
            f"one clip would take {clip_bytes / 1e9:.3g} GB, more than {MAX_CLIP_BYTES / 1e9:.3g}"
        )


def _current_name(parameter: str) -> str:
    return "window_angles" if parameter == "bends" else parameter  # its name before version 0.2


def _format(tensor: dict[str, Any] | None) -> str:
    return shorten(f"{tensor['dtype']} {tensor['shape']}") if tensor else "missing"
