"""What the vectors of a corpus know of genre: clusters, main directions and a decision tree.

Vectors come as an array of shape (clips, numbers), of any real type, possibly mapped from a
file: waveforms, latent vectors or statistics over time. Genres are whole numbers from 0, one
a clip.

Distances between standardised vectors depend on the matrix of their inner products alone. As
there are fewer clips than numbers, `embed` rotates the vectors into the few dimensions that
they fill, and `find_clusters` and `find_components` work there: the same results to rounding,
a hundred times sooner. A tree looks at one number at a time, so it needs the vectors as they
are.

The time of both grows with the cube of the clips, so clusters and components are learned from
`MOST_CLIPS` of them at most, drawn by lot; the others are put where they fall among those.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_CLIPS = 1000
"""Clips that clusters and components are learned from: as many as the original study had."""

# Numbers standardised at once: 32 MB.
CHUNK = 1 << 22

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class KernelEmbedding:
    """Standardised vectors in the dimensions that those learned from fill."""

    coordinates: Floats
    """Shape (clips, dimensions), widest first. For the clips learned from, inner products are
    those of their standardised vectors; for the others, those of their projections."""
    learned: Integers
    """Rows of the clips learned from, rising."""
    squares: float
    """Sum of squares of all standardised vectors, whole."""


def subsample_rows(clips: int, seed: int) -> Integers:
    """The rows to learn from, rising: all, or `MOST_CLIPS` by lot."""
    rows = np.random.default_rng(seed).permutation(clips)[:MOST_CLIPS]
    return np.sort(rows).astype(np.int64)


def embed(vectors: NDArray[np.generic], learned: Integers) -> KernelEmbedding:
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
    return KernelEmbedding(coordinates, learned, squares)


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
