"""The constants of the study's methods, so that a report can state them."""

from typing import Any

from pipeline.analysis import clustering, kernel_embedding
from pipeline.evaluation import baselines, coding_gain, confidence, fidelity, spectral_change


def state() -> dict[str, Any]:
    """Name to value; lengths in samples unless the name says otherwise."""
    return {
        "window": fidelity.WINDOW,
        "hop": fidelity.HOP,
        "mel_bands": fidelity.BANDS,
        "mel_floor": fidelity.MEL_FLOOR,
        "stft_windows": [window for _, _, window in fidelity.RESOLUTIONS],
        "klt_block": baselines.BLOCK,
        "mdct_bins": baselines.BINS,
        "kmeans_starts": clustering.STARTS,
        "kmeans_iterations": clustering.ITERATIONS,
        "explored_clips": kernel_embedding.MOST_CLIPS,
        "resamples": confidence.RESAMPLES,
        "moment_frames": coding_gain.MOMENT,
        "dark": spectral_change.DARK,
    }
