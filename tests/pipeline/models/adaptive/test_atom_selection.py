"""Atoms: the pruned tree against all sets there are, and the counts that are met exactly."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import SIZES, SUPERFRAME
from pipeline.models.adaptive.atom_selection import (
    choose,
    choose_splits,
    find_price,
    free_counts,
    gains,
)
from pipeline.models.adaptive.switched_mdct import analyse


def energies(seed: int, rows: int, count: int) -> Tensor:
    values = np.random.default_rng(seed).standard_normal((rows, count)) ** 4
    return torch.from_numpy(values).float()


def best_by_hand(values: list[float], price: float) -> float:
    """The greatest gain of any set of disjoint aligned runs, by trying all of them."""
    if len(values) == 1:
        return max(0.0, values[0] - 2 * price)
    half = len(values) // 2
    parts = best_by_hand(values[:half], price) + best_by_hand(values[half:], price)
    return max(parts, sum(values) - (len(values) + 1) * price)


def test_the_tree_finds_the_best_set() -> None:
    drawn = energies(1, 4, 64)
    for price in (0.1, 0.5, 2.0):
        found = gains(drawn, torch.full((4,), price))[1][-1][:, 0]
        by_hand = [best_by_hand(row, price) for row in drawn.tolist()]
        np.testing.assert_allclose(found, by_hand, rtol=1e-4)


def test_the_price_buys_about_as_many_numbers_as_asked() -> None:
    drawn = energies(2, 3, 4096)
    costs = torch.tensor([size + 1.0 for size in SIZES])
    for numbers in (200, 1000, 2500):
        taken = free_counts(drawn, find_price(drawn, numbers)) @ costs
        np.testing.assert_allclose(taken, numbers, rtol=0.05)


def test_exactly_as_many_atoms_as_asked_and_none_upon_another() -> None:
    drawn = energies(3, 5, 4096)
    counts = [300, 100, 60, 30, 10, 5, 2]
    found = choose(drawn, find_price(drawn, 1400), counts)
    assert [place.shape for place in found] == [(5, count) for count in counts]
    for row in range(5):
        covered = np.concatenate(
            [
                (place[row].numpy()[:, None] * size + np.arange(size)).ravel()
                for size, place in zip(SIZES, found, strict=True)
            ]
        )
        assert len(set(covered)) == len(covered)
        assert max(covered) < 4096


def test_counts_of_its_own_cost_little_beside_free_ones() -> None:
    drawn = energies(4, 6, 8192)
    price = find_price(drawn, 3000)
    counts = free_counts(drawn, price).mean(dim=0).floor().long().tolist()
    found = choose(drawn, price, counts)
    kept = sum(
        drawn.unflatten(1, (-1, size)).sum(dim=2).gather(1, place).sum(dim=1)
        for size, place in zip(SIZES, found, strict=True)
    )
    free = gains(drawn, price)[1][-1].sum(dim=1) + price * 3000
    assert isinstance(kept, Tensor)
    assert (kept / free > 0.97).all()


def test_the_split_of_each_superframe_is_the_one_that_loses_least() -> None:
    time = torch.arange(4 * SUPERFRAME)
    clip = 0.3 * torch.sin(0.31 * time)
    clip[3 * SUPERFRAME + 1100] += 20.0
    window_angles = torch.zeros(5, 4)
    splits = choose_splits(clip[None], torch.tensor([0.02]), window_angles)[0]
    assert splits[1] == 0, "a tone wants long blocks"
    assert splits[3] == 4, "a click wants short ones"

    def lost(candidate: tuple[int, ...]) -> float:
        found = analyse(clip[None], torch.tensor([candidate]), window_angles).square().flatten(1)
        return float(found.sum() - gains(found, torch.tensor([0.02]))[1][-1].sum())

    every = {candidate: lost(candidate) for candidate in itertools.product((0, 2, 4), repeat=4)}
    assert lost(tuple(splits.tolist())) <= sorted(every.values())[len(every) // 4]


@pytest.mark.parametrize("numbers", [100, 1000])
def test_silence_is_no_reason_to_fail(numbers: int) -> None:
    silent = torch.zeros(2, 4096)
    price = find_price(silent, numbers)
    assert torch.isfinite(price).all()
    assert choose(silent, price, [3, 2, 1, 0, 0, 0, 0])[0].shape == (2, 3)
