"""How good a reconstruction would sound to listeners, as ViSQOL predicts it."""

from functools import cache

from torch import Tensor
from visqol import VisqolApi

from pipeline.audio import resample

UNIT = "MOS-LQO"
"""A predicted mean opinion score, from 1 (bad) to about 4.7 (no difference heard)."""

RATE = 48_000
"""The rate that ViSQOL's audio mode was trained at, in Hz."""


def visqol(original: Tensor, reconstruction: Tensor, sampling_rate: int) -> float:
    """ViSQOL v3 in audio mode of one clip: MOS-LQO, higher is better.

    Chinen, Lim, Skoglund, Gureev, O'Gorman and Hines, "ViSQOL v3: an open source production
    ready objective speech and audio metric", QoMEX 2020. It compares gammatone spectrograms
    and maps their similarity to a score with a model trained on listening tests of full-band
    codecs; clips of a lower rate are brought to 48 kHz, so their scores compare with each
    other, not with those of full-band recordings. A silent reconstruction, of which ViSQOL
    says nothing, has the lowest score.

    Args:
        original, reconstruction: float waveforms (samples,) of one length, in [-1, 1].
        sampling_rate: of both, in Hz.
    """
    if not reconstruction.any():
        return 1.0
    reference = resample(original, sampling_rate, RATE).double().numpy()
    degraded = resample(reconstruction, sampling_rate, RATE).double().numpy()
    return float(_scorer().measure_from_arrays(reference, degraded, RATE).moslqo)


@cache
def _scorer() -> VisqolApi:
    scorer = VisqolApi()
    scorer.create(mode="audio")
    return scorer
