import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import completeness_score, homogeneity_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pipeline.analysis import kernel_embedding
from pipeline.analysis.classification import grow_tree
from pipeline.analysis.clustering import find_clusters
from pipeline.analysis.kernel_embedding import KernelEmbedding, embed, subsample_rows
from pipeline.analysis.projection import find_components

CLIPS, NUMBERS, GENRES, SEED = 60, 700, 4, 42
VECTORS = ["mixture", "outliers", "sixteen_bits"]


def corpus(kind: str) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    """Vectors and genres: overlapping groups, or noise with clips far from the rest."""
    rng = np.random.default_rng(7)
    genres = np.arange(CLIPS) % GENRES
    vectors = rng.standard_normal((CLIPS, NUMBERS)) * rng.uniform(0.01, 9, NUMBERS) + 3
    if kind == "outliers":
        vectors *= rng.exponential(size=(CLIPS, 1)) ** 2
    else:
        vectors += 2 * rng.standard_normal((GENRES, NUMBERS))[genres]
    vectors[:, [5, 300]] = 0.1
    vectors[9] = vectors[8]
    if kind == "sixteen_bits":
        return (1000 * vectors).clip(-32768, 32767).astype(np.int16), genres
    return vectors.astype(np.float32), genres


def standardised(vectors: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.asarray(StandardScaler().fit_transform(vectors.astype(np.float64)))


def whole(vectors: NDArray[np.generic]) -> KernelEmbedding:
    return embed(vectors, np.arange(len(vectors)))


@pytest.mark.parametrize("kind", VECTORS)
def test_the_span_has_the_inner_products_of_the_standardised_vectors(kind: str) -> None:
    vectors, _ = corpus(kind)
    raw, space = standardised(vectors), whole(vectors)
    rotated = space.coordinates
    assert space.squares == pytest.approx(np.square(raw).sum())
    np.testing.assert_allclose(rotated @ rotated.T, raw @ raw.T, atol=1e-8)
    assert rotated.shape == (CLIPS, np.linalg.matrix_rank(raw))
    widths = np.linalg.norm(rotated, axis=0)
    assert (np.diff(widths) <= 0).all()


def test_the_span_is_the_same_however_many_columns_are_taken_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, _ = corpus("mixture")
    at_once = whole(vectors).coordinates
    monkeypatch.setattr(kernel_embedding, "CHUNK", 33 * CLIPS)
    np.testing.assert_allclose(whole(vectors).coordinates, at_once, atol=1e-8)


def test_numbers_that_never_change_count_for_nothing() -> None:
    vectors, _ = corpus("mixture")
    # 0.1 is not exact in binary: its computed variance is not quite zero.
    constant = np.full((CLIPS, 50), 0.1)
    padded = np.hstack([vectors, constant, 1e6 * constant])
    np.testing.assert_allclose(whole(padded).coordinates, whole(vectors).coordinates, atol=1e-8)


def test_the_farthest_clip_of_each_dimension_is_positive() -> None:
    rotated = whole(corpus("outliers")[0]).coordinates
    assert (rotated.max(axis=0) >= -rotated.min(axis=0)).all()


@pytest.mark.parametrize("kind", VECTORS)
def test_clusters_are_those_of_scikit_learn_on_the_raw_columns(kind: str) -> None:
    vectors, genres = corpus(kind)
    raw = standardised(vectors)
    found = find_clusters(whole(vectors), genres, SEED)
    assert len(found.variation) == 40
    for k in (1, 2, 3, 4, 5, 9, 16, 27, 40):
        means = KMeans(k, n_init=20, max_iter=30, random_state=SEED).fit(raw)
        assert found.variation[k - 1] == pytest.approx(means.inertia_, rel=1e-6)
        if k == GENRES:
            pairs = set(zip(found.labels.tolist(), means.labels_.tolist(), strict=True))
            assert len(pairs) == GENRES
            assert found.homogeneity == pytest.approx(homogeneity_score(genres, means.labels_))
            assert found.completeness == pytest.approx(completeness_score(genres, means.labels_))


def test_clusters_are_counted_from_the_largest() -> None:
    vectors, genres = corpus("outliers")
    found = find_clusters(whole(vectors), genres, SEED)
    assert found.sizes.tolist() == [int((found.labels == c).sum()) for c in range(GENRES)]
    assert (np.diff(found.sizes) <= 0).all()
    for genre in range(GENRES):
        for cluster in range(GENRES):
            both = (genres == genre) & (found.labels == cluster)
            assert found.confusion[genre, cluster] == both.sum()


def test_groups_far_apart_are_found_whole() -> None:
    genres = np.repeat([0, 1, 2], [5, 9, 7])
    noise = np.random.default_rng(1).standard_normal((21, 30))
    far = noise + 100 * np.random.default_rng(2).standard_normal((3, 30))[genres]
    found = find_clusters(whole(far), genres, SEED)
    assert found.sizes.tolist() == [9, 7, 5]
    assert found.confusion.tolist() == [[0, 0, 5], [9, 0, 0], [0, 7, 0]]
    assert (found.homogeneity, found.completeness) == pytest.approx((1, 1))
    assert found.variation[2] < 0.01 * found.variation[1]


def test_a_seed_fixes_the_clusters() -> None:
    vectors, genres = corpus("mixture")
    space = whole(vectors)
    one, two, other = (find_clusters(space, genres, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.variation, two.variation)
    assert np.array_equal(one.labels, two.labels)
    assert not np.array_equal(one.variation, other.variation)


@pytest.mark.parametrize("kind", VECTORS)
def test_components_are_those_of_scikit_learn_on_the_raw_columns(kind: str) -> None:
    vectors, _ = corpus(kind)
    raw = standardised(vectors)
    expected = PCA(3, svd_solver="full").fit(raw)
    found = find_components(whole(vectors))
    np.testing.assert_allclose(found.explained, expected.explained_variance_ratio_, rtol=1e-8)
    np.testing.assert_allclose(
        np.abs(found.coordinates), np.abs(expected.transform(raw)), atol=1e-6
    )
    assert (np.abs((found.coordinates * expected.transform(raw)).sum(axis=0)) > 1).all()


def test_a_tree_answers_as_scikit_learn_does_and_is_scored_on_test_clips_alone() -> None:
    vectors, genres = corpus("mixture")
    rows = np.random.default_rng(3).permutation(CLIPS)
    training, test = rows[:42], rows[42:]
    found = grow_tree(vectors, genres, training, test, SEED)
    tree = DecisionTreeClassifier(random_state=SEED).fit(vectors[training], genres[training])
    answers = tree.predict(vectors[test])
    for genre in range(GENRES):
        for answer in range(GENRES):
            both = (genres[test] == genre) & (answers == answer)
            assert found.confusion[genre, answer] == both.sum()
    assert found.accuracy == np.trace(found.confusion) / 18
    low, high = found.interval
    assert low < found.accuracy < high
    assert found.uniform == 0.25
    commonest = max(range(GENRES), key=genres[training].tolist().count)
    assert found.majority == genres[test].tolist().count(commonest) / 18


def test_a_tree_finds_a_number_that_tells_the_genre() -> None:
    genres = np.arange(CLIPS) % 2
    vectors = np.random.default_rng(4).standard_normal((CLIPS, 50))
    vectors[:, 31] = genres * 10
    found = grow_tree(vectors, genres, np.arange(40), np.arange(40, 60), SEED)
    assert found.accuracy == 1
    assert found.confusion.tolist() == [[10, 0], [0, 10]]


def test_a_corpus_of_few_clips_is_explored_too() -> None:
    vectors = np.random.default_rng(5).standard_normal((3, 20))
    genres = np.array([0, 1, 1])
    found = find_clusters(whole(vectors), genres, SEED)
    assert found.variation == pytest.approx([60, found.variation[1], 0], abs=1e-9)
    components = find_components(whole(vectors))
    assert components.explained.sum() == pytest.approx(1)
    assert components.coordinates[:, 2].tolist() == [0, 0, 0]


def test_vectors_that_are_all_the_same_have_no_clusters_and_no_directions() -> None:
    vectors, genres = np.ones((6, 20)), np.array([0, 0, 1, 1, 2, 2])
    found = find_clusters(whole(vectors), genres, SEED)
    assert found.variation.tolist() == [0] * 6
    assert found.sizes.tolist() == [6, 0, 0]
    assert found.homogeneity == 0
    assert find_components(whole(vectors)).explained.tolist() == [0, 0, 0]


def test_up_to_a_thousand_clips_all_are_learned_from_and_beyond_by_lot() -> None:
    assert subsample_rows(1000, SEED).tolist() == list(range(1000))
    some, others = subsample_rows(5000, SEED), subsample_rows(5000, SEED + 1)
    assert len(set(some.tolist())) == 1000
    assert (np.diff(some) > 0).all()
    assert some.tolist() == subsample_rows(5000, SEED).tolist() != others.tolist()


def test_clips_not_learned_from_lie_where_the_axes_of_the_others_put_them() -> None:
    vectors, _ = corpus("mixture")
    learned = np.arange(0, CLIPS, 2)
    scaler = StandardScaler().fit(vectors[learned].astype(np.float64))
    raw = np.asarray(scaler.transform(vectors.astype(np.float64)))
    directions = PCA(3, svd_solver="full").fit(raw[learned])
    found = find_components(embed(vectors, learned))
    expected = directions.transform(raw)
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-6)
    shares = np.square(expected).sum(axis=0) / np.square(raw).sum()
    np.testing.assert_allclose(found.explained, shares, rtol=1e-8)


def test_clips_not_learned_from_belong_to_the_nearest_centre() -> None:
    vectors, genres = corpus("mixture")
    learned = np.arange(0, CLIPS, 2)
    scaler = StandardScaler().fit(vectors[learned].astype(np.float64))
    raw = np.asarray(scaler.transform(vectors.astype(np.float64)))
    means = KMeans(GENRES, n_init=20, max_iter=30, tol=0, random_state=SEED).fit(raw[learned])
    found = find_clusters(embed(vectors, learned), genres, SEED)
    assert found.variation[GENRES - 1] == pytest.approx(means.inertia_)
    assert len(found.variation) == len(learned)
    pairs = set(zip(found.labels.tolist(), means.predict(raw).tolist(), strict=True))
    assert len(pairs) == GENRES
    assert found.sizes.sum() == CLIPS


def test_more_genres_than_clips_are_learned_from_are_explored_too() -> None:
    vectors, genres = corpus("mixture")[0], np.arange(CLIPS)
    found = find_clusters(embed(vectors, np.arange(8)), genres, SEED)
    assert len(found.variation) == 8
    assert len(found.sizes) == CLIPS
    assert found.sizes.sum() == CLIPS
