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
from visqol.patch_selector import slice_signal
from visqol.visqol_core import alter_for_similarity_extremes
from visqol.visqol_manager import PATCH_SIZE_AUDIO

from pipeline.evaluation.envelope_lag import Spectrum, envelope_spectrum, find_lag
from pipeline.evaluation.gammatone_spectrogram import RATE, WINDOW, spectrogram
from pipeline.evaluation.patch_search import find_patches
from pipeline.evaluation.support_vectors import SupportVectorMapper

UNIT = "MOS-LQO"
"""Mean opinion score, listening quality objective."""

MIN_SCORE = 1.0
"""Lowest opinion score."""

SEARCH_FRAMES = 60 * PATCH_SIZE_AUDIO
"""Search radius for the patch most like one of the original; the package's default."""

MIN_SECONDS = 1.0
"""Minimum duration ViSQOL needs to fill its patches, in seconds."""

ORIGINALS = 32
"""Originals that are kept as analysed: test clips are scored once for each model."""

# ViSQOL logs warnings about input that `visqol` already handles; keep them off the terminal.
logging.getLogger("visqol").addHandler(logging.NullHandler())


Levels = NDArray[np.float64]
"""A gammatone spectrogram, of shape (bands, frames)."""


class _Sound(NamedTuple):
    """A sound at `RATE` and its spectrogram."""

    signal: AudioSignal
    levels: Levels


class _Original(NamedTuple):
    """An original, the first frame of each of its patches, and the envelopes of these."""

    sound: _Sound
    starts: list[int]
    envelopes: list[Spectrum]


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
        one.sound.signal, _resampled(reconstruction.cpu().double(), sampling_rate)
    )
    similarity = _similarity(one, _Sound(signal, spectrogram(signal.data)))
    score = _mapper().predict_quality(similarity)
    return float(alter_for_similarity_extremes(float(similarity.mean()), score))


@lru_cache(ORIGINALS)
def _original(samples: bytes, sampling_rate: int) -> _Original:
    waveform = torch.frombuffer(bytearray(samples), dtype=torch.float64)
    signal = _resampled(waveform, sampling_rate)
    levels = spectrogram(signal.data)
    starts = ImagePatchCreator(PATCH_SIZE_AUDIO).create_ref_patch_indices(levels)
    parts = (slice_signal(signal, *_patch_seconds(start)) for start in starts)
    envelopes = [envelope_spectrum(part.data) for part in parts]
    return _Original(_Sound(signal, levels), starts, envelopes)


def _resampled(waveform: Tensor, sampling_rate: int) -> AudioSignal:
    return AudioSignal(torchaudio.functional.resample(waveform, sampling_rate, RATE).numpy(), RATE)


def _patch_seconds(start: int) -> tuple[float, float]:
    """Where a patch begins and ends, from its first frame."""
    frame = WINDOW.hop_size / RATE
    return start * frame, start * frame + frame * PATCH_SIZE_AUDIO


def _similarity(original: _Original, copy: _Sound) -> NDArray[np.float64]:
    """Mean similarity in each band, 0 to 1, of shape (bands,).

    As `VisqolCore.calculate_similarity` without the global alignment: reconstructions are aligned
    to the sample.
    """
    one, two = _decibels(original.sound.levels, copy.levels)
    size = PATCH_SIZE_AUDIO
    patches = np.stack([one[:, start : start + size] for start in original.starts])
    found = find_patches(patches, original.starts, two, SEARCH_FRAMES)
    two = np.pad(two, ((0, 0), (0, size)))
    means = np.zeros((len(patches), len(one)))
    for number, (patch, frame) in enumerate(zip(patches, found, strict=True)):
        if frame is not None:
            alike = measure_patch_similarity(patch, two[:, frame : frame + size])
            again = _realigned(original, number, copy, frame)
            if again is not None and again.similarity >= alike.similarity:
                alike = again
            means[number] = alike.freq_band_means
    return np.mean(means, axis=0)


def _realigned(
    original: _Original, number: int, copy: _Sound, frame: int
) -> PatchSimilarityResult | None:
    """Similarity of a patch and its match, which begins at `frame`, aligned to the sample; none
    if they overlap too little.

    As `finely_align_and_recreate_patches`, which filters again what has not moved.
    """
    times, times_two = _patch_seconds(original.starts[number]), _patch_seconds(frame)
    one = slice_signal(original.sound.signal, *times)
    two = slice_signal(copy.signal, *times_two)
    envelope = original.envelopes[number]
    if len(one) == len(two) and not find_lag(envelope, envelope_spectrum(two.data), len(two)):
        levels = _levels(original.sound, *times, one), _levels(copy, *times_two, two)
    else:
        one, two, _ = align_and_truncate(one, two)
        if len(one) <= WINDOW.size:
            return None
        levels = spectrogram(one.data), spectrogram(two.data)
    return measure_patch_similarity(*_decibels(*levels))


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
