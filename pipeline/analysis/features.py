"""Short vectors that describe a clip whatever the moment: statistics over time.

A latent vector flattened, or a waveform, changes in every coordinate when the music is moved
by a fraction of a second; these do not.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.evaluation.fidelity import log_mel

# Clips in memory at once, as float64 or as spectra.
CHUNK = 16


def time_statistics(vectors: NDArray[np.generic], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Mean and standard deviation over time of each channel: shape (clips, 2 × channels).

    `vectors` has shape (clips, channels × frames), each row a flattened `grid` (channels,
    frames); a waveform is one channel, (1, samples). The means come first. Units are those of
    `vectors`. A ValueError is raised where the grid does not fit.
    """
    channels, frames = grid
    if vectors.ndim != 2 or vectors.shape[1] != channels * frames:
        raise ValueError(f"vectors of shape {vectors.shape} are no grids {channels} × {frames}")
    features = np.empty((len(vectors), 2 * channels), np.float32)
    for start in range(0, len(vectors), CHUNK):
        part = vectors[start : start + CHUNK].reshape(-1, channels, frames)
        features[start : start + CHUNK, :channels] = part.mean(axis=2, dtype=np.float64)
        features[start : start + CHUNK, channels:] = part.std(axis=2, dtype=np.float64)
    return features


def log_mel_statistics(clips: NDArray[np.int16], sampling_rate: int) -> NDArray[np.float32]:
    """Mean and standard deviation over time of each of 80 log10 mel bands.

    `clips` are waveforms of shape (clips, samples), `sampling_rate` in Hz; gives (clips, 160),
    the means first. The bands are those of `pipeline.evaluation.fidelity.log_mel`.
    """
    features = [
        torch.cat([bands.mean(dim=2), bands.std(dim=2, correction=0)], dim=1)
        for start in range(0, len(clips), CHUNK)
        for bands in [
            log_mel(
                torch.from_numpy(clips[start : start + CHUNK] / np.float32(32768)), sampling_rate
            )
        ]
    ]
    return torch.cat(features).numpy()
