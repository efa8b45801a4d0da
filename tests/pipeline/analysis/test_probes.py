"""Classifiers of genre: what they find, what they must not, and how clips are kept together."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness
from torchaudio.datasets import gtzan

from pipeline.analysis import folds, vectors
from pipeline.analysis.kernel_embedding import embed
from pipeline.analysis.planar_maps import draw_maps
from pipeline.analysis.probes import KINDS, evaluate_probes
from pipeline.analysis.timbre_rhythm import timbre_rhythm_statistics
from pipeline.data.corpus import Clip, Corpus
from tests.pipeline.models.test_training import a_corpus

GENRES, OF_GENRE, SEED = 4, 30, 42
TRUTH = np.repeat(np.arange(GENRES), OF_GENRE)


def separated() -> NDArray[np.float64]:
    random = np.random.default_rng(3)
    return np.asarray(random.standard_normal((len(TRUTH), 12)) + 4 * np.eye(GENRES, 12)[TRUTH])


def files(names: list[str]) -> Corpus:
    """A corpus of clips of these files, each in the folder of its genre."""
    clips = [Clip(name, name.partition("/")[0], name, 0.0) for name in names]
    return Corpus(8000, np.zeros((len(clips), 8), np.int16), clips)


def test_every_clip_is_tested_once_a_repetition_and_genres_are_spread() -> None:
    repeats = folds.repeated_folds(TRUTH, np.arange(len(TRUTH)), SEED)
    assert len(repeats) == folds.REPEATS
    for parts in repeats:
        assert sorted(np.concatenate([part.test for part in parts]).tolist()) == [
            *range(len(TRUTH))
        ]
        for part in parts:
            assert np.bincount(TRUTH[part.test]).tolist() == [OF_GENRE // folds.FOLDS] * GENRES
            assert not set(part.training.tolist()) & set(part.test.tolist())
    first, second = repeats[:2]
    assert first[0].test.tolist() != second[0].test.tolist()


def test_groups_are_never_divided() -> None:
    random = np.random.default_rng(5)
    groups = random.integers(40, size=len(TRUTH))
    parts = [part for each in folds.repeated_folds(TRUTH, groups, SEED) for part in each]
    parts += folds.shuffled_partitions(
        folds.Partition(np.arange(0, 120, 2), np.arange(1, 120, 2)), TRUTH, groups, SEED
    )
    for part in parts:
        assert not set(groups[part.training].tolist()) & set(groups[part.test].tolist())


def test_groups_are_files_duplicates_and_copies() -> None:
    corpus = files(["a/1", "a/1", "a/2", "a/3", "b/4", "b/5", "b/6"])
    corpus = replace(corpus, duplicates=[[2, 4]], copies=[[1, 3]])
    groups = folds.clip_groups(corpus)
    assert groups.tolist() == [0, 0, 2, 0, 2, 5, 6]


def test_copies_do_not_raise_the_accuracy() -> None:
    """With every clip twice, 1-NN-like rules recognise the copy unless it is kept apart."""
    random = np.random.default_rng(7)
    noise = np.repeat(random.standard_normal((60, 20)), 2, axis=0)
    genres = np.repeat(np.arange(60) % GENRES, 2)
    together = evaluate_probes(noise, genres, np.repeat(np.arange(60), 2), SEED)
    divided = evaluate_probes(noise, genres, np.arange(120), SEED)
    assert together.validated["tree"].accuracy < 0.4
    assert divided.validated["tree"].accuracy > 0.6


def test_separated_genres_are_found_and_shuffled_ones_are_not() -> None:
    groups = np.arange(len(TRUTH))
    found = evaluate_probes(separated(), TRUTH, groups, SEED).validated
    assert set(found) == set(KINDS)
    assert all(score.accuracy > 0.8 and score.clips == len(TRUTH) for score in found.values())
    shuffled = np.random.default_rng(9).permutation(TRUTH)
    for score in evaluate_probes(separated(), shuffled, groups, SEED).validated.values():
        low, high = score.interval
        assert low < score.accuracy < high
        assert abs(score.accuracy - 1 / GENRES) < 0.12


def test_probes_are_reproducible_by_seed() -> None:
    vectors, groups = separated() / 4, np.arange(len(TRUTH))
    one, two, other = (evaluate_probes(vectors, TRUTH, groups, seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


@pytest.mark.parametrize("genres", [[0, 0, 0], [0, 1, 1], [0, 1, 2]])
def test_corpus_with_few_clips(genres: list[int]) -> None:
    found = evaluate_probes(np.eye(3), np.array(genres), np.arange(3), SEED)
    assert all(0 <= score.accuracy <= 1 for score in found.validated.values())
    assert draw_maps(embed(np.eye(3), np.arange(3)), np.array(genres), np.arange(3), SEED) == {}


def test_the_filtered_partition_is_that_of_gtzan() -> None:
    names = [f"blues/blues.{index:05d}.wav" for index in range(100)]
    names += [f"jazz/jazz.{index:05d}.wav" for index in range(100)]
    part = folds.filtered_partition(files(names))
    assert part is not None
    # blues.00012 is the first of torchaudio's filtered_test; five jazz files are in no list.
    assert part.test.min() == 12
    assert 150 < len(part.training) + len(part.test) < 200
    assert folds.filtered_partition(files([*names, "jazz/mine.wav"])) is None


def test_filtered_partition_is_scored_beside_random_ones() -> None:
    """Vectors that tell the artist, whose genre is unknown elsewhere: only random parts find it."""
    random = np.random.default_rng(1)
    artist = np.arange(len(TRUTH)) // 10
    vectors = 5 * random.standard_normal((12, 12))[artist]
    vectors += random.standard_normal(vectors.shape)
    held = artist % 3 == 0
    part = folds.Partition(np.flatnonzero(~held), np.flatnonzero(held))
    found = evaluate_probes(vectors, TRUTH, np.arange(len(TRUTH)), SEED, part)
    for kind in KINDS:
        assert found.filtered[kind].clips == held.sum()
        assert found.shuffled[kind] > found.filtered[kind].accuracy + 0.3


def test_maps_keep_neighbours_and_are_scored_without_own_group() -> None:
    points = separated()
    space = embed(points, np.arange(len(points)))
    found = draw_maps(space, TRUTH, np.arange(len(points)), SEED)
    for planar in found.values():
        expected = trustworthiness(space.coordinates, planar.coordinates, n_neighbors=5)
        assert planar.trustworthiness == pytest.approx(expected)
    assert found["tsne"].trustworthiness > found["pca"].trustworthiness
    assert found["tsne"].knn > 0.8
    again = draw_maps(space, TRUTH, np.arange(len(points)), SEED)
    assert np.array_equal(again["tsne"].coordinates, found["tsne"].coordinates)
    # With a genre as one group, every neighbour is of another genre.
    assert draw_maps(space, TRUTH, TRUTH, SEED)["tsne"].knn == 0


def test_identical_vectors_have_maps() -> None:
    same = embed(np.ones((10, 4)), np.arange(10))
    found = draw_maps(same, np.arange(10) % 2, np.arange(10), SEED)
    assert all(np.isfinite(planar.coordinates).all() for planar in found.values())


def test_rhythm_tells_the_tempo_and_timbre_does_not_depend_on_it() -> None:
    rate, seconds = 22050, 5
    clicks = np.zeros((2, rate * seconds), np.int16)
    for row, period in enumerate((0.5, 0.3)):
        for start in np.arange(0.1, seconds - 0.1, period):
            first = int(start * rate)
            click = 12000 * np.sin(np.arange(2000) / 5) * np.exp(-np.arange(2000) / 300)
            clicks[row, first : first + 2000] = click
    features = timbre_rhythm_statistics(clicks, rate)
    assert features.shape == (2, 100)
    ends = np.geomspace(0.1, 2, 25)
    for row, period in zip(features, (0.5, 0.3), strict=True):
        peak = int(np.argmax(row[76:]))
        assert ends[peak] < period + 0.012
        assert ends[peak + 1] > period - 0.012
    silence = timbre_rhythm_statistics(np.zeros((1, 3000), np.int16), 8000)
    assert np.isfinite(silence).all()
    assert not silence[0, 76:].any()


def test_steps_probe_averaged_vectors_and_references() -> None:
    corpus = a_corpus()
    corpus.clips = [replace(clip, file=f"{row}") for row, clip in enumerate(corpus.clips)]
    found = vectors.probe_clips(corpus, SEED, mapped=False, embedded=False)
    assert not found.maps
    assert set(found.probes.validated) == set(KINDS)
    for reference in ("log_mel", "mfcc"):
        both = vectors.probe_reference(corpus, SEED, reference, False)
        assert all(score.clips == len(corpus.clips) for score in both.probes.validated.values())
    names = [*gtzan.filtered_train[:100], *gtzan.filtered_test]
    corpus.clips = [
        replace(clip, file=f"{name}.wav")
        for clip, name in zip(corpus.clips, names[96:], strict=False)
    ]
    assert vectors.probe_clips(corpus, SEED, mapped=False, embedded=False).probes.filtered
    assert not vectors.probe_clips(corpus, SEED, mapped=False, embedded=True).probes.filtered
