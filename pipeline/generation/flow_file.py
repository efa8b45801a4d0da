"""A flow on disk, in one file with all that sampling needs.

    network.…                                  `FlowNetwork`, under PyTorch's names
    process.{mean,real,imag}                   `GaussianProcess`, its factors in two parts
    beats.{period,phase,strength}, labels      of the training clips
    gain, shift                                corrections by genre
    space.{mean,basis,deviation,residual,ceiling}    `GroupSpace`

It is a safetensors file (github.com/huggingface/safetensors). Its metadata is one text, `latentes`:
a JSON object with the fields of `FlowDescription`. Files may come from strangers: loading runs no
code and checks every tensor.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pipeline.errors import StudyError, shorten
from pipeline.generation.beats import CHANNELS, Beats
from pipeline.generation.flow import Flow
from pipeline.generation.flow_network import FlowNetwork
from pipeline.generation.gaussian_process import GaussianProcess
from pipeline.generation.spectra import GROUP, GroupSpace, mel_scale
from pipeline.generation.training_music import TrainingMusic
from pipeline.settings.schema import SettingsTable

KEY = "latentes"
SPACE = ("mean", "basis", "deviation", "residual", "ceiling")
"""Tensors of a `GroupSpace`."""

MAX_FILE_BYTES = 1 << 30


class FlowDescription(SettingsTable):
    """What a file says of its flow.

    `groups` is the length of training clips, in whole groups of frames, `level` their RMS.
    `licence` is that of the training music; music of the user's without one may only be published
    if `publishable`.
    """

    format: Literal[1] = 1
    sampling_rate: Annotated[int, Field(ge=1_000, le=192_000)]
    groups: Annotated[int, Field(ge=2, le=100_000)]
    level: Annotated[float, Field(gt=0, le=1)]
    genres: Annotated[list[str], Field(min_length=1, max_length=1000)]
    licence: str | None
    publishable: bool


@dataclass(frozen=True)
class SavedFlow:
    """A flow loaded from its file."""

    described: FlowDescription
    flow: Flow
    space: GroupSpace


def save_flow(
    path: Path, flow: Flow, music: TrainingMusic, licence: str | None, publishable: bool
) -> None:
    """Write a flow, creating the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    described = FlowDescription(
        sampling_rate=music.sampling_rate,
        groups=flow.process.groups,
        level=min(1.0, max(1e-6, music.level)),
        genres=music.genres,
        licence=licence,
        publishable=publishable,
    )
    tensors = {name: value.contiguous() for name, value in _tensors(flow, music.space).items()}
    save_file(tensors, path, {KEY: described.model_dump_json()})


def load_flow(path: Path) -> SavedFlow:
    """Read a flow.

    Raises:
        StudyError: the file is missing, or is not a flow.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"longer than {MAX_FILE_BYTES} bytes")
        with safe_open(path, "pt") as file:
            described = _described((file.metadata() or {}).get(KEY))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _from_tensors(described, tensors)
    except (OSError, ValueError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StudyError(
            f"{path}: cannot load the generator: {' '.join(str(reason).split())}; name a file "
            "flow.safetensors of a study's results/models"
        ) from None


def _tensors(flow: Flow, space: GroupSpace) -> dict[str, Tensor]:
    process, beats = flow.process, flow.beats
    found = {f"network.{name}": value for name, value in flow.network.state_dict().items()}
    found |= {"process.mean": process.mean.clone()}
    found |= {"process.real": process.factors.real, "process.imag": process.factors.imag}
    found |= {f"beats.{name}": getattr(beats, name) for name in ("period", "phase", "strength")}
    found |= {"labels": flow.labels, "gain": flow.gain, "shift": flow.shift}
    return found | {f"space.{name}": getattr(space, name) for name in SPACE}


def _described(text: str | None) -> FlowDescription:
    try:
        return FlowDescription.model_validate(json.loads(text or "null"))
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        name = ".".join(map(str, detail["loc"]))
        raise ValueError(f"{shorten(name)}: {detail['msg']}" if name else "not a flow") from None


def _from_tensors(described: FlowDescription, tensors: dict[str, Tensor]) -> SavedFlow:
    """Check all tensors and put them together; raises ValueError."""
    genres = len(described.genres)
    bands = mel_scale(described.sampling_rate).bands
    size = GROUP * bands
    shapes = {name: tuple(value.shape) for name, value in tensors.items()}
    numbers, clips, rank = (
        (shapes.get(name) or (0,))[-1] for name in ("space.basis", "labels", "process.real")
    )
    if not min(numbers, clips, rank):
        raise ValueError("space.basis, labels or process.real is missing or empty")
    frequencies = described.groups // 2 + 1
    expected: dict[str, tuple[int, ...]] = {
        f"space.{name}": (size,) for name in ("mean", "residual")
    }
    expected |= {
        "space.ceiling": (bands,),
        "space.basis": (size, numbers),
        "space.deviation": (numbers,),
    }
    expected |= {f"process.{p}": (genres, frequencies, numbers, rank) for p in ("real", "imag")}
    expected |= {name: (genres, numbers) for name in ("process.mean", "gain", "shift")}
    expected |= {f"beats.{name}": (clips,) for name in ("period", "phase", "strength")}
    expected |= {"labels": (clips,)}
    network = FlowNetwork(torch.zeros(genres, numbers), torch.zeros(genres, CHANNELS, numbers))
    expected |= {f"network.{name}": tuple(v.shape) for name, v in network.state_dict().items()}
    for name in sorted(expected.keys() | shapes.keys()):
        kind = torch.int64 if name == "labels" else torch.float32
        if expected.get(name) != shapes.get(name) or tensors[name].dtype != kind:
            raise ValueError(f"{shorten(name)} is missing, or has another shape or type")
        if not tensors[name].isfinite().all():
            raise ValueError(f"{name} holds NaN or infinity")
    labels = tensors["labels"]
    if sorted(set(labels.tolist())) != list(range(genres)):
        raise ValueError("labels are not those of the genres")
    if float(tensors["beats.period"].min()) < 1 or float(tensors["space.deviation"].min()) <= 0:
        raise ValueError("beats.period or space.deviation is not positive")
    network.load_state_dict({name: tensors[f"network.{name}"] for name in network.state_dict()})
    process = GaussianProcess(
        tensors["process.mean"],
        torch.complex(tensors["process.real"], tensors["process.imag"]),
        described.groups,
    )
    beats = Beats(*(tensors[f"beats.{name}"] for name in ("period", "phase", "strength")))
    network.eval().requires_grad_(False)
    flow = Flow(network, process, beats, labels, tensors["gain"], tensors["shift"])
    space = GroupSpace(*(tensors[f"space.{name}"] for name in SPACE))
    return SavedFlow(described, flow, space)
