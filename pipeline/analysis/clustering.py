"""k-means on a corpus' vectors, for every k and for k = number of genres."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import completeness_score, confusion_matrix, homogeneity_score

from pipeline.analysis.kernel_embedding import Floats, Integers, KernelEmbedding

STARTS, ITERATIONS, ELBOW = 20, 30, 40


@dataclass(frozen=True)
class Clusters:
    """k-means: the variation for each k, and the clusters for k = number of genres."""

    variation: Floats
    """Within-cluster sum of squared distances of the clips learned from for k = 1, 2, … up to 40
    (or one a clip), and on to the number of genres where that is more."""
    labels: Integers
    """The cluster of each clip, numbered from 0, the largest first."""
    sizes: Integers
    """Clips in each cluster, falling."""
    confusion: Integers
    """Clips of each genre (rows) in each cluster (columns)."""
    homogeneity: float
    """1 where each cluster holds one genre alone (Rosenberg and Hirschberg, 2007)."""
    completeness: float
    """1 where each genre lies in one cluster."""


def find_clusters(space: KernelEmbedding, genres: Integers, seed: int) -> Clusters:
    """k-means for k = 1 to 40 (or one a clip, or a genre if these are more), 20 starts of
    at most 30 iterations each.

    Lloyd's algorithm from the starts of k-means++ (Arthur and Vassilvitskii, 2007); of the
    starts, the one with the least variation. Clips that were not learned from belong to the
    nearest centre. The same seed gives the same clusters.
    """
    coordinates = space.coordinates[space.learned]
    starts = _plus_plus(coordinates)
    count = int(genres.max()) + 1
    clusters = min(count, len(coordinates))
    variation = []
    labels = np.zeros(len(genres), np.int64)
    for k in range(1, max(min(ELBOW, len(coordinates)), clusters) + 1):
        # Run until no clip moves: scikit-learn's tolerance would depend on the rotation.
        means = KMeans(k, init=starts, n_init=STARTS, max_iter=ITERATIONS, tol=0, random_state=seed)
        with warnings.catch_warnings():
            # Fewer distinct clips than k, in a small corpus with copies: nothing to mend.
            warnings.simplefilter("ignore", ConvergenceWarning)
            means.fit(coordinates)
        variation.append(float(means.inertia_))
        if k == clusters:
            # The centres lie in the span: what a clip has outside of it is as far from each.
            labels = means.predict(space.coordinates).astype(np.int64)
            labels[space.learned] = means.labels_
    sizes = np.bincount(labels, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    labels = np.argsort(order)[labels]
    return Clusters(
        variation=np.array(variation),
        labels=labels,
        sizes=sizes[order],
        confusion=confusion_matrix(genres, labels, labels=range(count)),
        homogeneity=float(homogeneity_score(genres, labels)),
        completeness=float(completeness_score(genres, labels)),
    )


def _plus_plus(coordinates: Floats) -> Callable[..., Floats]:
    """The starts of k-means++, by looking up the distances between clips, computed once.

    Greedy k-means++, drawn as scikit-learn draws it: the same seed gives the same starts, and
    scikit-learn would compute the distances anew for every start.
    """
    gram = coordinates @ coordinates.T
    squares = np.diag(gram)
    distances = np.maximum(squares[:, None] + squares - 2 * gram, 0)
    np.fill_diagonal(distances, 0)

    def starts(rows: Floats, k: int, random_state: RandomState) -> Floats:
        trials = 2 + int(np.log(k))
        chosen = [random_state.choice(len(rows), p=np.full(len(rows), 1 / len(rows)))]
        nearest = distances[chosen[0]]
        for _ in range(k - 1):
            reach = np.cumsum(nearest)
            subsample_rows = np.searchsorted(reach, random_state.uniform(size=trials) * reach[-1])
            candidates = np.minimum(subsample_rows, len(rows) - 1)
            left = np.minimum(nearest, distances[candidates])
            best = left.sum(axis=1).argmin()
            nearest = left[best]
            chosen.append(candidates[best])
        return rows[chosen]

    return starts
