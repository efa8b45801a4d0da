"""A range coder: symbols with 16-bit cumulative frequencies to bytes and back.

Carries are propagated as in Martin 1979 ("Range encoding") in the form with a byte held back. All
arithmetic is on integers below 2^48, which a JavaScript number represents exactly.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOTAL_BITS = 16
"""Frequencies of a symbol's alternatives add up to 2^16."""

BOTTOM = 1 << 24
TOP = 1 << 32

LOW, RANGE, HELD, PENDING, POSITION = range(5)
"""Indices of the encoder's state; a decoder uses LOW for the code read, RANGE and POSITION."""

FLUSHED_BYTES = 5
"""Bytes that `finish` writes at most."""


@njit(cache=True)
def new_state() -> NDArray[np.int64]:
    """State of an encoder before its first symbol."""
    state = np.zeros(5, np.int64)
    state[RANGE] = TOP - 1
    state[HELD] = -1
    return state


@njit(cache=True)
def _shift(state: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """Move the top byte of `low` out; hold it back while a carry could still change it."""
    low = state[LOW]
    if low < 0xFF000000 or low >= TOP:
        carry = low >> 32
        if state[HELD] >= 0:
            out[state[POSITION]] = (state[HELD] + carry) & 0xFF
            state[POSITION] += 1
        while state[PENDING] > 0:
            out[state[POSITION]] = (0xFF + carry) & 0xFF
            state[POSITION] += 1
            state[PENDING] -= 1
        state[HELD] = (low >> 24) & 0xFF
    else:
        state[PENDING] += 1
    state[LOW] = (low & 0x00FFFFFF) << 8


@njit(cache=True)
def encode(state: NDArray[np.int64], out: NDArray[np.uint8], start: int, size: int) -> None:
    """Append a symbol that takes [start, start + size) of 2^16; `out` must have room."""
    share = state[RANGE] >> TOTAL_BITS
    state[LOW] += share * start
    state[RANGE] = share * size
    while state[RANGE] < BOTTOM:
        state[RANGE] <<= 8
        _shift(state, out)


@njit(cache=True)
def encode_bits(state: NDArray[np.int64], out: NDArray[np.uint8], value: int, bits: int) -> None:
    """Append `bits` equiprobable bits, at most 16."""
    encode(state, out, value << (TOTAL_BITS - bits), 1 << (TOTAL_BITS - bits))


@njit(cache=True)
def finish(state: NDArray[np.int64], out: NDArray[np.uint8]) -> int:
    """Write what identifies the last interval; returns the number of bytes in all.

    Trailing zero bytes are left out: a decoder reads zeros beyond the end.
    """
    # The value in the interval with the most trailing zeros makes the shortest ending.
    low, high = state[LOW], state[LOW] + state[RANGE] - 1
    for bits in range(32, -1, -1):
        mask = (1 << bits) - 1
        value = (low + mask) & ~mask
        if value <= high:
            state[LOW] = value
            break
    for _ in range(FLUSHED_BYTES):
        _shift(state, out)
    count = state[POSITION]
    while count > 0 and out[count - 1] == 0:
        count -= 1
    return int(count)


@njit(cache=True)
def start_decoding(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """State of a decoder that has read the first four bytes."""
    state = np.zeros(5, np.int64)
    state[RANGE] = TOP - 1
    for _ in range(4):
        _read(state, data)
    return state


@njit(cache=True)
def _read(state: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
    position = state[POSITION]
    byte = data[position] if position < len(data) else 0
    state[LOW] = ((state[LOW] << 8) | byte) & (TOP - 1)
    state[POSITION] = position + 1


@njit(cache=True)
def peek(state: NDArray[np.int64]) -> int:
    """Position in 2^16 of the next symbol; clamped, so that damaged data give some symbol."""
    return int(min(state[LOW] // (state[RANGE] >> TOTAL_BITS), (1 << TOTAL_BITS) - 1))


@njit(cache=True)
def consume(state: NDArray[np.int64], data: NDArray[np.uint8], start: int, size: int) -> None:
    """Move past the symbol that takes [start, start + size)."""
    share = state[RANGE] >> TOTAL_BITS
    state[LOW] = max(0, state[LOW] - share * start)
    state[RANGE] = share * size
    while state[RANGE] < BOTTOM:
        state[RANGE] <<= 8
        _read(state, data)


@njit(cache=True)
def decode_bits(state: NDArray[np.int64], data: NDArray[np.uint8], bits: int) -> int:
    """Read `bits` equiprobable bits, at most 16."""
    value = peek(state) >> (TOTAL_BITS - bits)
    consume(state, data, value << (TOTAL_BITS - bits), 1 << (TOTAL_BITS - bits))
    return int(value)
