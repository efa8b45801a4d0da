"""Two maps of a corpus in the plane, and what they keep of the distances and of the genres."""

from dataclasses import dataclass

import numpy as np
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

from pipeline.analysis.kernel_embedding import Floats, Integers, KernelEmbedding
from pipeline.analysis.probes import NEIGHBOURS

PERPLEXITY = 30.0
MIN_CLIPS = 8
"""Fewest clips that have a t-SNE map; with fewer it is empty of meaning."""


@dataclass(frozen=True)
class PlanarMap:
    """A map of the clips of `KernelEmbedding.fit_rows`."""

    coordinates: Floats
    """Shape (fit rows, 2)."""
    trustworthiness: float
    """1 if all neighbours on the map are neighbours in the vectors (Venna and Kaski, 2001)."""
    knn: float
    """Share of clips whose genre is the commonest among their nearest neighbours on the map,
    those of their own group left out."""


def draw_maps(
    space: KernelEmbedding, genres: Integers, groups: Integers, seed: int
) -> dict[str, PlanarMap]:
    """The first two principal components ("pca") and t-SNE ("tsne") of the fit rows.

    t-SNE (van der Maaten and Hinton, 2008) starts from the components, which makes it keep more
    of the large distances (Kobak and Berens, 2019). Empty for fewer than `MIN_CLIPS` clips.
    """
    points = space.coordinates[space.fit_rows]
    if len(points) < MIN_CLIPS:
        return {}
    components = np.zeros((len(points), 2))
    components[:, : points.shape[1]] = points[:, :2]
    width = components[:, 0].std()
    start = components / width * 1e-4 if width else components
    mapper = TSNE(
        2,
        perplexity=min(PERPLEXITY, (len(points) - 1) / 3),
        init=start.astype(np.float32),
        random_state=seed,
    )
    # Sums over threads depend on their number, and a few hundred clips gain nothing from several.
    with threadpool_limits(1):
        drawn = {"pca": components, "tsne": mapper.fit_transform(points).astype(np.float64)}
    return {
        method: PlanarMap(
            coordinates,
            float(trustworthiness(points, coordinates, n_neighbors=min(5, len(points) // 2 - 1))),
            _neighbour_accuracy(coordinates, genres[space.fit_rows], groups[space.fit_rows]),
        )
        for method, coordinates in drawn.items()
    }


def _neighbour_accuracy(points: Floats, genres: Integers, groups: Integers) -> float:
    """Leave-one-out accuracy of the nearest neighbours; a tie goes to the nearest of the tied."""
    squares = np.square(points).sum(axis=1)
    distances = squares[:, None] + squares - 2 * points @ points.T
    distances[groups[:, None] == groups] = np.inf
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS]
    correct = 0
    for row, others in enumerate(nearest):
        usable = others[np.isfinite(distances[row, others])]
        votes = np.bincount(genres[usable], minlength=int(genres.max()) + 1)
        tied = [genre for genre in genres[usable] if votes[genre] == votes.max()]
        correct += int(bool(tied) and tied[0] == genres[row])
    return correct / len(points)
