"""The constants of the study's methods, so that a report can state them."""

from typing import Any

from pipeline import baselines, coding_gain, exploration, fidelity, statistics, visible


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
        "kmeans_starts": exploration.STARTS,
        "kmeans_iterations": exploration.ITERATIONS,
        "explored_clips": exploration.MOST_CLIPS,
        "resamples": statistics.RESAMPLES,
        "moment_frames": coding_gain.MOMENT,
        "dark": visible.DARK,
    }
