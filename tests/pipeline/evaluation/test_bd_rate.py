"""Bjøntegaard's difference of rates."""

import pytest

from pipeline.evaluation.bd_rate import bd_rate

RATES, QUALITY = [8, 16, 32, 64], [10.0, 15.0, 19.0, 22.0]


def test_half_the_rate_at_every_quality_is_minus_a_half() -> None:
    halves = [rate / 2 for rate in RATES]
    assert bd_rate(halves, QUALITY, RATES, QUALITY) == pytest.approx(-0.5)
    assert bd_rate(RATES, QUALITY, halves, QUALITY) == pytest.approx(1.0)


def test_curves_are_compared_over_the_quality_that_both_reach() -> None:
    higher = [value + 6 for value in QUALITY]
    found = bd_rate(RATES, higher, RATES, QUALITY)
    assert found is not None
    assert found < -0.5
    assert bd_rate(RATES, [value + 50 for value in QUALITY], RATES, QUALITY) is None


def test_points_that_do_not_rise_are_left_out() -> None:
    assert bd_rate([8, 16, 20, 32, 64], [10, 15, 14, 19, 22], RATES, QUALITY) == pytest.approx(0)
