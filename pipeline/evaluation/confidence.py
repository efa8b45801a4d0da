"""95 % confidence intervals of a mean over clips and of a proportion."""

from math import sqrt

import numpy as np
from torch import Tensor

RESAMPLES = 2000
"""Bootstrap samples."""

NORMAL_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


def bootstrap_mean(values: Tensor, seed: int) -> tuple[float, float, float]:
    """Mean over clips and its 95 % bootstrap interval: (mean, low, high).

    Percentile bootstrap (Efron, "Bootstrap methods: another look at the jackknife", 1979): the
    2.5 % and 97.5 % points of the means of `RESAMPLES` resamples. The same seed gives the same
    interval.

    Args:
        values: one finite value per clip, shape (clips,).

    Raises:
        ValueError: there are no clips, or `values` is not 1-D.
    """
    clips = values.detach().cpu().double().numpy()
    if clips.ndim != 1 or not clips.size:
        raise ValueError(f"a mean over clips needs one value per clip, found shape {clips.shape}")
    drawn = np.random.default_rng(seed).integers(clips.size, size=(RESAMPLES, clips.size))
    low, high = np.quantile(clips[drawn].mean(axis=1), [0.025, 0.975])
    return float(clips.mean()), float(low), float(high)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """95 % interval of a proportion, (low, high) in [0, 1].

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Raises:
        ValueError: there are no trials, or `successes` is not in 0 to `trials`.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"no proportion of {successes} successes in {trials} trials")
    share, z2 = successes / trials, NORMAL_95**2
    centre = share + z2 / (2 * trials)
    reach = NORMAL_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    scale = 1 + z2 / trials
    # With no success or no failure an end is exactly 0 or 1; rounding may exceed it.
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)
