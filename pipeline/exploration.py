"""What the vectors of a corpus know of genre: clusters, main directions and a decision tree.

Vectors come as an array of shape (clips, numbers), of any real type, possibly mapped from a
file: waveforms, latent vectors or statistics over time. Genres are whole numbers from 0, one
a clip.

Distances between standardised vectors depend on the matrix of their inner products alone. As
there are fewer clips than numbers, `span` rotates the vectors into the few dimensions that
they fill, and `find_clusters` and `find_components` work there: the same results to rounding,
a hundred times sooner. A tree looks at one number at a time, so it needs the vectors as they
are.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import completeness_score, confusion_matrix, homogeneity_score
from sklearn.tree import DecisionTreeClassifier

from pipeline.statistics import wilson

STARTS, ITERATIONS, MOST_CLUSTERS = 20, 30, 40

# Columns standardised at once: 32 MB for 1000 clips.
CHUNK = 4096

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """k-means: the variation for each k, and the clusters for k = number of genres."""

    variation: Floats
    """Within-cluster sum of squared distances for k = 1, 2, …; 40 of them, or one a clip."""
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


@dataclass(frozen=True)
class Components:
    """Principal components: where each clip lies on the three main directions."""

    coordinates: Floats
    """Shape (clips, 3), in standard deviations of a number."""
    explained: Floats
    """The share of the variance that each explains, shape (3,)."""


@dataclass(frozen=True)
class Tree:
    """A decision tree's answers on the test clips."""

    accuracy: float
    interval: tuple[float, float]
    """95 % interval of the accuracy (Wilson)."""
    majority: float
    """The accuracy of always answering the commonest genre of the clips it was trained on."""
    uniform: float
    """1 / genres: the accuracy to expect of answers by chance."""
    confusion: Integers
    """Test clips of each genre (rows) by the tree's answer (columns)."""


def span(vectors: NDArray[np.generic]) -> Floats:
    """The standardised vectors in their own span: shape (clips, dimensions), widest first.

    Each number is brought to zero mean and unit variance over the clips, and one that never
    changes to zero, as scikit-learn's StandardScaler does. With G the matrix of inner products
    and G = V Λ Vᵀ, the rows of V √Λ have the same inner products, thus the same distances.
    Signs are fixed: on each dimension the clip that lies farthest out is positive.
    """
    clips, numbers = vectors.shape
    gram = np.zeros((clips, clips))
    for start in range(0, numbers, CHUNK):
        columns = vectors[:, start : start + CHUNK].astype(np.float64)
        standardised = _standardised(columns)
        gram += standardised @ standardised.T
    values, directions = np.linalg.eigh(gram)
    values, directions = values[::-1], directions[:, ::-1]
    # One dimension at least, even where all clips have the same vector.
    dimensions = max(1, int((values > values[0] * clips * np.finfo(np.float64).eps).sum()))
    coordinates = directions[:, :dimensions] * np.sqrt(values[:dimensions].clip(min=0))
    farthest = np.abs(coordinates).argmax(axis=0)
    return np.asarray(coordinates * np.sign(coordinates[farthest, range(dimensions)]))


def find_clusters(coordinates: Floats, genres: Integers, seed: int) -> Clusters:
    """k-means for k = 1 to 40 (or the number of clips), 20 starts of at most 30 iterations each.

    `coordinates` are those of `span`. Lloyd's algorithm from the starts of k-means++ (Arthur and
    Vassilvitskii, 2007); of the starts, the one with the least variation. The same seed gives
    the same clusters.
    """
    starts = _plus_plus(coordinates)
    count = int(genres.max()) + 1
    variation = []
    labels = np.zeros(len(coordinates), np.int64)
    for k in range(1, max(min(MOST_CLUSTERS, len(coordinates)), count) + 1):
        # Run until no clip moves: scikit-learn's tolerance would depend on the rotation.
        means = KMeans(k, init=starts, n_init=STARTS, max_iter=ITERATIONS, tol=0, random_state=seed)
        with warnings.catch_warnings():
            # Fewer distinct clips than k, in a small corpus with copies: nothing to mend.
            warnings.simplefilter("ignore", ConvergenceWarning)
            means.fit(coordinates)
        variation.append(float(means.inertia_))
        if k == count:
            labels = means.labels_.astype(np.int64)
    sizes = np.bincount(labels, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    labels = np.argsort(order)[labels]
    return Clusters(
        variation=np.array(variation[:MOST_CLUSTERS]),
        labels=labels,
        sizes=sizes[order],
        confusion=confusion_matrix(genres, labels, labels=range(count)),
        homogeneity=float(homogeneity_score(genres, labels)),
        completeness=float(completeness_score(genres, labels)),
    )


def find_components(coordinates: Floats) -> Components:
    """The first three principal components of vectors given by `span`, whose axes they are.

    A corpus that fills fewer than three dimensions has zeros in the others.
    """
    three = np.zeros((len(coordinates), 3))
    three[:, : coordinates.shape[1]] = coordinates[:, :3]
    total = np.square(coordinates).sum()
    explained = np.square(three).sum(axis=0) / (total if total else 1)
    return Components(coordinates=three, explained=explained)


def grow_tree(
    vectors: NDArray[np.generic], genres: Integers, training: Integers, test: Integers, seed: int
) -> Tree:
    """A decision tree (Gini impurity, grown until its leaves are pure), scored on test clips.

    `training` and `test` are the row numbers to learn from and to score. `seed` decides between
    splits that are equally good.
    """
    tree = DecisionTreeClassifier(random_state=seed)
    tree.fit(vectors[training].astype(np.float32, copy=False), genres[training])
    answers = tree.predict(vectors[test].astype(np.float32, copy=False))
    truth = genres[test]
    right = int((answers == truth).sum())
    count = int(genres.max()) + 1
    commonest = np.bincount(genres[training]).argmax()
    return Tree(
        accuracy=right / len(test),
        interval=wilson(right, len(test)),
        majority=float((truth == commonest).mean()),
        uniform=1 / count,
        confusion=confusion_matrix(truth, answers, labels=range(count)),
    )


def _standardised(columns: Floats) -> Floats:
    """The columns at zero mean and unit variance, changed in place."""
    clips = len(columns)
    mean = columns.mean(axis=0)
    columns -= mean
    variance = np.square(columns).mean(axis=0)
    # Below this bound the variance is rounding alone (Chan, Golub and LeVeque, 1983).
    eps = np.finfo(np.float64).eps
    constant = variance <= clips * eps * variance + np.square(clips * mean * eps)
    columns[:, constant] = 0
    columns /= np.sqrt(np.where(constant, 1, variance))
    return columns


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
            drawn = np.searchsorted(reach, random_state.uniform(size=trials) * reach[-1])
            candidates = np.minimum(drawn, len(rows) - 1)
            left = np.minimum(nearest, distances[candidates])
            best = left.sum(axis=1).argmin()
            nearest = left[best]
            chosen.append(candidates[best])
        return rows[chosen]

    return starts
