"""The classic network of 18376 numbers and the variants of it that experiments train.

Each variant changes one thing. Layers are for clips of `CLASSIC_SAMPLES`; with the total stride of
48 that all share, they fit crops of 48 m + 42 samples too.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.architecture.layers import CLASSIC_SAMPLES, Architecture, classic

SIZE = 18376
"""Latent size of the network that is varied."""

GAPPED = 9184
"""Latent size whose decoder leaves gaps, because a kernel is shorter than its stride."""

CROP = 4410
"""Samples of a training crop, a fifth of a second."""

BASE = "base"

EPOCHS = (10, 20, 40, 80)
"""Numbers of epochs after which the base is measured, in one training."""

BASE_EPOCHS = 20
"""Epochs of the base to which variants, trained for as many, are compared."""


@dataclass(frozen=True)
class Variant:
    """A network, how it is trained, and the group of experiments that it belongs to.

    Args:
        against: the variant that it differs from by one change.
        activation: after every layer but the last.
        bounded: tanh after the last layer too.
        batch: crops per optimiser step.
    """

    name: str
    group: Literal["base", "activation", "shape", "kernel", "gap", "batch"]
    architecture: Architecture
    against: str = BASE
    activation: Literal["tanh", "relu", "gelu", "none"] = "tanh"
    bounded: bool = False
    batch: int = 20


def variants() -> list[Variant]:
    """Every variant, in the order of the report; the first is the base."""
    base = classic(SIZE)
    return [
        Variant(BASE, "base", base),
        Variant("relu", "activation", base, activation="relu"),
        Variant("gelu", "activation", base, activation="gelu"),
        Variant("linear", "activation", base, activation="none"),
        Variant("bounded", "activation", base, bounded=True),
        Variant("expand", "shape", _layers((4, 8, 8), (6, 5, 21), (2, 2, 12), (0, 1, 6))),
        Variant("wide", "shape", _layers((24, 16, 8), base.kernels, base.strides, base.paddings)),
        *(Variant(f"kernel_{times}", "kernel", _with_kernels(base, times)) for times in (1, 2, 4)),
        Variant("18376_mended", "gap", mended(base)),
        Variant("9184", "gap", classic(GAPPED)),
        Variant("9184_mended", "gap", mended(classic(GAPPED)), "9184"),
        Variant("batch_5", "batch", base, batch=5),
        Variant("batch_80", "batch", base, batch=80),
    ]


def mended(architecture: Architecture) -> Architecture:
    """The same with no kernel shorter than its stride: kernel + 2 and padding + 1 until it is not,
    which changes no length."""
    more = [
        max(0, -(-(stride - kernel) // 2))
        for kernel, stride in zip(architecture.kernels, architecture.strides, strict=True)
    ]
    kernels = tuple(k + 2 * m for k, m in zip(architecture.kernels, more, strict=True))
    paddings = tuple(p + m for p, m in zip(architecture.paddings, more, strict=True))
    return _layers(architecture.channels, kernels, architecture.strides, paddings)


def _with_kernels(base: Architecture, times: int) -> Architecture:
    """The base with kernels of so many times their strides."""
    kernels = tuple(times * stride for stride in base.strides)
    # Kernel - 2 padding = 6, 2 and 2 gives exactly CLASSIC_SAMPLES with these strides.
    paddings = tuple((k - e) // 2 for k, e in zip(kernels, (6, 2, 2), strict=True))
    return _layers(base.channels, kernels, base.strides, paddings)


def _layers(*lists: tuple[int, ...]) -> Architecture:
    """Channels, kernels, strides and paddings, for the classic clips."""
    return Architecture(CLASSIC_SAMPLES, *lists)
