import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import completeness_score, homogeneity_score
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pipeline.analysis import kernel_embedding
from pipeline.analysis.classification import evaluate_tree
from pipeline.analysis.clustering import find_clusters
from pipeline.analysis.kernel_embedding import KernelEmbedding, embed, subsample_rows
from pipeline.analysis.projection import find_components

CLIPS, NUMBERS, GENRES, SEED = 60, 700, 4, 42
VECTORS = ["mixture", "outliers", "sixteen_bits"]


def corpus(kind: str) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    """Vectors and genres: overlapping groups, or noise with outliers."""
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


def embed_all(vectors: NDArray[np.generic]) -> KernelEmbedding:
    return embed(vectors, np.arange(len(vectors)))


@pytest.mark.parametrize("kind", VECTORS)
def test_embedding_preserves_inner_products(kind: str) -> None:
    vectors, _ = corpus(kind)
    raw, space = standardised(vectors), embed_all(vectors)
    rotated = space.coordinates
    assert space.total_squares == pytest.approx(np.square(raw).sum())
    np.testing.assert_allclose(rotated @ rotated.T, raw @ raw.T, atol=1e-8)
    assert rotated.shape == (CLIPS, np.linalg.matrix_rank(raw))
    widths = np.linalg.norm(rotated, axis=0)
    assert (np.diff(widths) <= 0).all()


def test_embedding_does_not_depend_on_the_batch_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, _ = corpus("mixture")
    at_once = embed_all(vectors).coordinates
    monkeypatch.setattr(kernel_embedding, "VALUES_PER_BATCH", 33 * CLIPS)
    np.testing.assert_allclose(embed_all(vectors).coordinates, at_once, atol=1e-8)


def test_constant_numbers_are_ignored() -> None:
    vectors, _ = corpus("mixture")
    # 0.1 is not exact in binary: its computed variance is not quite zero.
    constant = np.full((CLIPS, 50), 0.1)
    padded = np.hstack([vectors, constant, 1e6 * constant])
    np.testing.assert_allclose(
        embed_all(padded).coordinates, embed_all(vectors).coordinates, atol=1e-8
    )


def test_most_extreme_clip_of_each_dimension_is_positive() -> None:
    rotated = embed_all(corpus("outliers")[0]).coordinates
    assert (rotated.max(axis=0) >= -rotated.min(axis=0)).all()


@pytest.mark.parametrize("kind", VECTORS)
def test_clusters_match_scikit_learn_on_raw_columns(kind: str) -> None:
    vectors, genres = corpus(kind)
    raw = standardised(vectors)
    found = find_clusters(embed_all(vectors), genres, SEED)
    assert len(found.inertia) == 40
    for k in (1, 2, 3, 4, 5, 9, 16, 27, 40):
        starts = 20 if k == GENRES else 10
        means = KMeans(k, n_init=starts, max_iter=30, random_state=SEED).fit(raw)
        assert found.inertia[k - 1] == pytest.approx(means.inertia_, rel=1e-6)
        if k == GENRES:
            pairs = set(zip(found.labels.tolist(), means.labels_.tolist(), strict=True))
            assert len(pairs) == GENRES
            assert found.homogeneity == pytest.approx(homogeneity_score(genres, means.labels_))
            assert found.completeness == pytest.approx(completeness_score(genres, means.labels_))


def test_clusters_are_sorted_by_size() -> None:
    vectors, genres = corpus("outliers")
    found = find_clusters(embed_all(vectors), genres, SEED)
    assert found.sizes.tolist() == [int((found.labels == c).sum()) for c in range(GENRES)]
    assert (np.diff(found.sizes) <= 0).all()
    for genre in range(GENRES):
        for cluster in range(GENRES):
            both = (genres == genre) & (found.labels == cluster)
            assert found.confusion[genre, cluster] == both.sum()


def test_well_separated_groups_are_recovered() -> None:
    genres = np.repeat([0, 1, 2], [5, 9, 7])
    noise = np.random.default_rng(1).standard_normal((21, 30))
    far = noise + 100 * np.random.default_rng(2).standard_normal((3, 30))[genres]
    found = find_clusters(embed_all(far), genres, SEED)
    assert found.sizes.tolist() == [9, 7, 5]
    assert found.confusion.tolist() == [[0, 0, 5], [9, 0, 0], [0, 7, 0]]
    assert (found.homogeneity, found.completeness) == pytest.approx((1, 1))
    assert found.inertia[2] < 0.01 * found.inertia[1]


