import numpy as np
import pytest
import torch
from scipy import stats

from pipeline.evaluation.confidence import bootstrap_mean, wilson_interval


def test_interval_of_a_mean_is_close_to_the_normal_one() -> None:
    values = torch.from_numpy(np.random.default_rng(0).normal(3.0, 2.0, 400))
    mean, low, high = bootstrap_mean(values, seed=1)
    assert mean == pytest.approx(values.mean().item())
    expected = stats.norm.interval(0.95, mean, values.std().item() / 20)
    assert (low, high) == pytest.approx(expected, abs=0.04)


def test_interval_matches_scipy_on_skewed_values() -> None:
    values = np.random.default_rng(2).exponential(size=60)
    other = stats.bootstrap(
        (values,), np.mean, n_resamples=20000, method="percentile", rng=3
    ).confidence_interval
    _, low, high = bootstrap_mean(torch.from_numpy(values), seed=4)
    assert (low, high) == pytest.approx((other.low, other.high), abs=0.03)


def test_interval_is_deterministic_by_seed() -> None:
    values = torch.arange(20.0)
    assert bootstrap_mean(values, seed=5) == bootstrap_mean(values, seed=5)
    assert bootstrap_mean(values, seed=5) != bootstrap_mean(values, seed=6)


def test_single_clip() -> None:
    assert bootstrap_mean(torch.tensor([2.5]), seed=0) == (2.5, 2.5, 2.5)


def test_no_clips_are_rejected() -> None:
    with pytest.raises(ValueError, match="one value per clip"):
        bootstrap_mean(torch.zeros(0), seed=0)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 7), (16, 100), (10, 10)])
def test_wilson_interval_matches_scipy(successes: int, trials: int) -> None:
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 4)])
def test_invalid_counts_are_rejected(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, trials)
