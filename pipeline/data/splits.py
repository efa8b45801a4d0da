"""Training, validation and test: a seeded split, stratified by genre."""

from collections import defaultdict

import numpy as np

SPLITS = ("training", "validation", "test")


def split(
    genres: list[str], groups: list[int], validation: float, test: float, seed: int
) -> list[str]:
    """Deal clips into training, validation and test, stratified by genre.

    The sizes of validation and test are their shares of all clips, rounded, at least one; each
    genre gives its proportional part by largest remainders. Whole groups are dealt, so a share
    may be missed by a group's size less one.

    Args:
        genres: of each clip.
        groups: of each clip; clips of one group share a split (a group counts as of the genre
            of its first clip).

    Returns:
        "training", "validation" or "test" for each clip.
    """
    random = np.random.default_rng(seed)
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    pools: dict[str, list[list[int]]] = defaultdict(list)
    for rows in members.values():
        pools[genres[rows[0]]].append(rows)
    names = sorted(pools)
    for name in names:
        pools[name] = [pools[name][index] for index in random.permutation(len(pools[name]))]
    counts = {name: sum(map(len, pools[name])) for name in names}
    result = ["training"] * len(genres)
    for part, share in (("test", test), ("validation", validation)):
        left = max(1, round(share * len(genres)))
        exact = {name: share * counts[name] for name in names}
        quota = {name: int(exact[name]) for name in names}
        # Ties between equal remainders go by a seeded order, not always to the same genres.
        order = sorted(random.permutation(names), key=lambda name: quota[name] - exact[name])
        for name in order[: max(0, left - sum(quota.values()))]:
            quota[name] += 1
        for name in names:
            while quota[name] > 0 and len(pools[name]) > 1:
                rows = pools[name].pop()
                quota[name] -= len(rows)
                for row in rows:
                    result[row] = part
    if "validation" not in result or "test" not in result:
        result = _smallest(list(members.values()), result)
    return result


def _smallest(groups: list[list[int]], result: list[str]) -> list[str]:
    """A corpus too small to stratify (one file a genre): each part gets one group."""
    result = ["training"] * len(result)
    for part, rows in zip(("test", "validation"), sorted(groups, key=len), strict=False):
        for row in rows:
            result[row] = part
    return result
