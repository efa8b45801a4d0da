"""How a reconstruction sounds to a listener, as ViSQOL foretells it."""

import logging
from functools import cache

import torchaudio
from torch import Tensor
from visqol import VisqolApi

UNIT = "MOS-LQO"
"""A mean opinion score, listening quality objective."""

RATE = 48000
"""The sampling rate of ViSQOL's audio mode, in Hz."""

LOWEST = 1.0
"""The bottom of the scale of opinion scores."""

SHORTEST = 1.0
"""Seconds of sound that ViSQOL needs to fill its patches."""

# It warns through the log of what `visqol` refuses or defines, and the terminal is not its place.
logging.getLogger("visqol").addHandler(logging.NullHandler())


def visqol(original: Tensor, reconstruction: Tensor, sampling_rate: int) -> float:
    """The mean opinion score, listening quality objective (MOS-LQO), from 1 to about 4.73.

    ViSQOL v3 in audio mode, on 48 kHz: Chinen, Lim, Skoglund, Gureev, O'Gorman and Hines,
    "ViSQOL v3: an open source production ready objective speech and audio metric", 2020; its
    mapping to opinions was learned from listeners' scores of coded music. Identical clips score
    4.73, not 5.

    `original` and `reconstruction` are waveforms of shape (samples,) in [-1, 1] at
    `sampling_rate` Hz. A silent reconstruction, of which ViSQOL says nothing, scores `LOWEST`.
    A ValueError is raised where the shapes differ, the original is silent, or it is shorter
    than `SHORTEST` seconds.
    """
    if original.ndim != 1 or original.shape != reconstruction.shape:
        raise ValueError(
            "an original and its reconstruction must both have shape (samples,), "
            f"here {tuple(original.shape)} and {tuple(reconstruction.shape)}"
        )
    if len(original) < SHORTEST * sampling_rate:
        raise ValueError(f"ViSQOL needs {SHORTEST} s of sound, here {len(original)} samples")
    if not original.any():
        raise ValueError("ViSQOL cannot compare with a silent original")
    if not reconstruction.any():
        return LOWEST
    one, two = (
        torchaudio.functional.resample(x.cpu().double(), sampling_rate, RATE).numpy()
        for x in (original, reconstruction)
    )
    return float(_model().measure_from_arrays(one, two, RATE).moslqo)


@cache
def _model() -> VisqolApi:
    model = VisqolApi()
    # A reconstruction is aligned to the sample already: a search could only lose it.
    model.create(mode="audio", disable_global_alignment=True)
    return model
