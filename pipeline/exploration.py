"""What the vectors of a corpus know of genre: clusters, main directions and a decision tree.

Vectors come as an array of shape (clips, numbers), of any real type, possibly mapped from a
file: waveforms, latent vectors or statistics over time. Genres are whole numbers from 0, one
a clip.

Distances between standardised vectors depend on the matrix of their inner products alone. As
there are fewer clips than numbers, `span` rotates the vectors into the few dimensions that
they fill, and `find_clusters` and `find_components` work there: the same results to rounding,
a hundred times sooner. A tree looks at one number at a time, so it needs the vectors as they
are.

The time of both grows with the cube of the clips, so clusters and components are learned from
`MOST_CLIPS` of them at most, drawn by lot; the others are put where they fall among those.
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

STARTS, ITERATIONS, ELBOW = 20, 30, 40

MOST_CLIPS = 1000
"""Clips that clusters and components are learned from: as many as the original study had."""

# Numbers standardised at once: 32 MB.
CHUNK = 1 << 22

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """Standardised vectors in the dimensions that those learned from fill."""

    coordinates: Floats
    """Shape (clips, dimensions), widest first. For the clips learned from, inner products are
    those of their standardised vectors; for the others, those of their projections."""
    learned: Integers
    """Rows of the clips learned from, rising."""
    squares: float
    """Sum of squares of all standardised vectors, whole."""


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


def drawn(clips: int, seed: int) -> Integers:
    """The rows to learn from, rising: all, or `MOST_CLIPS` by lot."""
    rows = np.random.default_rng(seed).permutation(clips)[:MOST_CLIPS]
    return np.sort(rows).astype(np.int64)


def span(vectors: NDArray[np.generic], learned: Integers) -> Span:
    """The standardised vectors in the span of the clips learned from.

    Each number is brought to zero mean and unit variance over those clips, and one that never
    changes among them to zero, as scikit-learn's StandardScaler does. With G the matrix of their
    inner products and G = V Λ Vᵀ, the rows of V √Λ have the same inner products, thus the same
    distances. Another clip, whose inner products with them are g, has its projection at
    g V / √Λ (Nyström's extension; Williams and Seeger, 2001). Signs are fixed: on each dimension
    the clip learned from that lies farthest out is positive.
    """
    clips, numbers = vectors.shape
    gram, squares = np.zeros((clips, len(learned))), 0.0
    width = max(1, CHUNK // clips)
    for start in range(0, numbers, width):
        columns = vectors[:, start : start + width].astype(np.float64)
        standardised = _standardised(columns, learned)
        gram += standardised @ standardised[learned].T
        squares += float(np.square(standardised).sum())
    values, directions = np.linalg.eigh(gram[learned])
    values, directions = values[::-1], directions[:, ::-1]
    # One dimension at least, even where all clips have the same vector.
    bound = values[0] * len(learned) * np.finfo(np.float64).eps
    dimensions = max(1, int((values > bound).sum()))
    directions, widths = directions[:, :dimensions], np.sqrt(values[:dimensions].clip(min=0))
    farthest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[farthest, range(dimensions)])
    coordinates = gram @ (directions / np.where(widths > 0, widths, 1))
    coordinates[learned] = directions * widths
    return Span(coordinates, learned, squares)


def find_clusters(space: Span, genres: Integers, seed: int) -> Clusters:
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


def find_components(space: Span) -> Components:
    """The first three principal components, which are the axes of a span.

    A corpus that fills fewer than three dimensions has zeros in the others. What they explain
    is the share of all clips' variance, those not learned from included.
    """
    coordinates = space.coordinates
    three = np.zeros((len(coordinates), 3))
    three[:, : coordinates.shape[1]] = coordinates[:, :3]
    explained = np.square(three).sum(axis=0) / (space.squares if space.squares else 1)
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


def _standardised(columns: Floats, learned: Integers) -> Floats:
    """The columns at zero mean and unit variance over some rows, changed in place."""
    clips = len(learned)
    mean = columns[learned].mean(axis=0)
    columns -= mean
    variance = np.square(columns[learned]).mean(axis=0)
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
