"""Frequency response of a trained autoencoder, and what it makes of a pure tone.

The transfer function of the whole encode-decode on music is H = S_xy / S_xx, from spectra averaged
over segments and clips; the coherence |S_xy|² / (S_xx S_yy) is the share of the output's power that
is a linear function of the input: what is aliased, distorted or made up lowers it (Bendat and
Piersol, "Random Data", 4th edition, 2010, chapter 6).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.layers import Architecture
from pipeline.data.corpus import Corpus
from pipeline.evaluation.confidence import RESAMPLES
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel

Values = NDArray[np.float64]
Reconstruct = Callable[[Tensor], Tensor]
"""Encodes and decodes clips (clips, samples)."""

CLIPS = 12
"""Most test clips that are measured."""

CLIPS_PER_BATCH = 4
WINDOW = 1024
"""Most samples of a segment: bins of 21.5 Hz at 22 050 Hz."""

COHERENT = 0.5
"""Coherence from which a frequency counts as passed."""

TONE_BANDS = 1024
"""Equal bands, from 0 to half the sampling rate, that a tone's output is measured in."""

TONE_REACH = 2
"""Bins on either side of a frequency over which a Hann window spreads a tone."""

NO_OUTPUT = 1e-4
"""Share of the tone's power below which an output is too weak to tell what it consists of."""


@dataclass
class FrequencyResponse:
    """The response of one model.

    Attributes:
        frequencies: in Hz, from 0 to half the sampling rate, shape (bins,).
        transfer, coherence: |H| and coherence at these frequencies, shape (bins,).
        cutoff: frequency in Hz at which the transfer falls to half its passband level (-6 dB);
            None if the output is coherent with the input at no frequency.
        interval: its 95 % bootstrap interval over clips; None if some resample has no cut-off.
        clips: how many were measured.
        tone: frequency in Hz of the tone, as loud as these clips are on average.
        tone_bands: what the tone adds to the model's output, as power per band divided by the
            tone's power, shape (TONE_BANDS,).
        alias: share of that power at images of the tone, at multiples of the frame rate plus or
            minus its frequency; None if there is too little of it.
    """

    frequencies: Values
    transfer: Values
    coherence: Values
    cutoff: float | None
    interval: tuple[float, float] | None
    clips: int
    tone: float
    tone_bands: Values
    alias: float | None


