"""Selection of the analysed vectors, and of the clips used to fit and score."""

import numpy as np

from pipeline.analysis import vectors
from pipeline.analysis.latents import encode_corpus
from pipeline.data.corpus import Clip, Corpus
from tests.pipeline.generation.test_latent_means import a_model
from tests.pipeline.models.test_training import a_corpus


def test_vectors_are_waveforms_latents_or_their_statistics() -> None:
    corpus, model = a_corpus(), a_model()
    latents = encode_corpus(corpus, model)
    channels, frames = model.architecture.grid
    assert vectors.select_vectors(corpus, False) is corpus.waveforms
    assert vectors.select_vectors(corpus, False, latents, model) is latents
    averaged = np.asarray(vectors.select_vectors(corpus, True, latents, model), np.float64)
    assert averaged.shape == (len(corpus.clips), 2 * channels)
    grid = latents.reshape(-1, channels, frames)
    np.testing.assert_allclose(averaged[:, :channels], grid.mean(axis=2), atol=1e-6)
    np.testing.assert_allclose(averaged[:, channels:], grid.std(axis=2), atol=1e-6)
    assert vectors.select_vectors(corpus, True).shape == (len(corpus.clips), 2)


def loud_and_soft() -> Corpus:
    """Two genres that differ only in loudness, which time statistics capture."""
    corpus = a_corpus(40)
    clips, waveforms = [], corpus.waveforms.copy()
    for row, clip in enumerate(corpus.clips):
        soft = row % 2 == 1
        if soft:
            waveforms[row] //= 20
        part = ("training", "training", "validation", "test")[row // 2 % 4]
        clips.append(Clip(clip.name, "soft" if soft else "loud", "", 0.0, part))
    return Corpus(corpus.sampling_rate, waveforms, clips)


def test_tree_is_trained_on_training_and_validation_and_scored_on_test() -> None:
    corpus = loud_and_soft()
    tree = vectors.classify(corpus, seed=1, averaged=True)
    assert tree.confusion.sum() == len(corpus.rows("test"))
    assert tree.accuracy == 1
    assert tree.confusion.tolist() == [[5, 0], [0, 5]]


def test_clusters_separate_loud_and_soft() -> None:
    corpus = loud_and_soft()
    found = vectors.map_clips(corpus, seed=1, averaged=True)
    assert found.clusters.homogeneity > 0.9
    assert found.components.coordinates.shape == (40, 3)
    reference = vectors.map_reference(corpus, seed=1)
    assert reference.clusters.sizes.sum() == 40
