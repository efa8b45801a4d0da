"""A decision tree that guesses the genre from a vector, scored on test clips."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix
from sklearn.tree import DecisionTreeClassifier

from pipeline.analysis.kernel_embedding import Integers
from pipeline.evaluation.confidence import wilson


@dataclass(frozen=True)
class Tree:
    """A decision tree's answers on the test clips."""

    accuracy: float
    interval: tuple[float, float]
    """95 % interval of the accuracy (Wilson)."""
    majority: float
    """The accuracy of always answering the commonest genre of the clips it was trained on."""
    uniform: float
    """1 / genres: the accuracy to expect of answers by chance."""
    confusion: Integers
    """Test clips of each genre (rows) by the tree's answer (columns)."""


def grow_tree(
    vectors: NDArray[np.generic], genres: Integers, training: Integers, test: Integers, seed: int
) -> Tree:
    """A decision tree (Gini impurity, grown until its leaves are pure), scored on test clips.

    `training` and `test` are the row numbers to learn from and to score. `seed` decides between
    splits that are equally good.
    """
    tree = DecisionTreeClassifier(random_state=seed)
    tree.fit(vectors[training].astype(np.float32, copy=False), genres[training])
    answers = tree.predict(vectors[test].astype(np.float32, copy=False))
    truth = genres[test]
    correct = int((answers == truth).sum())
    count = int(genres.max()) + 1
    commonest = np.bincount(genres[training]).argmax()
    return Tree(
        accuracy=correct / len(test),
        interval=wilson(correct, len(test)),
        majority=float((truth == commonest).mean()),
        uniform=1 / count,
        confusion=confusion_matrix(truth, answers, labels=range(count)),
    )
