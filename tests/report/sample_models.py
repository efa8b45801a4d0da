"""The models of the sample folders: layers or latent layout, and losses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from pipeline.results.model_schema import Epoch, Layer, Model, Part
from tests.report.sample_sound import RATE, SAMPLES

Layers = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Channels, kernels, strides and paddings of an encoder."""

CLASSIC: dict[int, Layers] = {
    55112: ((4, 6, 8), (10, 5, 3), (4, 2, 2), (0, 0, 0)),
    32151: ((3, 6, 7), (6, 4, 3), (4, 3, 2), (0, 0, 0)),
    24496: ((4, 6, 8), (12, 5, 2), (6, 3, 2), (0, 0, 0)),
    18376: ((10, 6, 8), (20, 5, 1), (12, 2, 2), (1, 1, 0)),
    9184: ((4, 4, 4), (6, 4, 4), (4, 6, 2), (0, 0, 0)),
}
ADAPTIVE: dict[int, Layers | None] = dict.fromkeys([*CLASSIC, 3446, 1723])
"""The sizes of a family without a chain of layers, which has a latent layout instead."""


def model(
    family: str, size: int, layers: Layers | None, losses: list[tuple[float, float]]
) -> Model:
    """A model; the best epoch is that of the least validation loss."""
    return Model(
        family=family,
        size=size,
        **(_chain(size, layers) if layers else _layout(size)),
        file=f"models/{family}.{size}",
        epochs=[Epoch(training_rmse=t, validation_rmse=v) for t, v in losses],
        best_epoch=1 + min(range(len(losses)), key=lambda epoch: losses[epoch][1]),
        device="cpu",
    )


def losses(size: int, epochs: int, failed: bool) -> list[tuple[float, float]]:
    """Training and validation loss of each epoch; those of a failed model hardly fall."""
    random = np.random.default_rng(size)
    floor = 0.012 + 0.07 * (1 - size / SAMPLES) ** 2
    fall = 0.0 if failed else 0.9
    curve = floor + (0.14 - floor) * ((1 - fall) + fall * np.exp(-np.arange(1, epochs + 1) / 5))
    validation = curve * (1 + 0.02 * random.standard_normal(epochs))
    return [(float(t), float(v)) for t, v in zip(0.98 * curve, validation, strict=True)]


def _layout(size: int) -> dict[str, Any]:
    parts = {"splits": 54, "levels": 20 * min(54, size // 400)}
    left = size - sum(parts.values())
    for grain in (1, 4, 16):
        atoms = left // 4 // (1 + grain) if grain < 16 else 0
        parts |= {f"places.{grain}": atoms, f"values.{grain}": atoms * grain}
    parts["values.1"] += size - sum(parts.values())
    return {
        "parameters": 400_000,
        "grid": None,
        "layers": [],
        "layout": [Part(name=name, numbers=numbers) for name, numbers in parts.items()],
    }


def _chain(size: int, layers: Layers) -> dict[str, Any]:
    encoder: list[Layer] = []
    decoder: list[Layer] = []
    channels, length = 1, SAMPLES
    for outputs, kernel, stride, padding in zip(*layers, strict=True):
        after = (length + 2 * padding - kernel) // stride + 1
        shape = {"kernel": kernel, "stride": stride, "padding": padding}
        encoder.append(
            Layer(
                kind="Conv1d", inputs=channels, outputs=outputs, length_in=length,
                length_out=after, **shape,
            )
        )  # fmt: skip
        decoder.insert(
            0,
            Layer(
                kind="ConvTranspose1d", inputs=outputs, outputs=channels, length_in=after,
                length_out=length, **shape,
            ),
        )  # fmt: skip
        channels, length = outputs, after
    assert channels * length == size, f"these layers give {channels * length}, not {size}"
    parameters = sum(
        layer.inputs * layer.outputs * layer.kernel + layer.outputs for layer in encoder + decoder
    )
    return {"parameters": parameters, "grid": (channels, length), "layers": encoder + decoder}


def save(path: Path, trained: Model, layers: Layers | None) -> None:
    """A network with weights at random, as `pipeline.models.model_file` writes a trained one."""
    path.parent.mkdir(exist_ok=True)
    random = np.random.default_rng(trained.size)
    weights = {}
    for place, layer in enumerate(trained.layers):
        ends = (layer.outputs, layer.inputs)
        part, depth = ("encoder", place) if layer.kind == "Conv1d" else (
            "decoder", place - len(trained.layers) // 2
        )  # fmt: skip
        shape = (*(ends if part == "encoder" else ends[::-1]), layer.kernel)
        scale = 1 / np.sqrt(layer.inputs * layer.kernel)
        for name, values in (
            ("weight", random.standard_normal(shape)), ("bias", random.standard_normal(ends[0]))
        ):  # fmt: skip
            weights[f"{part}.{2 * depth}.{name}"] = (scale * values).astype(np.float32)
    save_file(weights or {"window_angles": np.zeros((5, 4), np.float32)}, f"{path}.safetensors")
    names = ("channels", "kernels", "strides", "paddings")
    architecture: dict[str, Any] = {"samples": SAMPLES}
    architecture |= dict(zip(names, layers, strict=True)) if layers else {"numbers": trained.size}
    described = {
        "format": 1, "kind": "convolutional" if layers else "adaptive", "family": trained.family,
        "size": trained.size, "sampling_rate": RATE, "study": {"seed": 42},
        "architecture": architecture,
    }  # fmt: skip
    Path(f"{path}.json").write_text(json.dumps(described), encoding="utf-8")
