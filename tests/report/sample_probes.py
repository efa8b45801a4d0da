"""What classifiers and planar maps find of a sample's vectors, computed with scikit-learn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import trustworthiness
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.tree import DecisionTreeClassifier


def probes(
    name: str, vectors: NDArray[np.float64], truth: NDArray[np.int64], filtered: bool
) -> dict[str, dict[str, Any]]:
    """The numbers of `probe.KIND.NAME`; Gaussian naive Bayes stands for logistic regression."""
    kinds = {
        "tree": DecisionTreeClassifier(random_state=0),
        "knn": KNeighborsClassifier(5),
        "lda": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        "logistic": GaussianNB(),
    }
    numbers: dict[str, dict[str, Any]] = {}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for kind, classifier in kinds.items():
        right = cross_val_predict(classifier, vectors, truth, cv=folds) == truth
        share, clips = float(right.mean()), len(right)
        reach = 1.96 * (share * (1 - share) / clips) ** 0.5
        found = {
            "value": share,
            "interval": [max(0.0, share - reach), min(1.0, share + reach)],
            "clips": clips,
        }
        numbers[f"probe.{kind}.{name}.accuracy"] = found
        if filtered:
            numbers[f"probe.{kind}.{name}.filtered"] = found | {"value": 0.9 * share}
            numbers[f"probe.{kind}.{name}.shuffled"] = {"value": share}
    return numbers


def maps(
    name: str, vectors: NDArray[np.float64], truth: NDArray[np.int64]
) -> tuple[dict[str, dict[str, Any]], dict[str, NDArray[np.float64]]]:
    """The numbers of `map.METHOD.NAME`, and both maps; a discriminant plane stands for t-SNE."""
    left, values, _ = np.linalg.svd(vectors, full_matrices=False)
    planes = {"pca": left[:, :2] * values[:2], "tsne": left[:, :2] * values[:2]}
    if values[0] and len(set(truth.tolist())) > 2:
        planes["tsne"] = LinearDiscriminantAnalysis(n_components=2).fit_transform(vectors, truth)
    numbers = {}
    for method, points in planes.items():
        nearest = NearestNeighbors(n_neighbors=5).fit(points).kneighbors(return_distance=False)
        answers = np.array([np.bincount(truth[others]).argmax() for others in nearest])
        kept = float(trustworthiness(vectors, points))
        numbers[f"map.{method}.{name}.trustworthiness"] = {"value": kept}
        numbers[f"map.{method}.{name}.knn"] = {"value": float((answers == truth).mean())}
    return numbers, planes
