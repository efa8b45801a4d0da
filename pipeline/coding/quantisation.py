"""Quantise the coefficients of a segment: step sizes, dead zone, noise levels.

Levels and steps are integers in units of 1/32 of a factor of two (`LOG_UNIT`), so that whatever
depends on them is the same on every machine.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.adaptive_plan import BLOCK_SPLITS
from pipeline.coding.coefficient_coder import MAX_MAGNITUDE
from pipeline.coding.integer_log import LOG_UNIT
from pipeline.models.adaptive.noise_envelope import CELL_SIZE, CELLS, band_edges
from pipeline.models.adaptive.switched_mdct import HARMONICS, analyse_uniform

LEVEL_STEP = 8
"""Noise levels are coded in steps of 8/32 of a factor of two, 1.5 dB."""

BAND_STEP = 16
"""Band levels and gains, which shape the steps, are coded in steps of half a factor of two."""

BANDS, SUPERFRAMES_PER_ROW = 20, 1
"""Of the noise levels and of the shaping."""

SHAPING = 5
"""Power of the band levels in the steps, in sixteenths, that the encoder uses: more in loud bands,
where it is masked."""

SINE = torch.zeros(BLOCK_SPLITS, HARMONICS)
"""Window angles of the sine window; trained ones save less than 1 % of the bits."""

DEAD_ZONE = 0.62
"""Coefficients below this fraction of a step become zero."""

ROUNDING = 0.44
"""Larger ones are divided by the step and rounded down after this is added."""

ONE_RESTORED = 0.98
"""Restored magnitude of a coefficient of magnitude 1, in steps."""


@dataclass
class Segment:
    """What is coded of some superframes: all of it integers.

    Attributes:
        splits: (superframes,), 0 to 4.
        levels: noise, (rows, bands), in units of LEVEL_STEP.
        shaping: the power of the band levels in the steps, in sixteenths.
        base: step size before shaping, in 1/32 of a factor of two.
        band_levels: (bands,), and gains: (superframes,), in units of BAND_STEP.
        values: (superframes, 2048).
    """

    splits: NDArray[np.int64]
    levels: NDArray[np.int64]
    shaping: int
    base: int
    band_levels: NDArray[np.int64]
    gains: NDArray[np.int64]
    values: NDArray[np.int32]


def steps(
    base: int, shaping: int, band_levels: NDArray[np.int64], gains: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Step size of every cell, (superframes, 128), in 1/32 of a factor of two."""
    shape = shaping * BAND_STEP * (band_levels[_band_of_cell(len(band_levels))] + gains[:, None])
    return (base + (shape >> 4)).astype(np.int32)


def noise_of_cells(
    levels: NDArray[np.int64], superframes: int, superframes_per_row: int
) -> NDArray[np.int32]:
    """Noise level of every cell, (superframes, 128), in 1/32 of a factor of two."""
    rows = np.arange(superframes) // superframes_per_row
    return (LEVEL_STEP * levels[rows][:, _band_of_cell(levels.shape[1])]).astype(np.int32)


def ends_of(values: NDArray[np.int32]) -> NDArray[np.int64]:
    """Cells of each superframe up to the last that is not zero."""
    cells = (values != 0).reshape(len(values), CELLS, CELL_SIZE).any(axis=2)
    return np.where(cells.any(axis=1), CELLS - cells[:, ::-1].argmax(axis=1), 0).astype(np.int64)


def select_splits(padded: Tensor, base: int) -> NDArray[np.int64]:
    """The split of each superframe with the fewest bits, by log2(1 + (c / step)²): (superframes,).

    Neighbours are assumed to have the same split.

    Args:
        padded: (1, 2048 · superframes).
        base: step size before shaping, in 1/32 of a factor of two.
    """
    uniform = [analyse_uniform(padded, split, SINE)[0] for split in range(BLOCK_SPLITS)]
    size = _sizes(steps(base, SHAPING, *shape_steps(uniform[0], BANDS)))
    costs = [(1 + (coefficients / size).square()).log2().sum(dim=1) for coefficients in uniform]
    return torch.stack(costs).argmin(dim=0).numpy()


def shape_steps(coefficients: Tensor, bands: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Band levels (bands,) and gains (superframes,) of coefficients (superframes, 2048)."""
    energy = coefficients.square().unflatten(1, (CELLS, CELL_SIZE)).mean(dim=2)
    edges = band_edges(bands)
    widths = [high - low for low, high in itertools.pairwise(edges)]
    parts = torch.stack([part.mean(dim=1) for part in energy.split(widths, dim=1)], dim=1)
    unit = LOG_UNIT / BAND_STEP / 2
    levels = ((parts.mean(dim=0) + 1e-10).log2() * unit).round()
    relative = parts / torch.exp2(levels / unit) + 1e-9
    gains = (relative.log2().mean(dim=1) * unit).round().clamp(-12, 12)
    return levels.long().numpy(), gains.long().numpy()


def quantise(coefficients: Tensor, step: NDArray[np.int32]) -> NDArray[np.int32]:
    """Integers (superframes, 2048) for coefficients and step sizes per cell."""
    ratio = coefficients / _sizes(step)
    magnitude = (ratio.abs() + ROUNDING).floor().clamp(max=MAX_MAGNITUDE)
    magnitude = torch.where(ratio.abs() < DEAD_ZONE, 0.0, magnitude)
    return (magnitude * ratio.sign()).int().numpy()


def dequantise(values: NDArray[np.int32], step: NDArray[np.int32]) -> Tensor:
    """Coefficients (superframes, 2048) of integers and step sizes per cell."""
    magnitude = np.where(np.abs(values) == 1, ONE_RESTORED, np.abs(values))
    return torch.from_numpy((np.sign(values) * magnitude).astype(np.float32)) * _sizes(step)


def _sizes(step: NDArray[np.int32]) -> Tensor:
    """Step of every coefficient, (superframes, 2048)."""
    size = torch.from_numpy(np.exp2(step.clip(-2048, 2048) / LOG_UNIT).astype(np.float32))
    return size.repeat_interleave(CELL_SIZE, dim=1)


def _band_of_cell(bands: int) -> NDArray[np.int64]:
    return np.searchsorted(band_edges(bands)[1:], np.arange(CELLS), side="right")
