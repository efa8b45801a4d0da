"""Logarithms and powers of two in integer arithmetic, the same on every machine."""

import numpy as np
from numba import njit

LOG_UNIT = 32
"""Units per factor of two of `log2_fixed`."""

EXP_BITS = 16
"""`EXP_TABLE` holds 2^(−k / 256) in units of 2^−16."""

EXP_UNIT = 256
"""Units per factor of two of logits."""

EXP_TABLE = np.array(
    # Rounded to integers far from a half, so that every libm gives the same table; the tests hold
    # a digest of it.
    [round(2 ** (EXP_BITS - k / EXP_UNIT)) for k in range(EXP_UNIT)],
    np.int64,
)


@njit(cache=True)
def log2_fixed(sixteenths: int) -> int:
    """About 32 · log2(1 + x / 16) for an integer x ≥ 0: exact at powers of two and linear
    between them."""
    value = sixteenths + 16
    exponent = 0
    while value >> (exponent + 1):
        exponent += 1
    return LOG_UNIT * (exponent - 4) + ((LOG_UNIT * (value - (1 << exponent))) >> exponent)
