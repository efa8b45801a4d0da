"""The range coder gives back what was put in, in as many bytes as information."""

import hashlib

import numpy as np
import pytest

from pipeline.coding.integer_log import EXP_TABLE
from pipeline.coding.range_coder import (
    consume,
    decode_bits,
    encode,
    encode_bits,
    finish,
    new_state,
    peek,
    start_decoding,
)

TOTAL = 1 << 16


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 500])
@pytest.mark.parametrize("skew", [1, TOTAL - 1, 300])
def test_symbols_come_back(count: int, skew: int) -> None:
    # Two symbols, of which one may be almost certain: long runs, carries and underflow.
    random = np.random.default_rng(count + skew)
    symbols = random.random(count) < 0.5 if skew == 300 else random.random(count) < 0.05
    starts, sizes = (0, skew), (skew, TOTAL - skew)
    state, out = new_state(), np.zeros(3000, np.uint8)
    for symbol in symbols.astype(int):
        encode(state, out, starts[symbol], sizes[symbol])
        encode_bits(state, out, 5 * int(symbol), 3)
    length = finish(state, out)
    information = sum(19 - np.log2(sizes[symbol]) for symbol in symbols.astype(int)) / 8
    assert length <= information + 2 + 0.01 * information
    data = out[:length].copy()
    state = start_decoding(data)
    for symbol in symbols.astype(int):
        assert int(peek(state) >= skew) == symbol
        consume(state, data, starts[symbol], sizes[symbol])
        assert decode_bits(state, data, 3) == 5 * symbol


def test_the_table_of_powers_is_the_same_everywhere() -> None:
    assert hashlib.sha256(EXP_TABLE.astype("<i4").tobytes()).hexdigest() == (
        "79712b0d9d00cebec1bff60242730bbb68d7285134a8223d2584aa05b3b429d5"
    )
