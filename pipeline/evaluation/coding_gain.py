"""How unevenly a clip's energy lies over time and frequency: what a code can gain from it.

The gain of a transform code is the arithmetic mean of its coefficients' variances over their
geometric mean (Jayant and Noll, "Digital Coding of Waveforms", 1984, chapter 12): 0 dB for white
noise, and the more the more predictable it is where energy lies. Three codes are told apart by
what they know: the spectrum that all clips share, each clip's own, and its spectrum at each moment.
"""

from dataclasses import dataclass
from math import log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.data.corpus import Corpus
from pipeline.evaluation import baselines

MOMENT = 8
"""MDCT frames whose spectrum counts as one moment's: 0.37 s at 22 050 Hz."""

# What rounding to 16 bits adds to each coefficient; a recording says nothing below it.
FLOOR = 2.0**-30 / 12


@dataclass
class Gains:
    """Gains in dB: of the common spectrum, one for all; of each clip's own and of its moments'."""

    common: float
    clip: NDArray[np.float64]
    moment: NDArray[np.float64]


def coding_gains(corpus: Corpus) -> Gains:
    """The gains of the test clips."""
    pooled = torch.zeros(baselines.BINS, dtype=torch.float64)
    clip, moment = [], []
    for row in corpus.rows("test"):
        powers = baselines.mdct_analysis(corpus.floats([row]))[0].double().square()
        clip.append(gain(powers[None]))
        moments = powers[: len(powers) // MOMENT * MOMENT].reshape(-1, MOMENT, baselines.BINS)
        moment.append(gain(moments) if len(moments) else clip[-1])
        pooled += powers.mean(dim=0) / powers.mean().clamp(min=FLOOR)
    return Gains(gain(pooled[None, None], FLOOR), np.array(clip), np.array(moment))


def gain(powers: Tensor, floor: float = FLOOR) -> float:
    """Gain in dB of squared coefficients (moments, frames, bins), each moment with its variances.

    Variances are means over a moment's frames, at least `floor`. The geometric mean of variances
    estimated from m frames is too low by exp(ψ(m/2) − ln(m/2)) for Gaussian coefficients; that is
    put right, so white noise gains 0 dB on average however short a moment is. A single frame is
    taken as known variances.
    """
    frames = powers.shape[1]
    variances = powers.mean(dim=1).clamp(min=floor)
    bias = 0.0
    if frames > 1:
        bias = float(torch.digamma(torch.tensor(frames / 2, dtype=torch.float64))) - log(frames / 2)
    nats = variances.mean().log() - variances.log().mean() + bias
    return float(nats) * 10 / log(10)
