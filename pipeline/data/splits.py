"""Seeded split into training, validation and test, stratified by genre."""

from collections import defaultdict

import numpy as np

SPLITS = ("training", "validation", "test")


def split(
    genres: list[str], groups: list[int], validation: float, test: float, seed: int
) -> list[str]:
    """Assign clips to training, validation and test, stratified by genre.

    Validation and test get their fraction of all clips, rounded, at least one; it is distributed
    over the genres by the largest-remainder method. Groups are never divided, so a size may be
    off by the size of a genre's smallest group less one.

    Args:
        genres: genre of each clip.
        groups: group of each clip; a group is assigned as a whole and counts towards the genre of
            its first clip.
        validation, test: fractions of the clips, in (0, 0.5).
        seed: of the random generator.

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
    for part, fraction in (("test", test), ("validation", validation)):
        left = max(1, round(fraction * len(genres)))
        exact = {name: fraction * counts[name] for name in names}
        quota = {name: int(exact[name]) for name in names}
        # Break ties between equal remainders at random, so that no genre is always favoured.
        order = sorted(random.permutation(names), key=lambda name: quota[name] - exact[name])
        for name in order[: max(0, left - sum(quota.values()))]:
            quota[name] += 1
        for name in names:
            while quota[name] > 0 and len(pools[name]) > 1:
                # A group that fits; else the smallest, so that a large one stays in training.
                fits = [rows for rows in pools[name] if len(rows) <= quota[name]]
                rows = fits[-1] if fits else min(pools[name], key=len)
                pools[name].remove(rows)
                quota[name] -= len(rows)
                for row in rows:
                    result[row] = part
    if "validation" not in result or "test" not in result:
        result = _one_group_each(list(members.values()), result)
    return result


def _one_group_each(groups: list[list[int]], result: list[str]) -> list[str]:
    """Assign one group each to test and validation: the corpus is too small to stratify."""
    result = ["training"] * len(result)
    for part, rows in zip(("test", "validation"), sorted(groups, key=len), strict=False):
        for row in rows:
            result[row] = part
    return result
