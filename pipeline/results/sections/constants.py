"""The constants of the study's methods, so that the report can state them."""

from pipeline.analysis import clustering, folds, kernel_embedding
from pipeline.audio import spectrum
from pipeline.evaluation import baselines, coding_gain, confidence, fidelity, spectral_change
from pipeline.results.schema import Constants


def method_constants() -> Constants:
    """The constants, from the modules that use them."""
    return Constants(
        window=spectrum.WINDOW,
        hop=spectrum.HOP,
        mel_bands=spectrum.MEL_BANDS,
        mel_floor=spectrum.MEL_FLOOR,
        stft_windows=tuple(window for _, _, window in fidelity.RESOLUTIONS),
        klt_block=baselines.KLT_BLOCK,
        mdct_bins=baselines.MDCT_BINS,
        kmeans_starts=clustering.N_INIT,
        kmeans_iterations=clustering.MAX_ITERATIONS,
        explored_clips=kernel_embedding.MAX_CLIPS,
        folds=folds.FOLDS,
        repeats=folds.REPEATS,
        resamples=confidence.RESAMPLES,
        moment_frames=coding_gain.MOMENT_FRAMES,
        dark=spectral_change.DARK_DB,
    )
