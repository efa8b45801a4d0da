"""How much of the genre simple classifiers find in vectors, by cross-validation."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pipeline.analysis.folds import Partition, repeated_folds, shuffled_partitions
from pipeline.analysis.kernel_embedding import Floats, Integers
from pipeline.evaluation.confidence import RESAMPLES, wilson_interval

KINDS = ("tree", "knn", "lda", "logistic")
NEIGHBOURS = 5
PENALTY = 0.1
"""Inverse strength of the L2 penalty of logistic regression, on standardised numbers."""


@dataclass(frozen=True)
class Score:
    """Accuracy on some clips, in [0, 1], with its 95 % interval."""

    accuracy: float
    interval: tuple[float, float]
    clips: int


@dataclass(frozen=True)
class Probes:
    """Accuracy of each of `KINDS` on one kind of vector."""

    validated: dict[str, Score]
    """Over all clips and repetitions of the cross-validation. The interval is a bootstrap over
    groups of clips; it leaves out how the training sets vary."""
    filtered: dict[str, Score] = field(default_factory=dict)
    """On the test part of GTZAN's fault-filtered partition; empty for other music."""
    shuffled: dict[str, float] = field(default_factory=dict)
    """Means over random partitions of the same clips and sizes."""


def evaluate_probes(
    vectors: NDArray[np.generic],
    genres: Integers,
    groups: Integers,
    seed: int,
    filtered: Partition | None = None,
) -> Probes:
    """Score each of `KINDS` on vectors; the same seed gives the same folds for all vectors.

    LDA has a covariance shrunk by Ledoit and Wolf's estimate, logistic regression an L2 penalty,
    k-NN five neighbours, the tree pure leaves.

    Args:
        vectors: shape (clips, numbers); standardised over the training part of each fold.
        genres: integers from 0, shape (clips,).
        groups: group of each clip, never divided.
        seed: of folds, ties and resamples.
        filtered: a fixed partition to be scored too, beside random ones of the same sizes.
    """
    values = np.asarray(vectors, np.float64)
    hits = {kind: np.zeros(len(genres)) for kind in KINDS}
    repeats = repeated_folds(genres, groups, seed)
    for part in (part for folds in repeats for part in folds):
        for kind, correct in _correct(values, genres, part, seed).items():
            hits[kind][part.test] += correct / len(repeats)
    validated = {
        kind: Score(float(share.mean()), _group_bootstrap(share, groups, seed), len(share))
        for kind, share in hits.items()
    }
    if filtered is None:
        return Probes(validated)
    fixed = _correct(values, genres, filtered, seed)
    drawn = [
        _correct(values, genres, part, seed)
        for part in shuffled_partitions(filtered, genres, groups, seed)
    ]
    return Probes(
        validated,
        {
            kind: Score(float(hit.mean()), wilson_interval(int(hit.sum()), len(hit)), len(hit))
            for kind, hit in fixed.items()
        },
        {kind: float(np.mean([hits[kind].mean() for hits in drawn])) for kind in KINDS},
    )


def _correct(
    values: Floats, genres: Integers, part: Partition, seed: int
) -> dict[str, NDArray[np.bool_]]:
    """Which clips of the test part each kind of classifier gets right."""
    scaler = StandardScaler().fit(values[part.training])
    training, test = scaler.transform(values[part.training]), scaler.transform(values[part.test])
    known, truth = genres[part.training], genres[part.test]
    if len(training) <= len(np.unique(known)) or len(np.unique(known)) == 1:
        # Too few clips for LDA: all answer the commonest genre.
        correct = truth == np.bincount(known).argmax()
        return dict.fromkeys(KINDS, correct)
    classifiers: dict[str, Any] = {
        "tree": DecisionTreeClassifier(random_state=seed),
        "knn": KNeighborsClassifier(min(NEIGHBOURS, len(training))),
        "lda": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
        "logistic": LogisticRegression(C=PENALTY, tol=1e-3),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {
            kind: classifiers[kind].fit(training, known).predict(test) == truth for kind in KINDS
        }


def _group_bootstrap(shares: Floats, groups: Integers, seed: int) -> tuple[float, float]:
    """95 % percentile bootstrap of a mean over clips, which resamples groups."""
    _, group = np.unique(groups, return_inverse=True)
    total, count = np.bincount(group, shares), np.bincount(group)
    drawn = np.random.default_rng(seed).integers(len(count), size=(RESAMPLES, len(count)))
    means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
