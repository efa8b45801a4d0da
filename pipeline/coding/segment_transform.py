"""From samples to the integers of a segment, and from its integers to coefficients."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.coding.integer_log import LOG_UNIT
from pipeline.coding.quantisation import (
    LEVEL_STEP,
    SHAPING,
    Segment,
    dequantise,
    quantise,
    shape_steps,
    steps,
)
from pipeline.models.adaptive.noise_envelope import NoiseEnvelope

LEVELS_PER_OCTAVE = LOG_UNIT // LEVEL_STEP


@torch.no_grad()
def quantise_segment(
    coefficients: Tensor, splits: NDArray[np.int64], base: int, envelope: NoiseEnvelope
) -> Segment:
    """Quantise the coefficients (superframes, 2048) of a segment.

    Args:
        splits: (superframes,).
        base: step size before shaping, in 1/32 of a factor of two.
    """
    band_levels, gains = shape_steps(coefficients, envelope.bands)
    values = quantise(coefficients, steps(base, SHAPING, band_levels, gains))
    levels = envelope.encode_levels(
        coefficients[None], torch.from_numpy(values != 0)[None], torch.from_numpy(splits)[None]
    )
    rounded = (LEVELS_PER_OCTAVE * levels[0]).round().long().numpy()
    return Segment(splits, rounded, SHAPING, base, band_levels, gains, values)


def restore_coefficients(segment: Segment, envelope: NoiseEnvelope) -> Tensor:
    """Coefficients (superframes, 2048) of a segment, with noise in place of zeros."""
    step = steps(segment.base, segment.shaping, segment.band_levels, segment.gains)
    return envelope.fill_noise(
        dequantise(segment.values, step)[None],
        torch.from_numpy(segment.values != 0)[None],
        torch.from_numpy(segment.splits)[None],
        torch.from_numpy(segment.levels)[None] / LEVELS_PER_OCTAVE,
    )[0]
