"""Paired bootstrap over test clips, seeded.

Numbers measured on the test clips carry one value per clip, in the order of the data. Two of them
are therefore compared clip by clip: pairing cancels per-clip difficulty.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.results.schema import Number

RESAMPLES = 2000
SEED = 42
TAIL_FRACTION = 0.025
"""Fraction left out at each end of a 95 % interval."""

Means = NDArray[np.float64]


def paired_values(numbers: Sequence[Number]) -> NDArray[np.float64] | None:
    """Return per-clip values, shape (numbers, clips), of the clips that all numbers share.

    None if they share fewer than two, or if a number has no per-clip values.
    """
    if any(number.values is None for number in numbers) or len({_length(n) for n in numbers}) != 1:
        return None
    values = np.array([number.values for number in numbers], dtype=np.float64)  # None becomes NaN
    shared: NDArray[np.float64] = values[:, ~np.isnan(values).any(axis=0)]
    return shared if shared.shape[1] > 1 else None


def resampled_means(values: NDArray[np.float64]) -> Means:
    """Return the means, shape (numbers, `RESAMPLES`), of clips drawn with replacement.

    All numbers share the same draws. Source: B. Efron, "Bootstrap methods: another look at the
    jackknife", 1979.
    """
    means: Means = values @ _weights(values.shape[1])
    return means


def percentile_interval(resampled: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % percentile interval of resampled values."""
    low, high = np.quantile(resampled, [TAIL_FRACTION, 1 - TAIL_FRACTION])
    return float(low), float(high)


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of a mean over clips.

    Computed once per values: a report tests the same two numbers in many places.
    """
    return _mean_interval(values.astype(np.float64).tobytes())


@cache
def _mean_interval(values: bytes) -> tuple[float, float]:
    return percentile_interval(resampled_means(np.frombuffer(values)[np.newaxis]))


@cache
def _weights(clips: int) -> NDArray[np.float64]:
    """Weight of each clip in each resample, shape (clips, `RESAMPLES`)."""
    random = np.random.default_rng(SEED)
    counts = random.multinomial(clips, [1 / clips] * clips, size=RESAMPLES)
    weights: NDArray[np.float64] = counts.T / clips
    return weights


def _length(number: Number) -> int:
    return len(number.values or ())
