"""Exact tests and 95 % intervals of the answers."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc, betaincinv, stdtrit

CONFIDENCE = 0.95

RESAMPLES = 2000
"""Bootstrap resamples of the listeners."""


def guessing_p(correct: int, trials: int) -> float:
    """Probability of at least `correct` of `trials` answers by guessing: one-sided exact binomial
    test against 1/2."""
    return 1.0 if correct == 0 else float(bdtrc(correct - 1, trials, 0.5))


def least_significant(trials: int) -> int:
    """The fewest correct answers with `guessing_p` below 0.05."""
    return next(count for count in range(trials + 2) if guessing_p(count, trials) < 0.05)


def power(trials: int, share: float) -> float:
    """Probability of a significant result if answers are right with probability `share`."""
    return float(bdtrc(least_significant(trials) - 1, trials, share))


def share_interval(successes: int, trials: int) -> tuple[float, float]:
    """Exact interval of a proportion (Clopper and Pearson, "The use of confidence or fiducial
    limits illustrated in the case of the binomial", 1934).

    Args:
        trials: 1 or more.
    """
    tail, failures = (1 - CONFIDENCE) / 2, trials - successes
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return float(low), float(high)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """Interval of a mean score over listeners by Student's t distribution, within 0 to 100.

    Args:
        values: two or more.
    """
    count = len(values)
    mean, error = float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(count)
    reach = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * error
    return max(0.0, mean - reach), min(100.0, mean + reach)


def resampled_rows(count: int, seed: int) -> NDArray[np.int64]:
    """Rows of `RESAMPLES` bootstrap resamples of `count` listeners, shape (resamples, count)."""
    return np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))


def percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The central 95 % of bootstrapped values, NaN left aside."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
