"""The first three principal components of a corpus' vectors."""

from dataclasses import dataclass

import numpy as np

from pipeline.analysis.kernel_embedding import Floats, KernelEmbedding


@dataclass(frozen=True)
class Components:
    """Principal components: where each clip lies on the three main directions."""

    coordinates: Floats
    """Shape (clips, 3), in standard deviations of a number."""
    explained: Floats
    """The share of the variance that each explains, shape (3,)."""


def find_components(space: KernelEmbedding) -> Components:
    """The first three principal components, which are the axes of a span.

    A corpus that fills fewer than three dimensions has zeros in the others. What they explain
    is the share of all clips' variance, those not learned from included.
    """
    coordinates = space.coordinates
    three = np.zeros((len(coordinates), 3))
    three[:, : coordinates.shape[1]] = coordinates[:, :3]
    explained = np.square(three).sum(axis=0) / (space.squares if space.squares else 1)
    return Components(coordinates=three, explained=explained)
