"""How sure a number is: intervals for a mean over clips and for a share of clips."""

from math import sqrt

import numpy as np
from torch import Tensor

RESAMPLES = 2000
NORMAL_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


def summary(values: Tensor, seed: int) -> tuple[float, float, float]:
    """Mean over clips with the ends of its 95 % bootstrap interval: (mean, low, high).

    `values` has shape (clips,), one finite value a clip. Percentile bootstrap (Efron, "Bootstrap
    methods: another look at the jackknife", 1979): the 2.5 % and 97.5 % points of the means
    of `RESAMPLES` samples of as many clips, drawn with replacement. The same seed gives the
    same interval. A ValueError is raised where there is no clip.
    """
    clips = values.detach().cpu().double().numpy()
    if clips.ndim != 1 or not clips.size:
        raise ValueError(f"a mean over clips needs one value a clip, here shape {clips.shape}")
    drawn = np.random.default_rng(seed).integers(clips.size, size=(RESAMPLES, clips.size))
    low, high = np.quantile(clips[drawn].mean(axis=1), [0.025, 0.975])
    return float(clips.mean()), float(low), float(high)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share, (low, high) in [0, 1].

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927. A
    ValueError is raised where there is no trial, or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"no share can be made of {successes} successes in {trials} trials")
    share, z2 = successes / trials, NORMAL_95**2
    centre = share + z2 / (2 * trials)
    reach = NORMAL_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    scale = 1 + z2 / trials
    # At no success and at no failure the ends are 0 and 1 exactly; rounding may pass them.
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)
