"""MFCC and rhythm of clips: a description made for genre, as a reference for latent vectors."""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import dct

from pipeline.analysis.features import CLIPS_PER_BATCH
from pipeline.audio.spectrum import HOP, log_mel

COEFFICIENTS, FLUX_BANDS, LAGS = 20, 8, 24
LAG_SECONDS = 0.1, 2.0
"""Shortest and longest lag of the autocorrelation: 600 to 30 beats a minute."""


def timbre_rhythm_statistics(clips: NDArray[np.int16], sampling_rate: int) -> NDArray[np.float32]:
    """Statistics over time of 80 log10 mel bands: shape (clips, 100).

    Means and deviations of 20 MFCC, and deviations of their differences from frame to frame
    (Tzanetakis and Cook, 2002, use the first two); means and deviations of the flux (increase from
    frame to frame) in 8 bands; and the autocorrelation of the total flux in 24 ranges of lags, 0
    for those longer than the clip.

    Args:
        clips: waveforms of shape (clips, samples).
        sampling_rate: in Hz.
    """
    features = []
    for start in range(0, len(clips), CLIPS_PER_BATCH):
        waveforms = torch.from_numpy(clips[start : start + CLIPS_PER_BATCH] / np.float32(32768))
        bands = log_mel(waveforms, sampling_rate).numpy().astype(np.float64)
        cepstrum = dct(bands, axis=1, norm="ortho")[:, :COEFFICIENTS]
        flux = np.diff(bands, axis=2, prepend=bands[:, :, :1]).clip(min=0)
        grouped = flux.reshape(len(bands), FLUX_BANDS, -1, flux.shape[2]).mean(axis=2)
        parts = [cepstrum.mean(axis=2), cepstrum.std(axis=2)]
        parts += [np.diff(cepstrum, axis=2, prepend=cepstrum[:, :, :1]).std(axis=2)]
        parts += [grouped.mean(axis=2), grouped.std(axis=2)]
        parts += [_autocorrelation(flux.mean(axis=1), sampling_rate / HOP)]
        features.append(np.concatenate(parts, axis=1))
    return np.concatenate(features).astype(np.float32)


def _autocorrelation(onsets: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """Autocorrelation, divided by that at lag 0: its maximum over each of `LAGS` ranges of lags,
    equally wide in logarithm."""
    frames = onsets.shape[1]
    centred = onsets - onsets.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 2 * frames)) ** 2
    found = np.fft.irfft(power)[:, :frames]
    found /= np.where(found[:, :1] > 0, found[:, :1], 1)
    ends = np.rint(np.geomspace(*LAG_SECONDS, LAGS + 1) * rate).astype(int)
    ranges = [found[:, low : max(high, low + 1)] for low, high in pairwise(ends)]
    return np.stack([each.max(axis=1, initial=-1 if each.size else 0) for each in ranges], axis=1)
