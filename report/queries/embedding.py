"""Coordinates of clips on three principal components, and statistics of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.results.vector_schema import Exploration
from report.queries.results import Results

STRETCH_RATIO = 12.0
"""Ratio of the largest coordinate to its 90 % quantile past which axes are stretched around 0."""

Cloud = NDArray[np.float64]
"""Coordinates of clips, shape (clips, 3)."""

PERMUTATIONS = 500
SEED = 42
BLOCK_ROWS = 512


def cloud(results: Results, vector: Exploration) -> Cloud:
    """Return coordinates, shape (clips, 3), of the plotted clips, scaled to compare vectors.

    Over all components and clips, the root mean square distance to the centre is 1. It follows
    from the coordinates and the variance that the three components explain.
    """
    coordinates = _array(results, vector, "coordinates")
    rows = plotted_rows(results, vector)
    explained = sum(
        results.number(f"pca.{vector.vector}.explained.{axis}").value for axis in (1, 2, 3)
    )
    if not explained:
        return coordinates[rows]
    total = np.square(coordinates).sum() / explained
    scaled: Cloud = coordinates[rows] / np.sqrt(total / len(coordinates))
    return scaled


def plotted_rows(results: Results, vector: Exploration) -> NDArray[np.int64]:
    """Return the rows of the clips that a figure shows: those the components were fit on."""
    rows: NDArray[np.int64] = _array(results, vector, "learned")
    return rows


def needs_stretched_axes(clouds: Sequence[Cloud]) -> bool:
    """Return whether a few outliers would squeeze all other clips together on linear axes."""
    farthest = max(float(np.abs(each).max()) for each in clouds)
    typical = max(float(np.quantile(np.abs(each), 0.9)) for each in clouds)
    return typical > 0 and farthest > STRETCH_RATIO * typical


def axis_limits(clouds: Sequence[Cloud]) -> list[float]:
    """Return, per component, the limit of an axis that all clouds share."""
    farthest = np.max([np.abs(each).max(axis=0) for each in clouds], axis=0)
    return [float(far) * 1.08 or 1.0 for far in farthest]


def top_clip_fraction(results: Results, vector: Exploration) -> float:
    """Return the fraction of the first component's variance due to the most extreme clip."""
    squares = _array(results, vector, "coordinates")[:, 0] ** 2
    return float(squares.max() / squares.sum()) if squares.any() else 0.0


def nearest_neighbor_agreement(points: Cloud, genres: Sequence[int]) -> tuple[float, float, float]:
    """Return how often a clip's nearest neighbor has its genre, and the range due to chance.

    Args:
        points: shape (clips, 3), at least two clips.
        genres: genre of each clip.

    Returns:
        The fraction, 0 to 1, and the ends of the 95 % range of `PERMUTATIONS` random
        permutations of the genres (a permutation test, seeded).
    """
    labels = np.array(genres)
    nearest = _nearest(points)
    fraction = float((labels[nearest] == labels).mean())
    random = np.random.default_rng(SEED)
    by_chance = []
    for _ in range(PERMUTATIONS):
        permuted = random.permutation(labels)
        by_chance.append((permuted[nearest] == permuted).mean())
    low, high = np.quantile(by_chance, [0.025, 0.975])
    return fraction, float(low), float(high)


def _nearest(points: Cloud) -> NDArray[np.intp]:
    """Index of each point's nearest neighbor, computed in blocks to bound memory."""
    nearest = []
    for start in range(0, len(points), BLOCK_ROWS):
        block = points[start : start + BLOCK_ROWS]
        distances = np.square(block[:, None, :] - points[None, :, :]).sum(axis=2)
        distances[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        nearest.append(distances.argmin(axis=1))
    return np.concatenate(nearest)


def _array(results: Results, vector: Exploration, name: str) -> NDArray[Any]:
    with np.load(results.folder / vector.array) as arrays:
        array: NDArray[Any] = arrays[name]
    return array
