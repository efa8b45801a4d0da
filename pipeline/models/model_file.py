"""Trained models on disk: a weights file and a JSON description; loading runs no code.

    FAMILY.SIZE.safetensors   weights under PyTorch's parameter names, float32
                              (github.com/huggingface/safetensors)
    FAMILY.SIZE.json          {format: 1, kind, family, size, sampling_rate, architecture, study}

`kind` is "convolutional" (`Autoencoder`) or "adaptive" (`AdaptiveAutoencoder`, whose `counts` are
int64), and `architecture` holds the fields of the `Architecture` or `AdaptivePlan`. `study` holds
the settings used for training.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import Architecture, ArchitectureError
from pipeline.errors import StudyError
from pipeline.models.restore import Model, restore
from pipeline.models.training import TrainedModel
from pipeline.settings.schema import Plan

FORMAT = 1
KINDS: dict[str, type[Plan]] = {"convolutional": Architecture, "adaptive": AdaptivePlan}


@dataclass(frozen=True)
class SavedModel:
    """A model loaded from its files."""

    family: str
    sampling_rate: int
    architecture: Plan
    weights: dict[str, Tensor]
    study: dict[str, Any]

    def network(self) -> Model:
        """The network in evaluation mode.

        Raises:
            RuntimeError: the weights do not match the architecture.
        """
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
        StudyError: a file is missing or was not written by `save`, or the weights do not match
            the architecture.
    """
    try:
        described = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        weights = load_file(f"{path}.safetensors")
        if "bends" in weights:  # its name before version 0.2
            weights["window_angles"] = weights.pop("bends")
    except (OSError, ValueError, SafetensorError) as error:
        raise StudyError(f"{path}: cannot load the model: {error}") from None
    if described.get("format") != FORMAT or described.get("kind") not in KINDS:
        raise StudyError(
            f"{path}.json: unsupported format {described.get('format')!r} or kind "
            f"{described.get('kind')!r}; this version reads format {FORMAT} and the kinds "
            f"{', '.join(KINDS)}"
        )
    try:
        plan: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in described["architecture"].items()
        }
        saved = SavedModel(
            described["family"],
            described["sampling_rate"],
            KINDS[described["kind"]](**plan),
            weights,
            described["study"],
        )
        network = saved.network()
        where = next(network.parameters()).device
        network.decode(torch.zeros(1, saved.architecture.latent, device=where))
    except (KeyError, TypeError, RuntimeError, ArchitectureError) as error:
        reason = " ".join(str(error).split())
        raise StudyError(f"{path}: the weights do not match the architecture: {reason}") from None
    return saved
