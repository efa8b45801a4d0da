"""Time-invariant clip features: means and standard deviations over time.

Every coordinate of a waveform or a flattened latent changes when the music is shifted by a fraction
of a second; these features do not.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.audio.spectrum import log_mel

CLIPS_PER_BATCH = 16
"""Bounds the memory of float64 copies and spectra."""


def time_statistics(vectors: NDArray[np.generic], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Mean and standard deviation over time of each channel: shape (clips, 2 × channels).

    Means come first; units are those of `vectors`.

    Args:
        vectors: shape (clips, channels × frames).
        grid: (channels, frames) of each vector; (1, samples) for a waveform.

    Raises:
        ValueError: the grid does not match the vectors.
    """
    channels, frames = grid
    if vectors.ndim != 2 or vectors.shape[1] != channels * frames:
        raise ValueError(
            f"vectors of shape {vectors.shape} do not match the grid {channels} × {frames}"
        )
    features = np.empty((len(vectors), 2 * channels), np.float32)
    for start in range(0, len(vectors), CLIPS_PER_BATCH):
        part = vectors[start : start + CLIPS_PER_BATCH].reshape(-1, channels, frames)
        features[start : start + CLIPS_PER_BATCH, :channels] = part.mean(axis=2, dtype=np.float64)
        features[start : start + CLIPS_PER_BATCH, channels:] = part.std(axis=2, dtype=np.float64)
    return features


def log_mel_statistics(clips: NDArray[np.int16], sampling_rate: int) -> NDArray[np.float32]:
    """Mean and standard deviation over time of each of 80 log10 mel bands.

    Returns shape (clips, 160), means first. See `pipeline.audio.spectrum.log_mel`.

    Args:
        clips: waveforms of shape (clips, samples).
        sampling_rate: in Hz.
    """
    features = [
        torch.cat([bands.mean(dim=2), bands.std(dim=2, correction=0)], dim=1)
        for start in range(0, len(clips), CLIPS_PER_BATCH)
        for bands in [
            log_mel(
                torch.from_numpy(clips[start : start + CLIPS_PER_BATCH] / np.float32(32768)),
                sampling_rate,
            )
        ]
    ]
    return torch.cat(features).numpy()
