"""The split: large groups stay in training."""

from collections import Counter

from pipeline.data.splits import split


def sizes(groups: list[int], seed: int) -> Counter[str]:
    return Counter(split(["pop"] * len(groups), groups, 0.1, 0.1, seed))


def test_a_large_group_of_copies_stays_in_training() -> None:
    groups = [0] * 29 + list(range(29, 60))
    for seed in range(20):
        assert sizes(groups, seed) == {"training": 48, "validation": 6, "test": 6}


def test_groups_of_several_clips_overshoot_by_less_than_one() -> None:
    groups = [row // 6 for row in range(60)]
    for seed in range(20):
        assert sizes(groups, seed) == {"training": 48, "validation": 6, "test": 6}
