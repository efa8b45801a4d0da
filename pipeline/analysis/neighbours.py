"""The nearest neighbours of each clip, over whole vectors rather than a projection of them."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.kernel_embedding import Floats, Integers, KernelEmbedding

NEIGHBOURS = 5
BLOCK_ROWS = 256


@dataclass(frozen=True)
class Neighbours:
    """The nearest other clips of each clip, nearest first; fewer in a smaller corpus."""

    rows: Integers
    """Shape (clips, NEIGHBOURS)."""
    distances: Floats
    """Shape (clips, NEIGHBOURS), relative to the median distance between two clips of the fit."""


def find_neighbours(space: KernelEmbedding) -> Neighbours:
    """The nearest neighbours by Euclidean distance between standardised vectors.

    Distances to clips outside the fit are those to their projections. All distances are zero if
    all vectors are equal.
    """
    points = space.coordinates
    count = min(NEIGHBOURS, len(points) - 1)
    rows, distances = [], []
    for start in range(0, len(points), BLOCK_ROWS):
        block = points[start : start + BLOCK_ROWS]
        found = _distances(block, points)
        found[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        nearest = np.argsort(found, axis=1, kind="stable")[:, :count]
        rows.append(nearest)
        distances.append(np.take_along_axis(found, nearest, axis=1))
    return Neighbours(np.concatenate(rows), np.concatenate(distances) / _typical_distance(space))


def _typical_distance(space: KernelEmbedding) -> float:
    """The median distance between two clips of the fit; 1 if it is zero."""
    fitted = space.coordinates[space.fit_rows]
    pairs = _distances(fitted, fitted)[np.triu_indices(len(fitted), 1)]
    return float(np.median(pairs)) or 1.0 if len(pairs) else 1.0


def _distances(a: Floats, b: Floats) -> Floats:
    squares = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.sqrt(squares.clip(min=0)))
