"""Cluster, project, classify and probe the waveforms, latents and features of a corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.analysis.classification import TreeResult, evaluate_tree
from pipeline.analysis.clustering import Clusters, find_clusters
from pipeline.analysis.features import log_mel_statistics, time_statistics
from pipeline.analysis.folds import clip_groups, filtered_partition
from pipeline.analysis.kernel_embedding import embed, subsample_rows
from pipeline.analysis.latents import band_energies
from pipeline.analysis.neighbours import Neighbours, find_neighbours
from pipeline.analysis.planar_maps import PlanarMap, draw_maps
from pipeline.analysis.probes import Probes, evaluate_probes
from pipeline.analysis.projection import Components, find_components
from pipeline.analysis.timbre_rhythm import timbre_rhythm_statistics
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.data.corpus import Corpus
from pipeline.models.training import TrainedModel


@dataclass
class ClipMap:
    """Clusters, principal components and nearest neighbours in a corpus."""

    clusters: Clusters
    components: Components
    fit_rows: NDArray[np.int64]
    """Rows of the clips that clusters and components were fitted to."""
    neighbours: Neighbours


@dataclass
class ProbedVectors:
    """What classifiers and maps find of the genre in one kind of vector."""

    probes: Probes
    maps: dict[str, PlanarMap]
    """By method; empty for a vector that is not mapped."""


def select_vectors(
    corpus: Corpus,
    averaged: bool,
    latents: NDArray[np.float32] | None = None,
    trained: TrainedModel | None = None,
) -> NDArray[np.generic]:
    """Vectors of all clips, shape (clips, numbers): latents if given, else waveforms.

    If `averaged`, returns the mean and standard deviation over time of each channel instead.
    Adaptive latents are not time series, so their band energies are averaged.
    """
    if latents is None or trained is None:
        vectors: NDArray[np.generic] = corpus.waveforms
        grid = (1, corpus.waveforms.shape[1])
    elif averaged and isinstance(trained.architecture, AdaptivePlan):
        plan, vectors = trained.architecture, band_energies(latents, trained)
        grid = (plan.bands, plan.superframes)
    else:
        vectors, grid = latents, trained.architecture.grid
    return time_statistics(vectors, grid) if averaged else vectors


def map_clips(
    corpus: Corpus,
    seed: int,
    averaged: bool = False,
    latents: NDArray[np.float32] | None = None,
    trained: TrainedModel | None = None,
) -> ClipMap:
    """Clusters and principal components of the vectors from `select_vectors`."""
    return _map(select_vectors(corpus, averaged, latents, trained), corpus, seed)


def classify(
    corpus: Corpus,
    seed: int,
    averaged: bool = False,
    latents: NDArray[np.float32] | None = None,
    trained: TrainedModel | None = None,
) -> TreeResult:
    """Decision-tree result on the vectors from `select_vectors`."""
    return _tree(select_vectors(corpus, averaged, latents, trained), corpus, seed)


def map_reference(corpus: Corpus, seed: int) -> ClipMap:
    """Clusters and principal components of log-mel statistics, as a reference."""
    return _map(log_mel_statistics(corpus.waveforms, corpus.sampling_rate), corpus, seed)


def classify_reference(corpus: Corpus, seed: int) -> TreeResult:
    """Decision-tree result on log-mel statistics, as a reference."""
    return _tree(log_mel_statistics(corpus.waveforms, corpus.sampling_rate), corpus, seed)


def probe_clips(
    corpus: Corpus,
    seed: int,
    mapped: bool,
    embedded: bool,
    latents: NDArray[np.float32] | None = None,
    trained: TrainedModel | None = None,
) -> ProbedVectors:
    """Cross-validated classifiers of averaged vectors, and planar maps if `mapped`.

    The embedded music, whose files are named as GTZAN's, has no fault-filtered partition.
    """
    return _probe(select_vectors(corpus, True, latents, trained), corpus, seed, mapped, embedded)


def probe_reference(corpus: Corpus, seed: int, reference: str, embedded: bool) -> ProbedVectors:
    """The same of a reference, "log_mel" or "mfcc"."""
    describe = {"log_mel": log_mel_statistics, "mfcc": timbre_rhythm_statistics}[reference]
    return _probe(describe(corpus.waveforms, corpus.sampling_rate), corpus, seed, True, embedded)


def _probe(
    vectors: NDArray[np.generic], corpus: Corpus, seed: int, mapped: bool, embedded: bool
) -> ProbedVectors:
    genres, groups = _genres(corpus), clip_groups(corpus)
    filtered = None if embedded else filtered_partition(corpus)
    probes = evaluate_probes(vectors, genres, groups, seed, filtered)
    if not mapped:
        return ProbedVectors(probes, {})
    space = embed(vectors, subsample_rows(len(vectors), seed))
    return ProbedVectors(probes, draw_maps(space, genres, groups, seed))


def _map(vectors: NDArray[np.generic], corpus: Corpus, seed: int) -> ClipMap:
    space = embed(vectors, subsample_rows(len(vectors), seed))
    clusters = find_clusters(space, _genres(corpus), seed)
    return ClipMap(clusters, find_components(space), space.fit_rows, find_neighbours(space))


def _tree(vectors: NDArray[np.generic], corpus: Corpus, seed: int) -> TreeResult:
    fit_rows = np.array(sorted(corpus.rows("training") + corpus.rows("validation")))
    return evaluate_tree(vectors, _genres(corpus), fit_rows, np.array(corpus.rows("test")), seed)


def _genres(corpus: Corpus) -> NDArray[np.int64]:
    names = corpus.genres
    return np.array([names.index(clip.genre) for clip in corpus.clips], np.int64)
