"""MOS-LQO predicted by ViSQOL."""

import logging
from functools import cache

import torchaudio
from torch import Tensor
from visqol import AudioSignal
from visqol.analysis_window import AnalysisWindow
from visqol.gammatone import GammatoneSpectrogramBuilder
from visqol.patch_creator import ImagePatchCreator
from visqol.visqol_core import VisqolCore
from visqol.visqol_manager import MINIMUM_FREQ, NUM_BANDS_AUDIO, OVERLAP, PATCH_SIZE_AUDIO

from pipeline.evaluation.support_vectors import SupportVectorMapper

UNIT = "MOS-LQO"
"""Mean opinion score, listening quality objective."""

RATE = 48000
"""Sampling rate of ViSQOL's audio mode, in Hz."""

MIN_SCORE = 1.0
"""Lowest opinion score."""

SEARCH_WINDOW = 60
"""Search radius of ViSQOL's fine alignment, in patches; the package's default."""

MIN_SECONDS = 1.0
"""Minimum duration ViSQOL needs to fill its patches, in seconds."""

# ViSQOL logs warnings about input that `visqol` already handles; keep them off the terminal.
logging.getLogger("visqol").addHandler(logging.NullHandler())


def visqol(original: Tensor, reconstruction: Tensor, sampling_rate: int) -> float:
    """Mean opinion score, listening quality objective (MOS-LQO), from 1 to about 4.73.

    ViSQOL v3 in audio mode, on 48 kHz: Chinen, Lim, Skoglund, Gureev, O'Gorman and Hines,
    "ViSQOL v3: an open source production ready objective speech and audio metric", 2020; its
    mapping to opinion scores was fitted to listeners' ratings of coded music. Identical clips
    score 4.73, not 5. A silent reconstruction, for which ViSQOL gives no score, scores
    `MIN_SCORE`.

    Args:
        original, reconstruction: waveforms of shape (samples,) in [-1, 1].
        sampling_rate: of both, in Hz.

    Raises:
        ValueError: the shapes differ, or the original is silent or shorter than `MIN_SECONDS`.
    """
    if original.ndim != 1 or original.shape != reconstruction.shape:
        raise ValueError(
            "original and reconstruction must have the same shape (samples,), "
            f"found {tuple(original.shape)} and {tuple(reconstruction.shape)}"
        )
    if len(original) < MIN_SECONDS * sampling_rate:
        raise ValueError(f"ViSQOL needs at least {MIN_SECONDS} s, found {len(original)} samples")
    if not original.any():
        raise ValueError("ViSQOL cannot score against a silent original")
    if not reconstruction.any():
        return MIN_SCORE
    one, two = (
        torchaudio.functional.resample(x.cpu().double(), sampling_rate, RATE).numpy()
        for x in (original, reconstruction)
    )
    # `VisqolApi` would do this with libsvm as its mapper. Reconstructions need none of its global
    # alignment: they are aligned to the sample.
    result = VisqolCore().calculate_similarity(
        AudioSignal(one, RATE),
        AudioSignal(two, RATE),
        GammatoneSpectrogramBuilder(NUM_BANDS_AUDIO, MINIMUM_FREQ, speech_mode=False),
        AnalysisWindow(RATE, OVERLAP),
        ImagePatchCreator(PATCH_SIZE_AUDIO),
        SEARCH_WINDOW,
        _mapper(),
    )
    return float(result.moslqo)


@cache
def _mapper() -> SupportVectorMapper:
    mapper = SupportVectorMapper()
    mapper.init()
    return mapper
