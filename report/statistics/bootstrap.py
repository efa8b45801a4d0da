"""How much a comparison over clips could change with other clips: paired bootstrap, seeded.

Every number over the test clips carries one value a clip, in one order, so two of them can be
compared clip by clip: what a clip has of easy or hard falls out of the difference.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from report.results import Number

RESAMPLES = 2000
SEED = 42
TAIL = 0.025
"""What each end of a 95 % interval leaves out."""

Means = NDArray[np.float64]


def paired(numbers: Sequence[Number]) -> NDArray[np.float64] | None:
    """Values (numbers, clips) of the clips that all of them have; None where fewer than two."""
    if any(number.values is None for number in numbers) or len({_length(n) for n in numbers}) != 1:
        return None
    values = np.array([number.values for number in numbers], dtype=np.float64)  # None is NaN
    shared: NDArray[np.float64] = values[:, ~np.isnan(values).any(axis=0)]
    return shared if shared.shape[1] > 1 else None


def resampled(values: NDArray[np.float64]) -> Means:
    """Means (numbers, `RESAMPLES`) of clips drawn with replacement, the same for all numbers.

    Source: B. Efron, "Bootstrap methods: another look at the jackknife", 1979.
    """
    means: Means = values @ _weights(values.shape[1])
    return means


def interval(drawn: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % percentile interval of resampled values."""
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    return float(low), float(high)


@cache
def _weights(clips: int) -> NDArray[np.float64]:
    """How much each clip counts in each draw: (clips, `RESAMPLES`)."""
    random = np.random.default_rng(SEED)
    counts = random.multinomial(clips, [1 / clips] * clips, size=RESAMPLES)
    weights: NDArray[np.float64] = counts.T / clips
    return weights


def _length(number: Number) -> int:
    return len(number.values or ())
