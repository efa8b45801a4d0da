"""The vectors that chapter 2 explores, and what is asked of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.analysis.classification import Tree, grow_tree
from pipeline.analysis.clustering import Clusters, find_clusters
from pipeline.analysis.features import log_mel_statistics, time_statistics
from pipeline.analysis.kernel_embedding import embed, subsample_rows
from pipeline.analysis.latents import profiles
from pipeline.analysis.projection import Components, find_components
from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.data.corpus import Corpus
from pipeline.models.training import Trained


@dataclass
class Map:
    """Where the clips lie among each other: their clusters and their main directions."""

    clusters: Clusters
    components: Components
    learned: NDArray[np.int64]
    """Rows of the clips that both were learned from."""


def select(
    corpus: Corpus,
    averaged: bool,
    latents: NDArray[np.float32] | None = None,
    trained: Trained | None = None,
) -> NDArray[np.generic]:
    """The vectors of all clips, shape (clips, numbers).

    Latent vectors where they are given, else waveforms; `averaged` takes the mean and standard
    deviation over time of each channel instead of all numbers. The numbers of an adaptive
    latent are no time series: its channels are the energies of bands that it tells of.
    """
    if latents is None or trained is None:
        vectors: NDArray[np.generic] = corpus.waveforms
        grid = (1, corpus.waveforms.shape[1])
    elif averaged and isinstance(trained.architecture, AdaptivePlan):
        plan, vectors = trained.architecture, profiles(latents, trained)
        grid = (plan.bands, plan.superframes)
    else:
        vectors, grid = latents, trained.architecture.grid
    return time_statistics(vectors, grid) if averaged else vectors


def map_clips(
    corpus: Corpus,
    seed: int,
    averaged: bool = False,
    latents: NDArray[np.float32] | None = None,
    trained: Trained | None = None,
) -> Map:
    """Clusters and principal components of the vectors that `select` gives."""
    return _map(select(corpus, averaged, latents, trained), corpus, seed)


def classify(
    corpus: Corpus,
    seed: int,
    averaged: bool = False,
    latents: NDArray[np.float32] | None = None,
    trained: Trained | None = None,
) -> Tree:
    """A decision tree on the vectors that `select` gives."""
    return _tree(select(corpus, averaged, latents, trained), corpus, seed)


def map_reference(corpus: Corpus, seed: int) -> Map:
    """Clusters and principal components of log-mel statistics, for reference."""
    return _map(log_mel_statistics(corpus.waveforms, corpus.sampling_rate), corpus, seed)


def classify_reference(corpus: Corpus, seed: int) -> Tree:
    """A decision tree on log-mel statistics, for reference."""
    return _tree(log_mel_statistics(corpus.waveforms, corpus.sampling_rate), corpus, seed)


def _map(vectors: NDArray[np.generic], corpus: Corpus, seed: int) -> Map:
    space = embed(vectors, subsample_rows(len(vectors), seed))
    clusters = find_clusters(space, _genres(corpus), seed)
    return Map(clusters, find_components(space), space.learned)


def _tree(vectors: NDArray[np.generic], corpus: Corpus, seed: int) -> Tree:
    learned = np.array(sorted(corpus.rows("training") + corpus.rows("validation")))
    return grow_tree(vectors, _genres(corpus), learned, np.array(corpus.rows("test")), seed)


def _genres(corpus: Corpus) -> NDArray[np.int64]:
    names = corpus.genres
    return np.array([names.index(clip.genre) for clip in corpus.clips], np.int64)
