"""Partitions of a corpus that score a classifier; copies and clips of one file stay together."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from torchaudio.datasets import gtzan

from pipeline.analysis.kernel_embedding import Integers
from pipeline.data.corpus import Corpus
from pipeline.data.duplicates import Groups

FOLDS, REPEATS = 5, 3
"""Folds of a cross-validation, and repetitions with other folds."""

_GTZAN_NAME = re.compile(r"[a-z]+\.\d{5}")


@dataclass(frozen=True)
class Partition:
    """Rows to learn from, and rows to be scored on."""

    training: Integers
    test: Integers


def clip_groups(corpus: Corpus) -> Integers:
    """Group of each clip: identical clips, copies of a recording, and clips of one file."""
    groups = Groups(len(corpus.clips))
    by_file: dict[str, list[int]] = defaultdict(list)
    for row, clip in enumerate(corpus.clips):
        by_file[clip.file].append(row)
    for rows in [*by_file.values(), *corpus.duplicates, *corpus.copies]:
        groups.join(rows)
    return np.array([groups.root(row) for row in range(len(corpus.clips))], np.int64)


def repeated_folds(genres: Integers, groups: Integers, seed: int) -> list[list[Partition]]:
    """`REPEATS` cross-validations of up to `FOLDS` folds, stratified by genre.

    Groups are shuffled and assigned, the largest first, each to the fold with the fewest clips of
    the genre of its first clip. A group is never divided.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups.tolist()):
        members[group].append(row)
    count = min(FOLDS, len(members))
    random = np.random.default_rng(seed)
    found = []
    for _ in range(REPEATS):
        shuffled = [list(members.values())[index] for index in random.permutation(len(members))]
        filled = np.zeros((int(genres.max()) + 1, count), np.int64)
        fold = np.empty(len(genres), np.int64)
        for rows in sorted(shuffled, key=len, reverse=True):
            genre = genres[rows[0]]
            chosen = int(np.lexsort((filled.sum(axis=0), filled[genre]))[0])
            fold[rows] = chosen
            filled[genre, chosen] += len(rows)
        found.append(
            [Partition(*map(np.flatnonzero, (fold != k, fold == k))) for k in range(count)]
        )
    return found


def filtered_partition(corpus: Corpus) -> Partition | None:
    """GTZAN's fault-filtered partition, which separates artists; None for other music.

    The lists are those that torchaudio ships (Kereliuk, Sturm and Larsen, 2015); its validation
    files are counted as training. Files are recognised by name ("blues.00000").
    """
    names = [PurePosixPath(clip.file).stem for clip in corpus.clips]
    if sum(_GTZAN_NAME.fullmatch(name) is not None for name in names) < len(names):
        return None
    training, test = {*gtzan.filtered_train, *gtzan.filtered_valid}, {*gtzan.filtered_test}
    rows = [np.flatnonzero([name in part for name in names]) for part in (training, test)]
    return Partition(*rows) if min(map(len, rows)) > 1 else None


def shuffled_partitions(
    partition: Partition, genres: Integers, groups: Integers, seed: int
) -> list[Partition]:
    """`FOLDS` random partitions of the same clips into as many of each genre.

    A training clip whose group is also in the test part is left out.
    """
    rows = np.concatenate([partition.training, partition.test])
    tested = np.arange(len(rows)) >= len(partition.training)
    random = np.random.default_rng(seed)
    found = []
    for _ in range(FOLDS):
        drawn = tested.copy()
        for genre in np.unique(genres[rows]):
            of_genre = np.flatnonzero(genres[rows] == genre)
            drawn[of_genre] = random.permutation(tested[of_genre])
        test = rows[drawn]
        training = rows[~drawn]
        apart = ~np.isin(groups[training], groups[test])
        found.append(Partition(np.sort(training[apart]), np.sort(test)))
    return found
