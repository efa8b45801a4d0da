"""Rebuild the test set, by a trained model or by a baseline, and measure how close it comes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.audio.files import to_float, to_int16
from pipeline.data.corpus import Corpus
from pipeline.data.new_songs import Song
from pipeline.engine.progress import report_progress
from pipeline.errors import StudyError, nearest
from pipeline.evaluation import baselines, fidelity
from pipeline.evaluation.visqol import SHORTEST, visqol
from pipeline.models.restore import restore
from pipeline.models.training import Trained

PIECE = 8
"""Clips learned from, or decoded and measured, at once, which bounds the memory this takes."""


@dataclass
class Reconstruction:
    """What one model or baseline makes of the test set.

    `fidelity` maps a measure of `fidelity.UNITS` to its values, float64 of shape
    (test clips,), in the order of the corpus; `visqol` maps the rows of the clips that were
    scored to their MOS-LQO (none where clips are too short for ViSQOL); `songs` maps the row of
    each song to be heard to its reconstruction, int16 of shape (samples,).
    """

    fidelity: dict[str, NDArray[np.float64]]
    visqol: dict[int, float]
    songs: dict[int, NDArray[np.int16]]


def featured(corpus: Corpus, song: str | None) -> int:
    """Row of the test song that the report listens to: the one named, else the first.

    Raises:
        StudyError: no clip of the test set has that name.
    """
    rows = {corpus.clips[row].name: row for row in corpus.rows("test")}
    if song is None:
        return min(rows.values())
    if song not in rows:
        raise StudyError(
            f'report.song: "{song}" is no clip of the test set{nearest(song, list(rows))}; it has '
            + ", ".join(list(rows)[:8])
            + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
        )
    return rows[song]


def by_model(
    corpus: Corpus, trained: Trained, song: int, visqol_clips: int, seed: int
) -> Reconstruction:
    """Decode every test clip's latent vector and measure it against the clip.

    Args:
        song: row of the test clip to keep for listening, as `featured` gives.
        visqol_clips: how many test clips ViSQOL scores; `seed` chooses them, the song to be
            heard among them.
    """
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    return _measured(corpus, lambda clips: model(clips.to(where)).cpu(), song, visqol_clips, seed)


def by_baseline(
    corpus: Corpus,
    klt_basis: Tensor,
    method: str,
    numbers: int,
    song: int,
    visqol_clips: int,
    seed: int,
) -> Reconstruction:
    """Rebuild every test clip from `numbers` numbers by a baseline; the rest as `by_model`."""
    return _measured(
        corpus,
        lambda clips: baselines.rebuild(method, clips, numbers, klt_basis),
        song,
        visqol_clips,
        seed,
    )


def learn_klt(corpus: Corpus) -> Tensor:
    """The block KLT of the training clips, shape (256, 256)."""
    rows = corpus.rows("training")
    starts = range(0, len(rows), PIECE)
    return baselines.learn_klt(corpus.floats(rows[start : start + PIECE]) for start in starts)


@torch.no_grad()
def _measured(
    corpus: Corpus,
    rebuild: Callable[[Tensor], Tensor],
    song: int,
    visqol_clips: int,
    seed: int,
) -> Reconstruction:
    rows = corpus.rows("test")
    others = np.random.default_rng(seed).permutation([row for row in rows if row != song])
    scored = {song, *(int(row) for row in others[: max(0, visqol_clips - 1)])}
    if corpus.waveforms.shape[1] < SHORTEST * corpus.sampling_rate:
        scored = set()
    result = Reconstruction({name: np.empty(len(rows)) for name in fidelity.UNITS}, {}, {})
    for start in range(0, len(rows), PIECE):
        piece = rows[start : start + PIECE]
        originals = corpus.floats(piece)
        rebuilt = rebuild(originals)
        for name, values in fidelity.measure(originals, rebuilt, corpus.sampling_rate).items():
            result.fidelity[name][start : start + PIECE] = values.numpy()
        for row, original, waveform in zip(piece, originals, rebuilt, strict=True):
            if row in scored:
                result.visqol[row] = visqol(original, waveform, corpus.sampling_rate)
            if row == song:
                result.songs[row] = to_int16(waveform)
        report_progress(start + len(piece), len(rows))
    return result


@dataclass
class Decoded:
    """What models and baselines make of one clip, by version ("classic.18376").

    `visqol` is empty where the clip is too short for it.
    """

    waveforms: dict[str, NDArray[np.int16]]
    fidelity: dict[str, dict[str, float]]
    visqol: dict[str, float]


@torch.no_grad()
def decode(
    song: Song,
    sampling_rate: int,
    methods: list[str],
    models: dict[str, Trained],
    klt_basis: torch.Tensor,
) -> Decoded:
    """Encode and decode a song with every model, and with each baseline at every size.

    Args:
        methods: baselines, as `pipeline.evaluation.baselines.rebuild` names them.
        models: by "FAMILY.SIZE"; their sizes are the baselines' too.
        klt_basis: as `pipeline.evaluation.baselines.learn_klt` gives.
    """
    original = to_float(song.clip)[None]
    waveforms: dict[str, torch.Tensor] = {}
    for model, trained in models.items():
        network = restore(trained.architecture, trained.weights)
        where = next(network.parameters()).device
        waveforms[model] = network(original.to(where)).cpu()
    for size in sorted({trained.architecture.latent for trained in models.values()}, reverse=True):
        for method in methods:
            waveforms[f"baseline.{method}.{size}"] = baselines.rebuild(
                method, original, size, klt_basis
            )
    result = Decoded({}, {}, {})
    for done, (version, waveform) in enumerate(waveforms.items(), start=1):
        measured = fidelity.measure(original, waveform, sampling_rate)
        result.fidelity[version] = {name: float(values[0]) for name, values in measured.items()}
        if original.shape[1] >= SHORTEST * sampling_rate:
            result.visqol[version] = visqol(original[0], waveform[0], sampling_rate)
        result.waveforms[version] = to_int16(waveform[0])
        report_progress(done, len(waveforms), version)
    return result
