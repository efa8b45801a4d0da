"""Nearest neighbours against scikit-learn's, on the standardised vectors themselves."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from pipeline.analysis.kernel_embedding import embed
from pipeline.analysis.neighbours import NEIGHBOURS, find_neighbours
from tests.pipeline.analysis.test_clusters_components_trees import corpus, embed_all, standardised


def test_neighbours_are_those_of_the_whole_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.analysis.neighbours.BLOCK_ROWS", 7)
    vectors, _ = corpus("mixture")
    raw, found = standardised(vectors), find_neighbours(embed_all(vectors))
    apart = np.linalg.norm(raw[:, None] - raw[None], axis=2)
    distances, _ = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(raw).kneighbors()
    told = np.take_along_axis(apart, found.rows, axis=1)
    np.testing.assert_allclose(told, distances, atol=1e-6)  # two clips are equal: rows may differ
    typical = np.median(apart[np.triu_indices(len(raw), 1)])
    np.testing.assert_allclose(found.distances, distances / typical, atol=1e-6)


def test_few_or_equal_clips_have_neighbours_too() -> None:
    for clips in (1, 2, 4):
        found = find_neighbours(embed(np.ones((clips, 9)), np.arange(clips)))
        assert found.rows.shape == (clips, clips - 1)
        assert not found.distances.any()
        assert not (found.rows == np.arange(clips)[:, None]).any()
