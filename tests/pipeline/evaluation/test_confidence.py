import numpy as np
import pytest
import torch
from scipy import stats

from pipeline.evaluation.confidence import summary, wilson


def test_the_interval_of_a_mean_is_near_that_of_the_normal_distribution() -> None:
    values = torch.from_numpy(np.random.default_rng(0).normal(3.0, 2.0, 400))
    mean, low, high = summary(values, seed=1)
    assert mean == pytest.approx(values.mean().item())
    expected = stats.norm.interval(0.95, mean, values.std().item() / 20)
    assert (low, high) == pytest.approx(expected, abs=0.04)


def test_the_interval_agrees_with_scipy_on_skewed_values() -> None:
    values = np.random.default_rng(2).exponential(size=60)
    other = stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="percentile", rng=3
    ).confidence_interval
    _, low, high = summary(torch.from_numpy(values), seed=4)
    assert (low, high) == pytest.approx((other.low, other.high), abs=0.03)


def test_a_seed_fixes_the_interval() -> None:
    values = torch.arange(20.0)
    assert summary(values, seed=5) == summary(values, seed=5)
    assert summary(values, seed=5) != summary(values, seed=6)


def test_one_clip_has_an_interval_of_no_width() -> None:
    assert summary(torch.tensor([2.5]), seed=0) == (2.5, 2.5, 2.5)


def test_no_clip_has_no_mean() -> None:
    with pytest.raises(ValueError, match="one value a clip"):
        summary(torch.zeros(0), seed=0)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 7), (16, 100), (10, 10)])
def test_the_interval_of_a_share_agrees_with_scipy(successes: int, trials: int) -> None:
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 4)])
def test_an_impossible_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)