def test_clusters_are_reproducible_by_seed() -> None:
    vectors, genres = corpus("mixture")
    space = embed_all(vectors)
    one, two, other = (find_clusters(space, genres, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.inertia, two.inertia)
    assert np.array_equal(one.labels, two.labels)
    assert not np.array_equal(one.inertia, other.inertia)


@pytest.mark.parametrize("kind", VECTORS)
def test_components_match_scikit_learn_on_raw_columns(kind: str) -> None:
    vectors, _ = corpus(kind)
    raw = standardised(vectors)
    expected = PCA(3, svd_solver="full").fit(raw)
    found = find_components(embed_all(vectors))
    np.testing.assert_allclose(found.explained, expected.explained_variance_ratio_, rtol=1e-8)
    np.testing.assert_allclose(
        np.abs(found.coordinates), np.abs(expected.transform(raw)), atol=1e-6
    )
    assert (np.abs((found.coordinates * expected.transform(raw)).sum(axis=0)) > 1).all()


def test_tree_matches_scikit_learn_and_is_scored_on_test_clips() -> None:
    vectors, genres = corpus("mixture")
    rows = np.random.default_rng(3).permutation(CLIPS)
    training, test = rows[:42], rows[42:]
    found = evaluate_tree(vectors, genres, training, test, SEED)
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


def test_tree_finds_a_predictive_number() -> None:
    genres = np.arange(CLIPS) % 2
    vectors = np.random.default_rng(4).standard_normal((CLIPS, 50))
    vectors[:, 31] = genres * 10
    found = evaluate_tree(vectors, genres, np.arange(40), np.arange(40, 60), SEED)
    assert found.accuracy == 1
    assert found.confusion.tolist() == [[10, 0], [0, 10]]


def test_corpus_with_few_clips() -> None:
    vectors = np.random.default_rng(5).standard_normal((3, 20))
    genres = np.array([0, 1, 1])
    found = find_clusters(embed_all(vectors), genres, SEED)
    assert found.inertia == pytest.approx([60, found.inertia[1], 0], abs=1e-9)
    components = find_components(embed_all(vectors))
    assert components.explained.sum() == pytest.approx(1)
    assert components.coordinates[:, 2].tolist() == [0, 0, 0]


def test_identical_vectors() -> None:
    vectors, genres = np.ones((6, 20)), np.array([0, 0, 1, 1, 2, 2])
    found = find_clusters(embed_all(vectors), genres, SEED)
    assert found.inertia.tolist() == [0] * 6
    assert found.sizes.tolist() == [6, 0, 0]
    assert found.homogeneity == 0
    assert find_components(embed_all(vectors)).explained.tolist() == [0, 0, 0]


def test_fit_rows_are_all_up_to_1000_clips_and_a_random_subset_beyond() -> None:
    assert subsample_rows(1000, SEED).tolist() == list(range(1000))
    some, others = subsample_rows(5000, SEED), subsample_rows(5000, SEED + 1)
    assert len(set(some.tolist())) == 1000
    assert (np.diff(some) > 0).all()
    assert some.tolist() == subsample_rows(5000, SEED).tolist() != others.tolist()


def test_other_clips_are_projected_onto_the_components() -> None:
    vectors, _ = corpus("mixture")
    fit_rows = np.arange(0, CLIPS, 2)
    scaler = StandardScaler().fit(vectors[fit_rows].astype(np.float64))
    raw = np.asarray(scaler.transform(vectors.astype(np.float64)))
    directions = PCA(3, svd_solver="full").fit(raw[fit_rows])
    found = find_components(embed(vectors, fit_rows))
    expected = directions.transform(raw)
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-6)
    shares = np.square(expected).sum(axis=0) / np.square(raw).sum()
    np.testing.assert_allclose(found.explained, shares, rtol=1e-8)


def test_other_clips_are_assigned_to_the_nearest_centre() -> None:
    vectors, genres = corpus("mixture")
    fit_rows = np.arange(0, CLIPS, 2)
    scaler = StandardScaler().fit(vectors[fit_rows].astype(np.float64))
    raw = np.asarray(scaler.transform(vectors.astype(np.float64)))
    means = KMeans(GENRES, n_init=20, max_iter=30, tol=0, random_state=SEED).fit(raw[fit_rows])
    found = find_clusters(embed(vectors, fit_rows), genres, SEED)
    assert found.inertia[GENRES - 1] == pytest.approx(means.inertia_)
    assert len(found.inertia) == len(fit_rows)
    pairs = set(zip(found.labels.tolist(), means.predict(raw).tolist(), strict=True))
    assert len(pairs) == GENRES
    assert found.sizes.sum() == CLIPS


def test_more_genres_than_fit_rows() -> None:
    vectors, genres = corpus("mixture")[0], np.arange(CLIPS)
    found = find_clusters(embed(vectors, np.arange(8)), genres, SEED)
    assert len(found.inertia) == 8
    assert len(found.sizes) == CLIPS
    assert found.sizes.sum() == CLIPS
