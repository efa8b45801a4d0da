"""How many bits a latent vector takes: its numbers quantised, and coded with static tables.

A table holds how often each integer occurs in training vectors; a vector's length is the ideal one,
the sum of −log2 of its integers' probabilities, which a range coder exceeds by less than 1 %.
"""

from dataclasses import dataclass
from math import lgamma, log, sqrt

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.architecture.adaptive_plan import ATOM_SIZES, BLOCK_SPLITS, SUPERFRAME, AdaptivePlan
from pipeline.architecture.layers import Architecture
from pipeline.data.corpus import Corpus
from pipeline.engine.progress import report_progress
from pipeline.evaluation.fidelity import snr
from pipeline.evaluation.rate_comparison import chosen_clips
from pipeline.models.restore import Model, restore
from pipeline.models.training import TrainedModel

LOSS = 0.5
"""dB of SNR that quantising may cost."""

ROUNDS = 2
"""Steps tried until the loss is near `LOSS`."""

LEVEL_STEP = 0.25
"""Step of an adaptive model's noise levels, log2 of a magnitude."""

TABLE_CLIPS = 32
"""Most training vectors that tables are counted on."""

ROOM = 2
"""A table covers values up to so many times the largest of training: other clips are louder."""

UNSEEN = 0.1
"""Count of an integer that does not occur in training."""

EXACT = 1 << 24
"""A float32 holds every integer below this exactly."""


@dataclass
class CodedVectors:
    """Latent vectors of test clips as bits; every array is (test clips,), NaN where not measured.

    Attributes:
        kbps: kbit/s.
        snr: in dB, of what the quantised vectors decode to.
        exact_snr: the same of the vectors as they are.
        packed: how many float32 numbers hold the same integers if several are packed into one.
    """

    kbps: NDArray[np.float64]
    snr: NDArray[np.float64]
    exact_snr: NDArray[np.float64]
    packed: int


@dataclass(frozen=True)
class _Part:
    """Consecutive numbers of a vector with one table.

    `step` is None where it is searched for. `places` is how many places the numbers, in ascending
    order, are chosen from; 0 if they are not places.
    """

    columns: slice
    step: float | None
    places: int = 0


