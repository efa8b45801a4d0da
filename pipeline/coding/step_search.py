"""Find the step size that gives a number of bytes."""

from collections.abc import Callable
from math import log

MIN_BASE, MAX_BASE = -640, 320
"""Bases that the encoder uses, in 1/32 of a factor of two: steps far below 16-bit rounding to far
above full scale."""

FIRST_BASE = -96

SIZE_PER_UNIT = -0.023
"""First guess of the change of the logarithm of the size per unit of the base."""

TOLERANCE = 0.008
"""Relative error of the size that ends the search; a unit of the base changes it by 0.02."""

MAX_TRIALS = 8


def find_base(
    size: Callable[[int], int], target: float, known: dict[int, int] | None = None
) -> int:
    """The base whose size is nearest to a target, by regula falsi on the size's logarithm.

    Args:
        size: bytes for a base; decreases about exponentially.
        target: in bytes.
        known: sizes by base, from searches for other targets; those found here are added.
    """
    sizes = {} if known is None else known
    for _ in range(MAX_TRIALS):
        base = _next_base({base: log(found / target) for base, found in sizes.items()})
        if base in sizes:
            break
        sizes[base] = size(base)
    return min(sizes, key=lambda base: abs(log(sizes[base] / target)))


def _next_base(errors: dict[int, float]) -> int:
    """The base to try next, or the nearest known one if it is near enough."""
    if not errors:
        return FIRST_BASE
    nearest = min(errors, key=lambda base: abs(errors[base]))
    fine = max((base for base, error in errors.items() if error > 0), default=MIN_BASE)
    coarse = min((base for base, error in errors.items() if error <= 0), default=MAX_BASE)
    if abs(errors[nearest]) < TOLERANCE or coarse - fine <= 1:
        return nearest
    slope = SIZE_PER_UNIT
    if fine in errors and coarse in errors:
        slope = (errors[coarse] - errors[fine]) / (coarse - fine)
    return min(max(nearest - round(errors[nearest] / slope), fine + 1), coarse - 1)
