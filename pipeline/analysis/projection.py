"""Principal component analysis of a corpus."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.kernel_embedding import Floats, KernelEmbedding


@dataclass(frozen=True)
class Components:
    """The first three principal components of each clip."""

    coordinates: Floats
    """Shape (clips, 3), in units of standardised numbers."""
    explained: Floats
    """Fraction of the variance explained by each component, shape (3,)."""


def find_components(space: KernelEmbedding) -> Components:
    """The first three principal components, which are the first axes of the embedding.

    Missing dimensions are zero. The explained variance is relative to that of all clips,
    including those outside the fit rows.
    """
    coordinates = space.coordinates
    three = np.zeros((len(coordinates), 3))
    three[:, : coordinates.shape[1]] = coordinates[:, :3]
    explained = np.square(three).sum(axis=0) / (space.total_squares if space.total_squares else 1)
    return Components(coordinates=three, explained=explained)
