"""The context network: probabilities of the next magnitude, in integer arithmetic throughout.

It sees integers about what is already decoded.

Floating-point networks give different probabilities on different machines, and a file coded with
one could not be decoded with another (Ballé, Johnston and Minnen 2019, "Integer networks for data
compression with latent-variable models"). Weights are int8, activations at most 16 bits, sums
below 2^31.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.coding.integer_log import EXP_BITS, EXP_TABLE, EXP_UNIT
from pipeline.coding.range_coder import TOTAL_BITS

INPUTS, HIDDEN, SYMBOLS = 22, 40, 16
"""Sizes of the layers; there are two hidden ones."""

ESCAPE = SYMBOLS - 1
"""Symbol of magnitudes from `ESCAPE` on, followed by an Exp-Golomb code of the rest."""

MAX_ACTIVATION = (1 << 15) - 1

_SPREAD = (1 << TOTAL_BITS) - SYMBOLS
"""Every symbol has a frequency of at least 1; the rest is shared out."""


@dataclass(frozen=True)
class ContextNetwork:
    """Three layers y = (W x + b) >> shift, the first two followed by a ReLU.

    Attributes:
        weights: int8, (HIDDEN, INPUTS), (HIDDEN, HIDDEN) and (SYMBOLS, HIDDEN).
        biases: int32, in units of the sums.
        shifts: (3,); the last layer gives logits in units of 1 / EXP_UNIT of a factor of two.
    """

    weights: tuple[NDArray[np.int8], ...]
    biases: tuple[NDArray[np.int32], ...]
    shifts: NDArray[np.int64]

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """What `frequencies` takes: weights with one row per input, and biases."""
        found: list[NDArray[Any]] = []
        for weight, bias in zip(self.weights, self.biases, strict=True):
            found += [np.ascontiguousarray(weight.T.astype(np.int32)), bias.astype(np.int32)]
        return (*found, self.shifts)


@njit(cache=True, boundscheck=False)
def frequencies(
    inputs: NDArray[np.int32],
    w1: NDArray[np.int32],
    b1: NDArray[np.int32],
    w2: NDArray[np.int32],
    b2: NDArray[np.int32],
    w3: NDArray[np.int32],
    b3: NDArray[np.int32],
    shifts: NDArray[np.int64],
    out: NDArray[np.int32],
) -> None:
    """Frequencies of the symbols, which add up to 2^16, into `out` (SYMBOLS,)."""
    first = b1.copy()
    for i in range(INPUTS):
        x = inputs[i]
        if x != 0:
            for j in range(HIDDEN):
                first[j] += x * w1[i, j]
    second = b2.copy()
    for i in range(HIDDEN):
        x = min(max(first[i] >> shifts[0], 0), MAX_ACTIVATION)
        if x != 0:
            for j in range(HIDDEN):
                second[j] += np.int32(x) * w2[i, j]
    third = b3.copy()
    for i in range(HIDDEN):
        x = min(max(second[i] >> shifts[1], 0), MAX_ACTIVATION)
        if x != 0:
            for j in range(SYMBOLS):
                third[j] += np.int32(x) * w3[i, j]
    best = third[0]
    for j in range(1, SYMBOLS):
        best = max(best, third[j])
    total = 0
    for j in range(SYMBOLS):
        below = (best - third[j]) >> shifts[2]
        whole = below // EXP_UNIT
        power = EXP_TABLE[below % EXP_UNIT] >> whole if whole <= EXP_BITS else 0
        out[j] = power
        total += power
    left, largest = _SPREAD, 0
    for j in range(SYMBOLS):
        share = _SPREAD * out[j] // total
        out[j] = 1 + share
        left -= share
        if out[j] > out[largest]:
            largest = j
    out[largest] += left
