"""Code a segment of superframes: side information with static tables, then coefficients.

In this order: the step's base and shaping; band levels, gains, splits, ends and noise levels, each
as a difference from a prediction; the coefficients (`coefficient_coder`).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pipeline.coding.coefficient_coder import decode_coefficients, encode_coefficients
from pipeline.coding.context_network import ContextNetwork
from pipeline.coding.quantisation import Segment, ends_of, noise_of_cells, steps
from pipeline.coding.range_coder import (
    TOTAL_BITS,
    consume,
    decode_bits,
    encode,
    encode_bits,
    finish,
    new_state,
    peek,
    start_decoding,
)

BASE_OFFSET, BASE_BITS, SHAPING_BITS = 1 << 10, 11, 4
"""The base is coded as an unsigned integer from −1024 up."""

TABLES = {"band": 101, "gain": 49, "split": 25, "end": 257, "level": 193}
"""Symbols of each kind of side information; differences are centred, and never exceed them."""

LEAST_LEVEL, GREATEST_LEVEL = -80, 16
"""Range of noise levels, in units of `LEVEL_STEP`."""


@dataclass(frozen=True)
class SegmentModel:
    """What coder and decoder share.

    Attributes:
        network: predicts magnitudes.
        tables: frequencies of the symbols of `TABLES`, int32, each adding up to 2^16; "split" has
            five rows of five, by the split before.
        bands, superframes_per_row: of the noise levels.
    """

    network: ContextNetwork
    tables: dict[str, NDArray[np.int32]]
    bands: int
    superframes_per_row: int


def side_symbols(segment: Segment) -> dict[str, NDArray[np.int64]]:
    """The side information as symbols, by kind, in the order of coding."""
    levels = segment.levels - _predictions(segment.levels)
    return {
        "band": _centred("band", np.diff(segment.band_levels, prepend=-14)),
        "gain": _centred("gain", np.diff(segment.gains, prepend=0)),
        "split": 5 * np.concatenate([[0], segment.splits[:-1]]) + segment.splits,
        "end": _centred("end", np.diff(ends_of(segment.values), prepend=64)),
        "level": _centred("level", levels.ravel()),
    }


def count_symbols(segments: list[Segment]) -> dict[str, NDArray[np.int32]]:
    """Frequencies of `SegmentModel.tables` from training segments."""
    counts = {name: np.full(size, 0.1) for name, size in TABLES.items()}
    for segment in segments:
        for name, symbols in side_symbols(segment).items():
            counts[name] += np.bincount(symbols, minlength=TABLES[name])
    found = {}
    for name, count in counts.items():
        rows = count.reshape(5, 5) if name == "split" else count[None]
        found[name] = np.concatenate([_frequencies(row) for row in rows])
    return found


def encode_segment(segment: Segment, model: SegmentModel) -> bytes:
    """A segment as bytes."""
    out = np.zeros(1024 + 5 * segment.values.size, np.uint8)
    state = new_state()
    encode_bits(state, out, segment.base + BASE_OFFSET, BASE_BITS)
    encode_bits(state, out, segment.shaping, SHAPING_BITS)
    for name, symbols in side_symbols(segment).items():
        rows = symbols // 5 if name == "split" else np.zeros_like(symbols)
        width = 5 if name == "split" else TABLES[name]
        _encode_symbols(symbols - width * rows, rows, _starts(model, name), state, out)
    superframes = len(segment.splits)
    encode_coefficients(
        np.abs(segment.values),
        segment.values < 0,
        segment.splits,
        noise_of_cells(segment.levels, superframes, model.superframes_per_row),
        steps(segment.base, segment.shaping, segment.band_levels, segment.gains),
        ends_of(segment.values),
        model.network.arrays(),
        state,
        out,
    )
    return out[: finish(state, out)].tobytes()


def decode_segment(data: bytes, superframes: int, model: SegmentModel) -> Segment:
    """What `encode_segment` coded; damaged data give some other segment, never an error."""
    source = np.frombuffer(data, np.uint8)
    state = start_decoding(source)
    base = decode_bits(state, source, BASE_BITS) - BASE_OFFSET
    shaping = decode_bits(state, source, SHAPING_BITS)
    found = {}
    for name, count in (
        ("band", model.bands),
        ("gain", superframes),
        ("split", superframes),
        ("end", superframes),
        ("level", -(-superframes // model.superframes_per_row) * model.bands),
    ):
        found[name] = _decode_symbols(count, name == "split", _starts(model, name), state, source)
    band_levels = found["band"] - TABLES["band"] // 2
    band_levels = np.cumsum(band_levels) - 14
    gains = np.cumsum(found["gain"] - TABLES["gain"] // 2)
    ends = np.clip(np.cumsum(found["end"] - TABLES["end"] // 2) + 64, 0, 128)
    levels = _restore(found["level"].reshape(-1, model.bands) - TABLES["level"] // 2)
    values = decode_coefficients(
        found["split"],
        noise_of_cells(levels, superframes, model.superframes_per_row),
        steps(base, shaping, band_levels, gains),
        ends,
        model.network.arrays(),
        state,
        source,
    )
    return Segment(found["split"], levels, shaping, base, band_levels, gains, values)


def _centred(name: str, differences: NDArray[np.int64]) -> NDArray[np.int64]:
    return differences + TABLES[name] // 2


def _frequencies(counts: NDArray[np.float64]) -> NDArray[np.int32]:
    spread = (1 << TOTAL_BITS) - len(counts)
    found = 1 + np.floor(spread * counts / counts.sum()).astype(np.int32)
    found[found.argmax()] += (1 << TOTAL_BITS) - found.sum()
    return found


def _starts(model: SegmentModel, name: str) -> NDArray[np.int64]:
    """Cumulative frequencies with a leading zero, one row per context."""
    table = model.tables[name].reshape(5 if name == "split" else 1, -1)
    return np.concatenate([np.zeros((len(table), 1), np.int64), table.cumsum(axis=1)], axis=1)


@njit(cache=True)
def _predictions(levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Prediction of each level from the row before and the band below."""
    found = np.empty_like(levels)
    for row in range(levels.shape[0]):
        for band in range(levels.shape[1]):
            above = levels[row - 1, band] if row else 0
            left = levels[row, band - 1] if band else 0
            both = levels[row - 1, band - 1] if row and band else 0
            found[row, band] = _predict(row, band, above, left, both)
    return found


