"""Pruned trees match exhaustive search, and selected counts are exact."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import ATOM_SIZES, SUPERFRAME
from pipeline.models.adaptive.atom_selection import (
    atom_gains,
    find_price,
    select_atoms,
    select_splits,
    unconstrained_counts,
)
from pipeline.models.adaptive.switched_mdct import analyse


def energies(seed: int, rows: int, count: int) -> Tensor:
    values = np.random.default_rng(seed).standard_normal((rows, count)) ** 4
    return torch.from_numpy(values).float()


def best_gain(values: list[float], price: float) -> float:
    """Greatest gain of any set of disjoint aligned runs, by recursion."""
    if len(values) == 1:
        return max(0.0, values[0] - 2 * price)
    half = len(values) // 2
    parts = best_gain(values[:half], price) + best_gain(values[half:], price)
    return max(parts, sum(values) - (len(values) + 1) * price)


def test_tree_finds_the_best_set() -> None:
    drawn = energies(1, 4, 64)
    for price in (0.1, 0.5, 2.0):
        found = atom_gains(drawn, torch.full((4,), price))[1][-1][:, 0]
        expected = [best_gain(row, price) for row in drawn.tolist()]
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_price_meets_the_budget() -> None:
    drawn = energies(2, 3, 4096)
    costs = torch.tensor([size + 1.0 for size in ATOM_SIZES])
    for numbers in (200, 1000, 2500):
        taken = unconstrained_counts(drawn, find_price(drawn, numbers)) @ costs
        np.testing.assert_allclose(taken, numbers, rtol=0.05)


def test_selected_counts_are_exact_and_atoms_disjoint() -> None:
    drawn = energies(3, 5, 4096)
    counts = [300, 100, 60, 30, 10, 5, 2]
    found = select_atoms(drawn, find_price(drawn, 1400), counts)
    assert [place.shape for place in found] == [(5, count) for count in counts]
    for row in range(5):
        covered = np.concatenate(
            [
                (place[row].numpy()[:, None] * size + np.arange(size)).ravel()
                for size, place in zip(ATOM_SIZES, found, strict=True)
            ]
        )
        assert len(set(covered)) == len(covered)
        assert max(covered) < 4096


def test_fixed_counts_lose_little_energy() -> None:
    drawn = energies(4, 6, 8192)
    price = find_price(drawn, 3000)
    counts = unconstrained_counts(drawn, price).mean(dim=0).floor().long().tolist()
    found = select_atoms(drawn, price, counts)
    kept = sum(
        drawn.unflatten(1, (-1, size)).sum(dim=2).gather(1, place).sum(dim=1)
        for size, place in zip(ATOM_SIZES, found, strict=True)
    )
    free = atom_gains(drawn, price)[1][-1].sum(dim=1) + price * 3000
    assert isinstance(kept, Tensor)
    assert (kept / free > 0.97).all()


def test_splits_follow_the_signal() -> None:
    time = torch.arange(4 * SUPERFRAME)
    clip = 0.3 * torch.sin(0.31 * time)
    clip[3 * SUPERFRAME + 1100] += 20.0
    window_angles = torch.zeros(5, 4)
    splits = select_splits(clip[None], torch.tensor([0.02]), window_angles)[0]
    assert splits[1] == 0, "a tone wants long blocks"
    assert splits[3] == 4, "a click wants short ones"

    def lost(candidate: tuple[int, ...]) -> float:
        found = analyse(clip[None], torch.tensor([candidate]), window_angles).square().flatten(1)
        return float(found.sum() - atom_gains(found, torch.tensor([0.02]))[1][-1].sum())

    every = {candidate: lost(candidate) for candidate in itertools.product((0, 2, 4), repeat=4)}
    assert lost(tuple(splits.tolist())) <= sorted(every.values())[len(every) // 4]


@pytest.mark.parametrize("numbers", [100, 1000])
def test_silence(numbers: int) -> None:
    silent = torch.zeros(2, 4096)
    price = find_price(silent, numbers)
    assert torch.isfinite(price).all()
    assert select_atoms(silent, price, [3, 2, 1, 0, 0, 0, 0])[0].shape == (2, 3)
