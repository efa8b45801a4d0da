"""Reconstruct clips with trained models and baselines, and measure their fidelity."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.audio.files import to_float, to_int16
from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError, did_you_mean
from pipeline.evaluation import baselines, fidelity
from pipeline.evaluation.visqol import MIN_SECONDS, visqol
from pipeline.models.restore import restore, restore_start
from pipeline.models.training import TrainedModel

CLIPS_PER_BATCH = 8
"""Bounds the memory of fitting, decoding and measuring."""


@dataclass
class Reconstruction:
    """The test set as reconstructed by one model or baseline.

    Attributes:
        fidelity: values per measure of `fidelity.UNITS`, float64 of shape (test clips,), in the
            order of the corpus.
        visqol: MOS-LQO by row, for the clips scored (none if clips are too short for ViSQOL).
        songs: the featured song's reconstruction by its row, int16 of shape (samples,).
    """

    fidelity: dict[str, NDArray[np.float64]]
    visqol: dict[int, float]
    songs: dict[int, NDArray[np.int16]]


def featured_row(corpus: Corpus, song: str | None) -> int:
    """Row of the test song featured in the report: `song`, or the first one if None.

    Raises:
        StudyError: no test clip has that name.
    """
    rows = {corpus.clips[row].name: row for row in corpus.rows("test")}
    if song is None:
        return min(rows.values())
    if song not in rows:
        raise StudyError(
            f'report.song: "{song}" is not a clip of the test set'
            f"{did_you_mean(song, list(rows))}; it contains "
            + ", ".join(list(rows)[:8])
            + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
        )
    return rows[song]


def reconstruct_with_model(
    corpus: Corpus, trained: TrainedModel, song: int, visqol_clips: int, seed: int
) -> Reconstruction:
    """Encode and decode every test clip with a model, and measure the reconstruction.

    Args:
        song: row of the featured song, from `featured_row`; its reconstruction is kept.
        visqol_clips: number of test clips scored with ViSQOL, the featured song among them.
        seed: of the random choice of those clips.
    """
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    return _evaluate(corpus, lambda clips: model(clips.to(where)).cpu(), song, visqol_clips, seed)


def reconstruct_untrained(
    corpus: Corpus, trained: TrainedModel, song: int, visqol_clips: int, seed: int
) -> Reconstruction:
    """As `reconstruct_with_model`, with the model from which the training of `trained` started."""
    model = restore_start(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    return _evaluate(corpus, lambda clips: model(clips.to(where)).cpu(), song, visqol_clips, seed)


def reconstruct_with_baseline(
    corpus: Corpus,
    klt_basis: Tensor,
    method: str,
    numbers: int,
    song: int,
    visqol_clips: int,
    seed: int,
) -> Reconstruction:
    """As `reconstruct_with_model`, from `numbers` numbers per clip with a baseline."""
    return _evaluate(
        corpus,
        lambda clips: baselines.reconstruct(method, clips, numbers, klt_basis),
        song,
        visqol_clips,
        seed,
    )


def learn_klt(corpus: Corpus) -> Tensor:
    """Basis of the block KLT of the training clips, shape (256, 256)."""
    rows = corpus.rows("training")
    starts = range(0, len(rows), CLIPS_PER_BATCH)
    return baselines.learn_klt(
        corpus.floats(rows[start : start + CLIPS_PER_BATCH]) for start in starts
    )


@torch.no_grad()
def _evaluate(
    corpus: Corpus,
    reconstruct: Callable[[Tensor], Tensor],
    song: int,
    visqol_clips: int,
    seed: int,
) -> Reconstruction:
    rows = corpus.rows("test")
    others = np.random.default_rng(seed).permutation([row for row in rows if row != song])
    scored = {song, *(int(row) for row in others[: max(0, visqol_clips - 1)])}
    if corpus.waveforms.shape[1] < MIN_SECONDS * corpus.sampling_rate:
        scored = set()
    result = Reconstruction({name: np.empty(len(rows)) for name in fidelity.UNITS}, {}, {})
    for start in range(0, len(rows), CLIPS_PER_BATCH):
        batch = rows[start : start + CLIPS_PER_BATCH]
        originals = corpus.floats(batch)
        rebuilt = reconstruct(originals)
        for name, values in fidelity.measure(originals, rebuilt, corpus.sampling_rate).items():
            result.fidelity[name][start : start + CLIPS_PER_BATCH] = values.numpy()
        for row, original, waveform in zip(batch, originals, rebuilt, strict=True):
            if row in scored:
                result.visqol[row] = visqol(original, waveform, corpus.sampling_rate)
            if row == song:
                result.songs[row] = to_int16(waveform)
        report_progress(start + len(batch), len(rows))
    return result


@dataclass
class DecodedSong:
    """One clip as reconstructed by models and baselines, by version ("classic.18376").

    `visqol` is empty if the clip is too short for ViSQOL.
    """

    waveforms: dict[str, NDArray[np.int16]]
    fidelity: dict[str, dict[str, float]]
    visqol: dict[str, float]


@torch.no_grad()
def decode_song(
    song: Song,
    sampling_rate: int,
    methods: list[str],
    models: dict[str, TrainedModel],
    klt_basis: torch.Tensor,
) -> DecodedSong:
    """Encode and decode a song with every model, adaptive ones also before training, and with
    each baseline at every size.

    Args:
        methods: baselines, as named by `pipeline.evaluation.baselines.reconstruct`.
        models: by "FAMILY.SIZE"; the baselines use the same sizes.
        klt_basis: from `learn_klt`.
    """
    original = to_float(song.clip)[None]
    waveforms: dict[str, torch.Tensor] = {}
    for model, trained in models.items():
        networks = {model: restore(trained.architecture, trained.weights)}
        if isinstance(trained.architecture, AdaptivePlan):
            start = restore_start(trained.architecture, trained.weights)
            networks[f"untrained.{model}"] = start
        for version, network in networks.items():
            where = next(network.parameters()).device
            waveforms[version] = network(original.to(where)).cpu()
    for size in sorted({trained.architecture.latent for trained in models.values()}, reverse=True):
        for method in methods:
            waveforms[f"baseline.{method}.{size}"] = baselines.reconstruct(
                method, original, size, klt_basis
            )
    result = DecodedSong({}, {}, {})
    for done, (version, waveform) in enumerate(waveforms.items(), start=1):
        measured = fidelity.measure(original, waveform, sampling_rate)
        result.fidelity[version] = {name: float(values[0]) for name, values in measured.items()}
        if original.shape[1] >= MIN_SECONDS * sampling_rate:
            result.visqol[version] = visqol(original[0], waveform[0], sampling_rate)
        result.waveforms[version] = to_int16(waveform[0])
        report_progress(done, len(waveforms), version)
    return result