@torch.no_grad()
def measure_response(
    corpus: Corpus, trained: TrainedModel, tone: float, seed: int
) -> FrequencyResponse:
    """Measure the response of a convolutional model on test clips, and to a tone.

    Args:
        tone: frequency in Hz.
        seed: of the bootstrap.
    """
    assert isinstance(trained.architecture, Architecture)
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    rows = corpus.rows("test")
    rows = [rows[i * len(rows) // CLIPS] for i in range(CLIPS)] if len(rows) > CLIPS else rows
    return response(
        lambda clips: model(clips.to(where)).cpu(),
        corpus.floats(rows),
        corpus.sampling_rate,
        prod(trained.architecture.strides),
        tone,
        seed,
    )


def response(
    reconstruct: Reconstruct, clips: Tensor, rate: int, hop: int, tone: float, seed: int
) -> FrequencyResponse:
    """The response of anything that reconstructs clips, shape (clips, samples), in [-1, 1].

    Args:
        rate: sampling rate in Hz.
        hop: samples from one frame of the latent vector to the next.
    """
    window = min(WINDOW, clips.shape[1] // 4)
    batches = clips.split(CLIPS_PER_BATCH)
    spectra = [cross_spectra(batch, reconstruct(batch), window) for batch in batches]
    xx, yy, xy = (np.concatenate(parts) for parts in zip(*spectra, strict=True))
    frequencies = np.arange(xx.shape[1]) * rate / window
    transfer, coherence = transfer_and_coherence(xx.sum(0), yy.sum(0), xy.sum(0))
    seconds = torch.arange(clips.shape[1], dtype=torch.float64) / rate
    level = float(clips.double().square().mean().sqrt()) * 2**0.5
    sound = level * torch.sin(2 * torch.pi * tone * seconds)
    bands, alias = _tone_response(reconstruct, sound, tone, rate, rate / hop)
    return FrequencyResponse(
        frequencies,
        transfer,
        coherence,
        cutoff(frequencies, transfer, coherence),
        _interval(frequencies, xx, yy, xy, seed),
        len(clips),
        tone,
        bands,
        alias,
    )


def cross_spectra(inputs: Tensor, outputs: Tensor, window: int) -> tuple[Values, Values, Values]:
    """Power spectra of input and output, and their cross-spectrum (complex), per clip.

    Sums over Hann segments of `window` samples that overlap by half; shapes (clips, bins).
    """
    x, y = (
        torch.stft(
            signals.double(), window, window // 2, center=False, return_complex=True,
            window=torch.hann_window(window, dtype=torch.float64),
        )
        for signals in (inputs, outputs)
    )  # fmt: skip
    xx, yy = x.abs().square().sum(2), y.abs().square().sum(2)
    return xx.numpy(), yy.numpy(), (x.conj() * y).sum(2).numpy()


def transfer_and_coherence(xx: Values, yy: Values, xy: Values) -> tuple[Values, Values]:
    """|H| and coherence (0 to 1); 0 where there is no input or no output. The last axis is bins."""
    powers = np.abs(xy) ** 2
    nothing = np.zeros_like(powers)
    transfer = np.divide(np.abs(xy), xx, out=nothing.copy(), where=xx > 0)
    return transfer, np.divide(powers, xx * yy, out=nothing, where=xx * yy > 0)


def cutoff(frequencies: Values, transfer: Values, coherence: Values) -> float | None:
    """Frequency at which the transfer first falls below half its level in the passband.

    The passband is all bins above 0 Hz with a coherence of at least `COHERENT`; its level is the
    median there. Interpolates between bins. The last frequency if the transfer never falls; None
    without a passband.
    """
    passed = np.flatnonzero(coherence[1:] >= COHERENT) + 1
    if not len(passed):
        return None
    half = float(np.median(transfer[passed])) / 2
    low = np.flatnonzero(transfer < half)
    low = low[low > passed[0]]
    if not len(low):
        return float(frequencies[-1])
    above, below = low[0] - 1, low[0]
    part = (transfer[above] - half) / (transfer[above] - transfer[below])
    return float(frequencies[above] + min(1.0, part) * (frequencies[below] - frequencies[above]))


def _interval(
    frequencies: Values, xx: Values, yy: Values, xy: Values, seed: int
) -> tuple[float, float] | None:
    """95 % bootstrap interval of the cut-off over clips."""
    clips = len(xx)
    if clips < 2:
        return None
    drawn = np.random.default_rng(seed).multinomial(clips, [1 / clips] * clips, size=RESAMPLES)
    curves = transfer_and_coherence(drawn @ xx, drawn @ yy, drawn @ xy)
    found = [cutoff(frequencies, *pair) for pair in zip(*curves, strict=True)]
    known = [value for value in found if value is not None]
    if len(known) < len(found):
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _tone_response(
    reconstruct: Reconstruct, sound: Tensor, tone: float, rate: int, frame_rate: float
) -> tuple[Values, float | None]:
    """`tone_bands` and `alias`; `sound` is the tone, shape (samples,)."""
    pair = torch.stack([sound, torch.zeros_like(sound)]).float()
    with_tone, without = reconstruct(pair).double()
    window = torch.hann_window(len(sound), dtype=torch.float64)
    added, played = (
        torch.fft.rfft(signal * window).abs().square().numpy()
        for signal in (with_tone - without, pair[0].double())
    )
    if not played.sum():
        return np.zeros(TONE_BANDS), None
    relative = added / played.sum()
    frequencies = np.arange(len(relative)) * rate / len(sound)
    bands = np.minimum(frequencies / (rate / 2) * TONE_BANDS, TONE_BANDS - 1).astype(int)
    summed: Values = np.bincount(bands, relative, TONE_BANDS).astype(np.float64)
    total = float(relative.sum())
    if total < NO_OUTPUT:
        return summed, None
    reach = TONE_REACH * rate / len(sound)
    images = np.zeros(len(relative), dtype=bool)
    for multiple, side in product(range(1, int(rate / 2 / frame_rate) + 2), (-tone, tone)):
        images |= np.abs(frequencies - (multiple * frame_rate + side)) <= reach
    images &= np.abs(frequencies - tone) > reach
    return summed, float(relative[images].sum()) / total
