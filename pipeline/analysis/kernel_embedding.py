"""Rotate a corpus' vectors into the few dimensions they span (kernel PCA with a linear kernel).

Vectors are an array of shape (clips, numbers) of any real type, possibly memory-mapped:
waveforms, latent vectors or statistics over time. Genres are integers from 0, one per clip.

Distances between standardised vectors depend only on their Gram matrix. With fewer clips than
numbers, `embed` rotates the vectors into the subspace they span, where k-means and PCA give the
same results to rounding, about a hundred times faster. Decision trees split on single numbers and
need the original vectors.

The cost of k-means and PCA grows with the cube of the clips, so both are fitted to at most
`MAX_CLIPS` clips; the others are projected.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CLIPS = 1000
"""Maximum clips that clusters and components are fitted to, as many as in the original study."""

VALUES_PER_BATCH = 1 << 22
"""Values standardised at once: 32 MB."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class KernelEmbedding:
    """Standardised vectors in the subspace spanned by the fit rows."""

    coordinates: Floats
    """Shape (clips, dimensions), by decreasing variance. Inner products are those of the
    standardised vectors (fit rows) or of their projections (other rows)."""
    fit_rows: Integers
    """Sorted rows of the clips that the embedding was fitted to."""
    total_squares: float
    """Sum of squares of all standardised vectors, before projection."""


def subsample_rows(clips: int, seed: int) -> Integers:
    """Sorted fit rows: all, or a random `MAX_CLIPS`."""
    rows = np.random.default_rng(seed).permutation(clips)[:MAX_CLIPS]
    return np.sort(rows).astype(np.int64)


def embed(vectors: NDArray[np.generic], fit_rows: Integers) -> KernelEmbedding:
    """Standardise vectors and project them onto the span of the fit rows.

    Each number is scaled to zero mean and unit variance over the fit rows; constant ones become
    zero, as in scikit-learn's StandardScaler. With Gram matrix G = V Λ Vᵀ of the fit rows, the
    rows of V √Λ have the same inner products, hence the same distances. A clip whose inner
    products with the fit rows are g is projected to g V / √Λ (Nyström extension; Williams and
    Seeger, 2001). The sign of each dimension makes its most extreme fit row positive.
    """
    clips, numbers = vectors.shape
    gram, total_squares = np.zeros((clips, len(fit_rows))), 0.0
    width = max(1, VALUES_PER_BATCH // clips)
    for start in range(0, numbers, width):
        columns = vectors[:, start : start + width].astype(np.float64)
        standardised = _standardised(columns, fit_rows)
        gram += standardised @ standardised[fit_rows].T
        total_squares += float(np.square(standardised).sum())
    values, directions = np.linalg.eigh(gram[fit_rows])
    values, directions = values[::-1], directions[:, ::-1]
    # At least one dimension, even if all clips have the same vector.
    bound = values[0] * len(fit_rows) * np.finfo(np.float64).eps
    dimensions = max(1, int((values > bound).sum()))
    directions, widths = directions[:, :dimensions], np.sqrt(values[:dimensions].clip(min=0))
    farthest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[farthest, range(dimensions)])
    coordinates = gram @ (directions / np.where(widths > 0, widths, 1))
    coordinates[fit_rows] = directions * widths
    return KernelEmbedding(coordinates, fit_rows, total_squares)


def _standardised(columns: Floats, fit_rows: Integers) -> Floats:
    """Scale columns in place to zero mean and unit variance over some rows."""
    clips = len(fit_rows)
    mean = columns[fit_rows].mean(axis=0)
    columns -= mean
    variance = np.square(columns[fit_rows]).mean(axis=0)
    # Below this bound the variance is only rounding error (Chan, Golub and LeVeque, 1983).
    eps = np.finfo(np.float64).eps
    constant = variance <= clips * eps * variance + np.square(clips * mean * eps)
    columns[:, constant] = 0
    columns /= np.sqrt(np.where(constant, 1, variance))
    return columns
