"""What coder and decoder share, as a file: integer tables and weights, and the noise restorer.

    network.{w1,w2,w3}    int8     weights of the context network, one row per output
    network.{b1,b2,b3}    int32    biases
    network.shifts        int64    (3,)
    table.KIND            int32    frequencies of the side information, see `segment_coder.TABLES`
    restorer.…            float32  `NoiseEnvelope.restorer`, under PyTorch's names

All in one safetensors file (github.com/huggingface/safetensors). Files may come from strangers:
loading runs no code and checks every tensor.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from pipeline.coding.context_network import HIDDEN, INPUTS, SYMBOLS, ContextNetwork
from pipeline.coding.model_digest import model_digest
from pipeline.coding.quantisation import BANDS, SUPERFRAMES_PER_ROW
from pipeline.coding.range_coder import TOTAL_BITS
from pipeline.coding.segment_coder import TABLES, SegmentModel
from pipeline.errors import StudyError, shorten
from pipeline.models.adaptive.noise_envelope import NoiseEnvelope

DEFAULT_MODEL = Path(__file__).with_name("default_model.safetensors")
"""Trained by `pipeline.coding.train_default`."""

MAX_FILE_BYTES = 1 << 20

MAX_SHIFT = 30


@dataclass(frozen=True)
class CodingModel:
    """A trained model.

    Attributes:
        coder: all that decides which bits are written.
        envelope: computes noise levels and restores magnitudes; of its networks only the restorer
            is trained.
    """

    coder: SegmentModel
    envelope: NoiseEnvelope

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """What the file holds, by name."""
        network = self.coder.network
        found: dict[str, NDArray[np.generic]] = {"network.shifts": network.shifts}
        pairs = zip(network.weights, network.biases, strict=True)
        for layer, (weights, biases) in enumerate(pairs, start=1):
            found |= {f"network.w{layer}": weights, f"network.b{layer}": biases}
        found |= {f"table.{kind}": table for kind, table in self.coder.tables.items()}
        restorer = self.envelope.restorer.state_dict()
        return found | {f"restorer.{name}": value.numpy() for name, value in restorer.items()}


def model_id(model: CodingModel) -> bytes:
    """The id by which files name the model that decodes them."""
    return model_digest(model.tensors())


def save_model(path: Path, model: CodingModel) -> None:
    """Write a model to one file, creating the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: np.ascontiguousarray(value) for name, value in model.tensors().items()}
    path.write_bytes(save(tensors, metadata={"id": model_id(model).hex()}))


def load_model(path: Path) -> CodingModel:
    """Read a model.

    Raises:
        StudyError: the file is missing, or is not a coding model.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"longer than {MAX_FILE_BYTES} bytes")
        return _from_tensors(load(content))
    except (OSError, ValueError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise StudyError(
            f"{path}: cannot load the coding model: {reason}; name a file coding.safetensors of "
            "a study's results/models"
        ) from None


@cache
def default_model() -> CodingModel:
    """The model that travels with the package."""
    return load_model(DEFAULT_MODEL)


def _from_tensors(tensors: dict[str, NDArray[np.generic]]) -> CodingModel:
    """Check all tensors and put them together; raises ValueError."""
    envelope = NoiseEnvelope(BANDS, SUPERFRAMES_PER_ROW).requires_grad_(False)
    expected: dict[str, tuple[type, tuple[int, ...]]] = {"network.shifts": (np.int64, (3,))}
    sizes = (INPUTS, HIDDEN, HIDDEN, SYMBOLS)
    for layer in (1, 2, 3):
        expected[f"network.w{layer}"] = (np.int8, (sizes[layer], sizes[layer - 1]))
        expected[f"network.b{layer}"] = (np.int32, (sizes[layer],))
    expected |= {f"table.{kind}": (np.int32, (size,)) for kind, size in TABLES.items()}
    restorer = envelope.restorer.state_dict()
    expected |= {
        f"restorer.{name}": (np.float32, tuple(value.shape)) for name, value in restorer.items()
    }
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in expected:
            raise ValueError(f"unexpected tensor {shorten(name)}")
        dtype, shape = expected[name]
        if name not in tensors or tensors[name].dtype != dtype or tensors[name].shape != shape:
            raise ValueError(f"{name} is not {np.dtype(dtype).name} of shape {shape}")
    shifts = tensors["network.shifts"].astype(np.int64)
    if shifts.min() < 0 or shifts.max() > MAX_SHIFT:
        raise ValueError(f"network.shifts are not between 0 and {MAX_SHIFT}")
    tables = {kind: tensors[f"table.{kind}"].astype(np.int32) for kind in TABLES}
    for kind, table in tables.items():
        rows = table.reshape(5 if kind == "split" else 1, -1)
        if table.min() < 1 or (rows.sum(axis=1, dtype=np.int64) != 1 << TOTAL_BITS).any():
            raise ValueError(f"table.{kind} is not positive or does not add up to 2^{TOTAL_BITS}")
    weights = {name: torch.from_numpy(tensors[f"restorer.{name}"]) for name in restorer}
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError("the restorer holds NaN or infinity")
    envelope.restorer.load_state_dict(weights)
    network = ContextNetwork(
        tuple(tensors[f"network.w{layer}"].astype(np.int8) for layer in (1, 2, 3)),
        tuple(tensors[f"network.b{layer}"].astype(np.int32) for layer in (1, 2, 3)),
        shifts,
    )
    coder = SegmentModel(network, tables, BANDS, SUPERFRAMES_PER_ROW)
    return CodingModel(coder, envelope)
