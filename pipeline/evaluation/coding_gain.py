"""Coding gain of an MDCT: how unevenly energy is spread over time and frequency.

The gain of a transform code is the ratio of the arithmetic to the geometric mean of its
coefficients' variances (Jayant and Noll, "Digital Coding of Waveforms", 1984, chapter 12): 0 dB
for white noise, and higher the more predictable the energy distribution is. Three codes are
compared, which know one spectrum for all clips, one per clip, or one per moment of a clip.
"""

from dataclasses import dataclass
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.corpus import Corpus
from pipeline.evaluation import baselines

MOMENT_FRAMES = 8
"""MDCT frames per moment: 0.37 s at 22 050 Hz."""

# Power that 16-bit rounding adds to each coefficient.
POWER_FLOOR = 2.0**-30 / 12


@dataclass
class CodingGains:
    """Gains in dB with one spectrum for all clips, and per clip with one per clip or moment."""

    common: float
    clip: NDArray[np.float64]
    moment: NDArray[np.float64]


def coding_gains(corpus: Corpus) -> CodingGains:
    """Coding gains of the test clips."""
    pooled = torch.zeros(baselines.MDCT_BINS, dtype=torch.float64)
    clip, moment = [], []
    for row in corpus.rows("test"):
        powers = baselines.mdct_analysis(corpus.floats([row]))[0].double().square()
        clip.append(coding_gain(powers[None]))
        whole = powers[: len(powers) // MOMENT_FRAMES * MOMENT_FRAMES]
        moments = whole.reshape(-1, MOMENT_FRAMES, baselines.MDCT_BINS)
        moment.append(coding_gain(moments) if len(moments) else clip[-1])
        pooled += powers.mean(dim=0) / powers.mean().clamp(min=POWER_FLOOR)
    common = coding_gain(pooled[None, None], POWER_FLOOR)
    return CodingGains(common, np.array(clip), np.array(moment))


def coding_gain(powers: Tensor, floor: float = POWER_FLOOR) -> float:
    """Gain in dB, given squared coefficients (moments, frames, bins).

    Variances are means over the frames of a moment, at least `floor`. For Gaussian coefficients
    the geometric mean of variances estimated from m frames is too low by exp(ψ(m/2) − ln(m/2));
    this is corrected, so white noise gains 0 dB on average for any length of a moment. A single
    frame is taken to be the true variances.
    """
    frames = powers.shape[1]
    variances = powers.mean(dim=1).clamp(min=floor)
    bias = 0.0
    if frames > 1:
        bias = float(torch.digamma(torch.tensor(frames / 2, dtype=torch.float64))) - log(frames / 2)
    nats = variances.mean().log() - variances.log().mean() + bias
    return float(nats) * 10 / log(10)