@torch.no_grad()
def code_latents(
    corpus: Corpus,
    trained: TrainedModel,
    latents: NDArray[np.float32],
    song: int,
    clips: int,
    seed: int,
) -> CodedVectors:
    """Quantise and code the latent vectors of some test clips.

    The step is searched for until the mean SNR is about `LOSS` below that of the exact vectors.

    Args:
        latents: of all clips, (clips, latent).
        song, clips, seed: see `pipeline.evaluation.rate_comparison.chosen_clips`.
    """
    model = restore(trained.architecture, trained.weights)
    parts = _parts(trained.architecture, model)
    rows, training = chosen_clips(corpus, song, clips, seed), corpus.rows("training")
    counted = latents[training[:: -(-len(training) // TABLE_CLIPS)]]
    exact = latents[rows]

    def decoded_snr(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        where = next(model.parameters()).device
        found = [
            snr(
                corpus.floats([row]),
                model.decode(torch.from_numpy(vector[None]).to(where)).cpu(),
            ).numpy()
            for row, vector in zip(rows, vectors, strict=True)
        ]
        return np.concatenate(found)

    searched = [part.columns for part in parts if part.step is None]
    exact_snr = decoded_snr(exact)
    step = float(np.mean([exact[:, columns].std() for columns in searched])) / 16
    for number in range(ROUNDS):
        integers, lowest, highest = _quantise(exact, counted, parts, step)
        packing = _Packing(highest - lowest + 1)
        restored = packing.unpack(packing.pack(integers - lowest)) + lowest
        coded_snr = decoded_snr(_dequantise(restored, parts, step))
        report_progress(number + 1, ROUNDS)
        if number + 1 < ROUNDS:  # the error's energy grows with the square of the step
            loss = float((exact_snr - coded_snr).mean())
            step *= min(max(sqrt(LOSS / max(loss, 1e-3)), 0.25), 4.0)
    bits = _code_length(integers, _integers(counted, parts, step), parts)
    test = corpus.rows("test")
    kbps, coded, uncoded = np.full((3, len(test)), np.nan)
    seconds = corpus.waveforms.shape[1] / corpus.sampling_rate
    places = [test.index(row) for row in rows]
    kbps[places] = bits / 1000 / seconds
    coded[places], uncoded[places] = coded_snr, exact_snr
    return CodedVectors(kbps, coded, uncoded, packing.numbers)


def _parts(architecture: Architecture | AdaptivePlan, model: Model) -> list[_Part]:
    if isinstance(architecture, Architecture):
        channels, frames = architecture.grid
        return [_Part(slice(c * frames, (c + 1) * frames), None) for c in range(channels)]
    parts, start = [], 0
    atoms = architecture.superframes * SUPERFRAME
    places = {f"places.{size}": atoms // size for size in ATOM_SIZES}
    steps = {"splits": 1.0, "levels": LEVEL_STEP} | dict.fromkeys(places, 1.0)
    counts: list[int] = model.counts.tolist()  # type: ignore[operator]
    for name, numbers in architecture.parts(counts):
        columns = slice(start, start + numbers)
        if numbers:
            parts.append(_Part(columns, steps.get(name), places.get(name, 0)))
        start += numbers
    return parts


def _quantise(
    vectors: NDArray[np.float32], counted: NDArray[np.float32], parts: list[_Part], step: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Integers (clips, latent), and the lowest and highest that each number (latent,) may have,
    to which they are clipped."""
    integers, seen = _integers(vectors, parts, step), _integers(counted, parts, step)
    lowest, highest = np.zeros((2, vectors.shape[1]), np.int64)
    for part in parts:
        lowest[part.columns], highest[part.columns] = _range(part, seen)
    return integers.clip(lowest, highest), lowest, highest


def _range(part: _Part, seen: NDArray[np.int64]) -> tuple[int, int]:
    """The integers that a part's table covers, from those of training vectors (clips, latent)."""
    if part.places:
        return 0, part.places - 1
    values = seen[:, part.columns]
    if part.step is None:
        reach = ROOM * int(np.abs(values).max())
        return -reach, reach
    return min(0, int(values.min())), max(BLOCK_SPLITS - 1, int(values.max()))


def _integers(vectors: NDArray[np.float32], parts: list[_Part], step: float) -> NDArray[np.int64]:
    return np.rint(vectors / _steps(vectors.shape[1], parts, step)).astype(np.int64)


def _dequantise(
    integers: NDArray[np.int64], parts: list[_Part], step: float
) -> NDArray[np.float32]:
    return (integers * _steps(integers.shape[1], parts, step)).astype(np.float32)


def _steps(numbers: int, parts: list[_Part], step: float) -> NDArray[np.float64]:
    steps = np.empty(numbers)
    for part in parts:
        steps[part.columns] = step if part.step is None else part.step
    return steps


def _code_length(
    integers: NDArray[np.int64], counted: NDArray[np.int64], parts: list[_Part]
) -> NDArray[np.float64]:
    """Bits of each vector (clips,). Places cost log2 of the number of ways to choose them."""
    bits = np.zeros(len(integers))
    for part in parts:
        values, seen = integers[:, part.columns], counted[:, part.columns]
        if part.places:
            bits += _log2_choices(part.places, values.shape[1])
            continue
        low, high = _range(part, counted)
        counts = np.bincount((seen - low).ravel(), minlength=high - low + 1) + UNSEEN
        bits += -np.log2(counts / counts.sum())[values - low].sum(axis=1)
    return bits


def _log2_choices(places: int, chosen: int) -> float:
    return (lgamma(places + 1) - lgamma(chosen + 1) - lgamma(places - chosen + 1)) / log(2)


class _Packing:
    """Several integers from 0 in one float32, in mixed radix.

    Args:
        radices: (latent,), one more than the largest integer of each number.
    """

    def __init__(self, radices: NDArray[np.int64]) -> None:
        self.radices = radices
        self.weights = np.empty_like(radices)
        self.starts: list[int] = []
        product = EXACT
        for index, radix in enumerate(radices.tolist()):
            if product * radix > EXACT:
                self.starts.append(index)
                product = 1
            self.weights[index] = product
            product *= radix

    @property
    def numbers(self) -> int:
        """How many numbers hold all the integers."""
        return len(self.starts)

    def pack(self, integers: NDArray[np.int64]) -> NDArray[np.float32]:
        """(clips, latent) to (clips, numbers)."""
        return np.add.reduceat(integers * self.weights, self.starts, axis=1).astype(np.float32)

    def unpack(self, numbers: NDArray[np.float32]) -> NDArray[np.int64]:
        """The inverse of `pack`."""
        lengths = np.diff([*self.starts, len(self.radices)])
        spread = numbers.astype(np.int64).repeat(lengths, axis=1)
        return spread // self.weights % self.radices
