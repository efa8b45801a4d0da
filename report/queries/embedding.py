"""Clips on their first principal components, as pictures and sentences need them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report.facts import Exploration
from report.results import Results

STRETCHED = 12.0
"""Ratio of the farthest clip to the farthest of the nearest nine in ten, past which axes are
stretched around 0."""

Cloud = NDArray[np.float64]

DRAWS, SEED, BLOCK = 500, 42, 512


def cloud(results: Results, found: Exploration) -> Cloud:
    """Coordinates (clips, 3) on a scale that does not depend on how long a vector is, of the
    clips that are `shown`.

    Over all components and clips, the distance to the centre has a root mean square of 1: what
    three components explain of the variance is known, so all of it is.
    """
    coordinates, rows = _array(results, found, "coordinates"), shown(results, found)
    explained = sum(
        results.number(f"pca.{found.vector}.explained.{axis}").value for axis in (1, 2, 3)
    )
    if not explained:
        return coordinates[rows]
    whole = np.square(coordinates).sum() / explained
    scaled: Cloud = coordinates[rows] / np.sqrt(whole / len(coordinates))
    return scaled


def shown(results: Results, found: Exploration) -> NDArray[np.int64]:
    """Rows of the clips that a picture shows: those that the components were learned from."""
    rows: NDArray[np.int64] = _array(results, found, "learned")
    return rows


def stretched(clouds: Sequence[Cloud]) -> bool:
    """Whether a few clips lie so far out that linear axes would hide the rest."""
    far = max(float(np.abs(each).max()) for each in clouds)
    usual = max(float(np.quantile(np.abs(each), 0.9)) for each in clouds)
    return usual > 0 and far > STRETCHED * usual


def reach(clouds: Sequence[Cloud]) -> list[float]:
    """How far each component's axis must go, so that all of these can share it."""
    farthest = np.max([np.abs(each).max(axis=0) for each in clouds], axis=0)
    return [float(far) * 1.08 or 1.0 for far in farthest]


def dominance(results: Results, found: Exploration) -> float:
    """The share of the first component's variance that is due to one clip alone."""
    squares = _array(results, found, "coordinates")[:, 0] ** 2
    return float(squares.max() / squares.sum()) if squares.any() else 0.0


def nearest_neighbor_agreement(points: Cloud, genres: Sequence[int]) -> tuple[float, float, float]:
    """How often a clip's nearest other clip is of its genre, and the range that chance gives.

    Args:
        points: shape (clips, 3), two clips or more.
        genres: the genre of each.

    Returns:
        The share, 0 to 1, and the ends of what 95 % of `DRAWS` random orders of the genres give
        (a permutation test, seeded).
    """
    labels = np.array(genres)
    nearest = _nearest(points)
    share = float((labels[nearest] == labels).mean())
    random = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS):
        order = random.permutation(labels)
        drawn.append((order[nearest] == order).mean())
    low, high = np.quantile(drawn, [0.025, 0.975])
    return share, float(low), float(high)


def _nearest(points: Cloud) -> NDArray[np.intp]:
    """The row of each point's nearest other, a block of rows at a time."""
    found = []
    for start in range(0, len(points), BLOCK):
        some = points[start : start + BLOCK]
        apart = np.square(some[:, None, :] - points[None, :, :]).sum(axis=2)
        apart[np.arange(len(some)), start + np.arange(len(some))] = np.inf
        found.append(apart.argmin(axis=1))
    return np.concatenate(found)


def _array(results: Results, found: Exploration, name: str) -> NDArray[Any]:
    with np.load(results.folder / found.array) as arrays:
        array: NDArray[Any] = arrays[name]
    return array
