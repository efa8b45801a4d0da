"""A trained model as two files that anyone can read: weights and a description, no code.

    FAMILY.SIZE.safetensors   the weights by PyTorch's names, float32
                              (github.com/huggingface/safetensors)
    FAMILY.SIZE.json          {format: 1, kind, family, size, sampling_rate, architecture, study}

`kind` is "convolutional" for an `Autoencoder`, whose `architecture` holds the fields of an
`Architecture`, or "adaptive" for an `AdaptiveAutoencoder`, whose `architecture` holds those of an
`AdaptivePlan` (its `counts` are int64).
`study` holds what it was trained with. Reading either runs no code.
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
from pipeline.models.training import Trained
from pipeline.settings.schema import Plan

FORMAT = 1
KINDS: dict[str, type[Plan]] = {"convolutional": Architecture, "adaptive": AdaptivePlan}


@dataclass(frozen=True)
class Saved:
    """A model read from its files: `study` is as it was saved, weights are checked on use."""

    family: str
    sampling_rate: int
    architecture: Plan
    weights: dict[str, Tensor]
    study: dict[str, Any]

    def network(self) -> Model:
        """The network, ready to encode and decode."""
        return restore(self.architecture, self.weights)


def save(
    path: Path, family: str, trained: Trained, sampling_rate: int, study: dict[str, Any]
) -> None:
    """Write `path`.safetensors and `path`.json; the folder is made if need be.

    Args:
        path: FAMILY.SIZE in some folder, without ending.
        sampling_rate: of the clips that the model takes, in Hz.
        study: the settings it was trained with, as JSON values.
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


def load(path: Path) -> Saved:
    """Read a model from `path`.safetensors and `path`.json.

    Raises:
        StudyError: a file is missing or is not what `save` writes, or the weights are not
            those of the architecture.
    """
    try:
        described = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        weights = load_file(f"{path}.safetensors")
        if "bends" in weights:  # the name before 0.2
            weights["window_angles"] = weights.pop("bends")
    except (OSError, ValueError, SafetensorError) as error:
        raise StudyError(f"{path}: no model can be read there ({error})") from None
    if described.get("format") != FORMAT or described.get("kind") not in KINDS:
        raise StudyError(
            f"{path}.json: format {described.get('format')!r} of kind {described.get('kind')!r}; "
            f"this version reads format {FORMAT} of the kinds {', '.join(KINDS)}"
        )
    try:
        plan: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in described["architecture"].items()
        }
        saved = Saved(
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
        raise StudyError(f"{path}: weights and architecture do not hold: {reason}") from None
    return saved
