"""The parts of an adaptive latent vector add up for any clip length and size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.architecture.adaptive_plan import ATOM_SIZES, AdaptivePlan, fit_counts
from pipeline.architecture.layers import CLASSIC, CLASSIC_SAMPLES, ArchitectureError


@given(st.integers(1000, 2_000_000), st.floats(0, 1), st.lists(st.integers(0, 500), min_size=7))
def test_parts_add_up_to_the_latent_size(samples: int, share: float, wanted: list[int]) -> None:
    least = -(-max(20, -(-samples // 2048)) * 100 // 6)
    numbers = least + round(share * (int(0.75 * samples) - least))
    plan = AdaptivePlan(samples, numbers) if numbers >= least else None
    if plan is None or not sum(wanted[:7]):
        return
    counts = fit_counts([float(count) for count in wanted[:7]], plan.atom_budget)
    assert min(counts) >= 0
    parts = plan.parts(counts)
    assert sum(number for _, number in parts) == numbers == plan.latent
    assert parts[0] == ("splits", plan.superframes)
    assert parts[1][1] <= 0.06 * numbers


@pytest.mark.parametrize("numbers", CLASSIC)
def test_classic_sizes_are_valid(numbers: int) -> None:
    assert AdaptivePlan(CLASSIC_SAMPLES, numbers).latent == numbers


def test_counts_keep_their_proportions() -> None:
    wanted = [100.0, 50, 20, 10, 5, 2, 1]
    cost = sum(count * (size + 1) for count, size in zip(wanted, ATOM_SIZES, strict=True))
    counts = fit_counts(wanted, int(10 * cost) + 1)
    assert sum(c * (size + 1) for c, size in zip(counts, ATOM_SIZES, strict=True)) == 10 * cost + 1
    assert counts[1:] == pytest.approx([500, 200, 100, 50, 20, 10], abs=2)


@pytest.mark.parametrize(
    ("samples", "numbers", "message"),
    [
        (110_250, 899, "valid sizes are 900 to 82687"),
        (110_250, 82_688, "82688 is not an adaptive size for 110250-sample clips"),
        (2**24 + 1, 9184, "at most 16777216 samples; these have 16777217"),
    ],
)
def test_invalid_sizes_are_rejected_with_the_limits(
    samples: int, numbers: int, message: str
) -> None:
    with pytest.raises(ArchitectureError, match=message):
        AdaptivePlan(samples, numbers)
