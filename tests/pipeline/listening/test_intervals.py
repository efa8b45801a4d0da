"""Tests and intervals agree with SciPy's own, and cover what they promise."""

import numpy as np
import pytest
from scipy import stats

from pipeline.listening.intervals import (
    guessing_p,
    least_significant,
    mean_interval,
    power,
    share_interval,
)


@pytest.mark.parametrize(("correct", "trials"), [(0, 10), (12, 16), (9, 10), (150, 160), (16, 16)])
def test_they_agree_with_scipy(correct: int, trials: int) -> None:
    expected = stats.binomtest(correct, trials, 0.5, alternative="greater")
    assert guessing_p(correct, trials) == pytest.approx(expected.pvalue)
    ends = stats.binomtest(correct, trials).proportion_ci(method="exact")
    assert share_interval(correct, trials) == pytest.approx((ends.low, ends.high))


def test_the_mean_has_students_interval() -> None:
    scores = [61.0, 70.0, 75.0, 58.0, 80.0]
    expected = stats.t.interval(0.95, 4, np.mean(scores), stats.sem(scores))
    assert mean_interval(scores) == pytest.approx(expected)
    assert mean_interval([99.0, 90.0])[1] == 100


def test_thirty_trials_reveal_whoever_is_right_three_times_of_four() -> None:
    assert least_significant(30) == 20
    assert power(30, 0.75) == pytest.approx(0.894, abs=0.001)
    assert power(30, 0.5) < 0.05