@njit(cache=True)
def _predict(row: int, band: int, above: int, left: int, both: int) -> int:
    if row == 0:
        return left if band else -32
    if band == 0:
        return above
    predicted = (15 * above + 11 * left - 6 * both) // 20
    return min(max(predicted, LEAST_LEVEL), GREATEST_LEVEL)


@njit(cache=True)
def _restore(differences: NDArray[np.int64]) -> NDArray[np.int64]:
    """The inverse of subtracting the predictions."""
    levels = np.zeros_like(differences)
    for row in range(levels.shape[0]):
        for band in range(levels.shape[1]):
            above = levels[row - 1, band] if row else 0
            left = levels[row, band - 1] if band else 0
            both = levels[row - 1, band - 1] if row and band else 0
            levels[row, band] = differences[row, band] + _predict(row, band, above, left, both)
    return levels


@njit(cache=True)
def _encode_symbols(
    symbols: NDArray[np.int64],
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    state: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    for i in range(len(symbols)):
        start = starts[rows[i], symbols[i]]
        encode(state, out, start, starts[rows[i], symbols[i] + 1] - start)


@njit(cache=True)
def _decode_symbols(
    count: int,
    chained: bool,
    starts: NDArray[np.int64],
    state: NDArray[np.int64],
    data: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Symbols; if chained, each is the row of the next."""
    found = np.zeros(count, np.int64)
    row = 0
    for i in range(count):
        target = peek(state)
        symbol = int(np.searchsorted(starts[row], target, side="right")) - 1
        start = starts[row, symbol]
        consume(state, data, start, starts[row, symbol + 1] - start)
        found[i] = symbol
        if chained:
            row = symbol
    return found
