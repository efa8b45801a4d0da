"""Code the quantised coefficients of a segment with the context network.

The magnitudes of a superframe are coded in the order of its interleaved coefficients up to the
last cell that is not zero; a sign follows every magnitude above zero. What the network sees is
listed in `_inputs`; all of it is known to the decoder.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.coding.context_network import ESCAPE, INPUTS, SYMBOLS, frequencies
from pipeline.coding.integer_log import log2_fixed
from pipeline.coding.range_coder import (
    consume,
    decode_bits,
    encode,
    encode_bits,
    peek,
)

MAX_MAGNITUDE = 8191
"""Larger magnitudes are clipped by the quantiser."""

CELL = 16

_TABLE = np.array([log2_fixed(16 * value) for value in range(MAX_MAGNITUDE + 1)], np.int32)
"""32 · log2(1 + magnitude)."""

_FREQUENCY = np.array([log2_fixed(16 * (index + 7)) for index in range(SUPERFRAME)], np.int32)


@njit(cache=True)
def _mean(sums: NDArray[np.int32], low: int, high: int, limit: int) -> int:
    """32 · log2(1 + 4 · mean magnitude) of the coefficients from `low` up to `high`."""
    low, high = max(low, 0), min(high, limit)
    if high <= low:
        return 0
    return log2_fixed(64 * (sums[high] - sums[low]) // (high - low))


@njit(cache=True)
def _inputs(
    index: int,
    split: int,
    previous_split: int,
    noise: int,
    step: int,
    current: NDArray[np.int32],
    sums: NDArray[np.int32],
    before: NDArray[np.int32],
    before_sums: NDArray[np.int32],
    second_sums: NDArray[np.int32],
    found: NDArray[np.int32],
) -> None:
    """The network's inputs for one coefficient, into `found` (INPUTS,).

    Logarithms are in units of 1/32 of a factor of two.

    Args:
        noise: level of the noise relative to the step.
        step: size of the step.
        current, sums: magnitudes of this superframe below `index`, and their running sums.
        before, before_sums, second_sums: of the superframe before, and of the one before it.
    """
    for distance in range(1, 5):
        found[distance - 1] = _TABLE[current[index - distance]] if index >= distance else 0
    stride = 1 << split
    found[4] = _TABLE[current[index - stride]] if index >= stride else 0
    found[5] = _TABLE[current[index - 2 * stride]] if index >= 2 * stride else 0
    found[6] = _mean(sums, index - 16, index, SUPERFRAME)
    found[7] = _mean(sums, index - 64, index, SUPERFRAME)
    for k in range(5):
        near = index + k - 2
        found[8 + k] = _TABLE[before[near]] if 0 <= near < SUPERFRAME else 0
    found[13] = _mean(before_sums, index - 8, index + 9, SUPERFRAME)
    found[14] = _mean(before_sums, index - 40, index + 41, SUPERFRAME)
    found[15] = _mean(second_sums, index - 1, index + 2, SUPERFRAME)
    found[16] = noise
    found[17] = (index >> 4) - 64
    found[18] = _FREQUENCY[index] - 200
    found[19] = 16 * split - 32
    found[20] = 16 * previous_split - 32
    found[21] = step


@njit(cache=True)
def encode_coefficients(
    magnitudes: NDArray[np.int32],
    negative: NDArray[np.bool_],
    splits: NDArray[np.int64],
    noise: NDArray[np.int32],
    steps: NDArray[np.int32],
    ends: NDArray[np.int64],
    network: tuple[NDArray[Any], ...],
    state: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    """Append the coefficients of a segment.

    Args:
        magnitudes, negative: (superframes, 2048).
        splits: (superframes,).
        noise, steps: levels of noise and of steps, (superframes, 128), in 1/32 of a factor of 2.
        ends: cells coded in each superframe; those above are zero.
    """
    w1, b1, w2, b2, w3, b3, shifts = network
    found, counts = np.empty(INPUTS, np.int32), np.empty(SYMBOLS, np.int32)
    blank = np.zeros(SUPERFRAME, np.int32)
    blank_sums = np.zeros(SUPERFRAME + 1, np.int32)
    before, before_sums, second_sums = blank, blank_sums, blank_sums
    previous_split = 0
    for row in range(len(magnitudes)):
        current, sums = magnitudes[row], np.zeros(SUPERFRAME + 1, np.int32)
        for index in range(ends[row] * CELL):
            cell = index >> 4
            _inputs(
                index,
                splits[row],
                previous_split,
                noise[row, cell] - steps[row, cell],
                steps[row, cell],
                current,
                sums,
                before,
                before_sums,
                second_sums,
                found,
            )
            frequencies(found, w1, b1, w2, b2, w3, b3, shifts, counts)
            value = current[index]
            symbol = min(value, ESCAPE)
            start = 0
            for k in range(symbol):
                start += counts[k]
            encode(state, out, start, counts[symbol])
            if symbol == ESCAPE:
                _encode_rest(state, out, value - ESCAPE)
            if value:
                encode_bits(state, out, int(negative[row, index]), 1)
            sums[index + 1] = sums[index] + value
        for index in range(ends[row] * CELL, SUPERFRAME):
            sums[index + 1] = sums[index]
        second_sums, before_sums, before = before_sums, sums, current
        previous_split = splits[row]


@njit(cache=True)
def decode_coefficients(
    splits: NDArray[np.int64],
    noise: NDArray[np.int32],
    steps: NDArray[np.int32],
    ends: NDArray[np.int64],
    network: tuple[NDArray[Any], ...],
    state: NDArray[np.int64],
    data: NDArray[np.uint8],
) -> NDArray[np.int32]:
    """Read what `encode_coefficients` wrote: signed, (superframes, 2048)."""
    w1, b1, w2, b2, w3, b3, shifts = network
    found, counts = np.empty(INPUTS, np.int32), np.empty(SYMBOLS, np.int32)
    blank_sums = np.zeros(SUPERFRAME + 1, np.int32)
    before, before_sums, second_sums = np.zeros(SUPERFRAME, np.int32), blank_sums, blank_sums
    previous_split = 0
    result = np.zeros((len(splits), SUPERFRAME), np.int32)
    for row in range(len(splits)):
        current, sums = np.zeros(SUPERFRAME, np.int32), np.zeros(SUPERFRAME + 1, np.int32)
        for index in range(ends[row] * CELL):
            cell = index >> 4
            _inputs(
                index,
                splits[row],
                previous_split,
                noise[row, cell] - steps[row, cell],
                steps[row, cell],
                current,
                sums,
                before,
                before_sums,
                second_sums,
                found,
            )
            frequencies(found, w1, b1, w2, b2, w3, b3, shifts, counts)
            target, start, symbol = peek(state), 0, 0
            while symbol < ESCAPE and start + counts[symbol] <= target:
                start += counts[symbol]
                symbol += 1
            consume(state, data, start, counts[symbol])
            value = symbol
            if symbol == ESCAPE:
                value = min(ESCAPE + _decode_rest(state, data), MAX_MAGNITUDE)
            current[index] = value
            result[row, index] = value
            if value and decode_bits(state, data, 1):
                result[row, index] = -value
            sums[index + 1] = sums[index] + value
        for index in range(ends[row] * CELL, SUPERFRAME):
            sums[index + 1] = sums[index]
        second_sums, before_sums, before = before_sums, sums, current
        previous_split = splits[row]
    return result


@njit(cache=True)
def collect_inputs(
    magnitudes: NDArray[np.int32],
    splits: NDArray[np.int64],
    noise: NDArray[np.int32],
    steps: NDArray[np.int32],
    ends: NDArray[np.int64],
    chosen: NDArray[np.bool_],
) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """Inputs (count, INPUTS) and magnitudes (count,) of the coefficients in a mask."""
    total = int(chosen.sum())
    inputs, values = np.zeros((total, INPUTS), np.int16), np.zeros(total, np.int32)
    found = np.empty(INPUTS, np.int32)
    blank_sums = np.zeros(SUPERFRAME + 1, np.int32)
    before, before_sums, second_sums = np.zeros(SUPERFRAME, np.int32), blank_sums, blank_sums
    previous_split, count = 0, 0
    for row in range(len(magnitudes)):
        current, sums = magnitudes[row], np.zeros(SUPERFRAME + 1, np.int32)
        for index in range(SUPERFRAME):
            sums[index + 1] = sums[index] + current[index]
        for index in range(ends[row] * CELL):
            if chosen[row, index]:
                cell = index >> 4
                _inputs(
                    index,
                    splits[row],
                    previous_split,
                    noise[row, cell] - steps[row, cell],
                    steps[row, cell],
                    current,
                    sums,
                    before,
                    before_sums,
                    second_sums,
                    found,
                )
                inputs[count] = found
                values[count] = current[index]
                count += 1
        second_sums, before_sums, before = before_sums, sums, current
        previous_split = splits[row]
    return inputs[:count], values[:count]


@njit(cache=True)
def _encode_rest(state: NDArray[np.int64], out: NDArray[np.uint8], rest: int) -> None:
    """Exp-Golomb code of an integer from 0."""
    value, bits = rest + 1, 0
    while value >> (bits + 1):
        bits += 1
    for _ in range(bits):
        encode_bits(state, out, 0, 1)
    encode_bits(state, out, 1, 1)
    if bits:
        encode_bits(state, out, value - (1 << bits), bits)


@njit(cache=True)
def _decode_rest(state: NDArray[np.int64], data: NDArray[np.uint8]) -> int:
    bits = 0
    while bits < 13 and decode_bits(state, data, 1) == 0:
        bits += 1
    return (1 << bits) - 1 + (decode_bits(state, data, bits) if bits else 0)
