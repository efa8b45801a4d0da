"""MOS-LQO predicted by ViSQOL."""

import logging
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import torch
import torchaudio
from numpy.typing import NDArray
from torch import Tensor
from visqol import AudioSignal
from visqol.alignment import align_and_truncate
from visqol.audio_utils import scale_to_match_sound_pressure_level
from visqol.gammatone import Spectrogram, prepare_spectrograms_for_comparison
from visqol.nsim import PatchSimilarityResult, measure_patch_similarity
from visqol.patch_creator import ImagePatchCreator
from visqol.patch_selector import find_most_optimal_deg_patches, slice_signal
from visqol.visqol_core import alter_for_similarity_extremes
from visqol.visqol_manager import PATCH_SIZE_AUDIO

from pipeline.evaluation.gammatone_spectrogram import RATE, WINDOW, spectrogram
from pipeline.evaluation.support_vectors import SupportVectorMapper

UNIT = "MOS-LQO"
"""Mean opinion score, listening quality objective."""

MIN_SCORE = 1.0
"""Lowest opinion score."""

SEARCH_WINDOW = 60
"""Search radius for the patch most like one of the original, in patches; the package's default."""

MIN_SECONDS = 1.0
"""Minimum duration ViSQOL needs to fill its patches, in seconds."""

ORIGINALS = 32
"""Originals whose spectrograms are kept: test clips are scored once for each model."""

# ViSQOL logs warnings about input that `visqol` already handles; keep them off the terminal.
logging.getLogger("visqol").addHandler(logging.NullHandler())


Levels = NDArray[np.float64]
"""A gammatone spectrogram, of shape (bands, frames)."""


class _Sound(NamedTuple):
    """A sound at `RATE` and its spectrogram."""

    signal: AudioSignal
    levels: Levels


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
    one = _original(original.cpu().double().numpy().tobytes(), sampling_rate)
    signal = scale_to_match_sound_pressure_level(
        one.signal, _resampled(reconstruction.cpu().double(), sampling_rate)
    )
    similarity = _similarity(one, _Sound(signal, spectrogram(signal.data)))
    score = _mapper().predict_quality(similarity)
    return float(alter_for_similarity_extremes(float(similarity.mean()), score))


@lru_cache(ORIGINALS)
def _original(samples: bytes, sampling_rate: int) -> _Sound:
    waveform = torch.frombuffer(bytearray(samples), dtype=torch.float64)
    signal = _resampled(waveform, sampling_rate)
    return _Sound(signal, spectrogram(signal.data))


def _resampled(waveform: Tensor, sampling_rate: int) -> AudioSignal:
    return AudioSignal(torchaudio.functional.resample(waveform, sampling_rate, RATE).numpy(), RATE)


def _similarity(original: _Sound, copy: _Sound) -> NDArray[np.float64]:
    """Mean similarity in each band, 0 to 1, of shape (bands,).

    As `VisqolCore.calculate_similarity` without the global alignment: reconstructions are aligned
    to the sample.
    """
    one, two = _decibels(original.levels, copy.levels)
    patches = ImagePatchCreator(PATCH_SIZE_AUDIO)
    starts = patches.create_ref_patch_indices(one)
    found = find_most_optimal_deg_patches(
        patches.create_patches_from_indices(one, starts),
        starts,
        two,
        WINDOW.hop_size / RATE,
        SEARCH_WINDOW,
    )
    return np.mean([_realigned(original, copy, patch).freq_band_means for patch in found], axis=0)


def _realigned(
    original: _Sound, copy: _Sound, patch: PatchSimilarityResult
) -> PatchSimilarityResult:
    """The better of a patch and the same after alignment to the sample.

    As `finely_align_and_recreate_patches`, which filters again what has not moved.
    """
    if patch.deg_patch_start_time == patch.deg_patch_end_time == 0:
        return patch  # nothing of the copy matches
    begin, end = patch.ref_patch_start_time, patch.ref_patch_end_time
    begin_two, end_two = patch.deg_patch_start_time, patch.deg_patch_end_time
    one, two, lag = align_and_truncate(
        slice_signal(original.signal, begin, end), slice_signal(copy.signal, begin_two, end_two)
    )
    if len(one) <= WINDOW.size:
        return patch
    if lag:
        levels = spectrogram(one.data), spectrogram(two.data)
    else:
        levels = _levels(original, begin, end, one), _levels(copy, begin_two, end_two, two)
    again = measure_patch_similarity(*_decibels(*levels))
    return patch if again.similarity < patch.similarity else again


def _levels(sound: _Sound, begin: float, end: float, part: AudioSignal) -> Levels:
    """The spectrogram of the part of a sound from `begin` to `end`, in seconds."""
    first, beyond = divmod(int(begin * RATE), WINDOW.hop_size)
    if beyond or end * RATE > len(sound.signal):
        return spectrogram(part.data)
    frames = 1 + (len(part) - WINDOW.size) // WINDOW.hop_size
    return sound.levels[:, first : first + frames]


def _decibels(original: Levels, copy: Levels) -> tuple[Levels, Levels]:
    return prepare_spectrograms_for_comparison(Spectrogram(original), Spectrogram(copy))


@cache
def _mapper() -> SupportVectorMapper:
    mapper = SupportVectorMapper()
    mapper.init()
    return mapper
