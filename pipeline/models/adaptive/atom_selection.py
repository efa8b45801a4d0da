"""Select which coefficients to keep: atoms of sizes 1, 2, 4, … 64, with fixed counts of each.

An *atom* of level l is an aligned run of 2^l neighbouring interleaved coefficients of one
superframe (neighbours in frequency, in time, or both, depending on the split): a node of a binary
tree over the superframe. It costs 2^l + 1 numbers: its values and its position. At a price λ per
number, the best set of disjoint atoms is found by pruning the tree from the leaves up (Breiman,
Friedman, Olshen and Stone 1984; for time–frequency bases Coifman and Wickerhauser 1992). The
autoencoder keeps the same number of atoms of each level for every clip, so that corresponding
numbers of two latents have the same meaning; `select_atoms` meets those counts from the largest
atoms down.
"""

import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import ATOM_LEVELS, ATOM_SIZES, BLOCK_SPLITS, SUPERFRAME
from pipeline.models.adaptive.switched_mdct import analyse_uniform

BISECTIONS = 10
"""Bisection steps (in ln λ) of the search for the price."""


def atom_gains(energies: Tensor, price: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Energy of every atom, and the gain of the best set of atoms within it, by level.

    The gain of a set of atoms is its energy minus the price of its numbers.

    Args:
        energies: squared coefficients, (rows, count); count is a multiple of 64.
        price: per number, (rows,).

    Returns:
        (energies, gains): lists over levels of tensors (rows, count / 2^l).
    """
    energy, gain = energies, (energies - 2 * price[:, None]).clamp(min=0)
    all_energies, all_gains = [energy], [gain]
    for size in ATOM_SIZES[1:]:
        energy = energy[:, 0::2] + energy[:, 1::2]
        parts = gain[:, 0::2] + gain[:, 1::2]
        gain = torch.maximum(energy - (size + 1) * price[:, None], parts)
        all_energies.append(energy)
        all_gains.append(gain)
    return all_energies, all_gains


def unconstrained_counts(energies: Tensor, price: Tensor) -> Tensor:
    """Number of atoms of each level in the best set at a price: float (rows, ATOM_LEVELS)."""
    all_energies, all_gains = atom_gains(energies, price)
    open_ = torch.ones_like(all_gains[-1], dtype=torch.bool)
    counts = []
    for level in reversed(range(ATOM_LEVELS)):
        whole = all_energies[level] - (ATOM_SIZES[level] + 1) * price[:, None]
        best = whole > 0 if level == 0 else whole >= all_gains[level]
        if level:
            best &= all_gains[level] > all_gains[level - 1].unflatten(1, (-1, 2)).sum(2)
        taken = open_ & best
        counts.append(taken.sum(dim=1))
        open_ = (open_ & ~taken).repeat_interleave(2, dim=1) if level else open_
    return torch.stack(counts[::-1], dim=1).float()


def find_price(energies: Tensor, numbers: float) -> Tensor:
    """Price at which the best set of atoms costs about `numbers` numbers: (rows,)."""
    mean = energies.mean(dim=1).clamp(min=1e-20).log()
    low, high = mean - 14, mean + 4
    pyramid = _pyramid(energies)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        many = _cost(pyramid, middle.exp()) > numbers
        low, high = torch.where(many, middle, low), torch.where(many, high, middle)
    return high.exp()


def _pyramid(energies: Tensor) -> list[Tensor]:
    """Energies (rows, count) of the atoms of each level, (64 / 2^l, rows, count / 64).

    The atoms within one of the largest are along the first dimension, so that pairs of them are
    contiguous halves: slices of every other value are slow.
    """
    largest = ATOM_SIZES[-1]
    levels = [energies.view(len(energies), -1, largest).permute(2, 0, 1).contiguous()]
    for _ in ATOM_SIZES[1:]:
        levels.append(levels[-1][0::2] + levels[-1][1::2])
    return levels


def _cost(pyramid: list[Tensor], price: Tensor) -> Tensor:
    """Cost in numbers of the best set of atoms: (rows,)."""
    price = price[:, None]
    gain = (pyramid[0] - 2 * price).clamp_(min=0)
    cost = (gain > 0).float().mul_(2)
    for size, energy in zip(ATOM_SIZES[1:], pyramid[1:], strict=True):
        parts, whole = gain[0::2] + gain[1::2], energy - (size + 1) * price
        cost = torch.where(whole > parts, size + 1.0, cost[0::2] + cost[1::2])
        gain = torch.maximum(whole, parts)
    return cost[0].sum(dim=1)


def _best_gain(energies: Tensor, price: Tensor) -> Tensor:
    """Gain of the best set of atoms of each row: (rows,)."""
    pyramid, price = _pyramid(energies), price[:, None]
    gain = (pyramid[0] - 2 * price).clamp_(min=0)
    for size, energy in zip(ATOM_SIZES[1:], pyramid[1:], strict=True):
        gain = torch.maximum(energy - (size + 1) * price, gain[0::2] + gain[1::2])
    return gain[0].sum(dim=1)


def select_splits(clips: Tensor, price: Tensor, window_angles: Tensor) -> Tensor:
    """Select the split with the least loss per superframe: int64 (clips, superframes).

    The loss is the dropped energy plus the price of the numbers kept, assuming neighbours with
    the same split.

    Args:
        clips: padded, (clips, 2048 · superframes).
        price: per number, (clips,).
    """
    count = clips.shape[1] // SUPERFRAME
    prices = price.repeat_interleave(count)
    losses = []
    for split in range(BLOCK_SPLITS):
        energies = analyse_uniform(clips, split, window_angles).square().view(-1, SUPERFRAME)
        loss = energies.sum(dim=1) - _best_gain(energies, prices)
        losses.append(loss.view(len(clips), count))
    return torch.stack(losses).argmin(dim=0)


def select_atoms(energies: Tensor, price: Tensor, counts: list[int]) -> list[Tensor]:
    """Select exactly `counts` atoms of each level; returns positions, int64 (rows, counts[l]).

    From the largest level down, selects the atoms whose gain most exceeds that of the best
    smaller atoms within them.
    """
    all_energies, all_gains = atom_gains(energies, price)
    taken = torch.zeros_like(all_energies[-1], dtype=torch.bool)
    found = []
    for level in reversed(range(ATOM_LEVELS)):
        gain = all_energies[level] - (ATOM_SIZES[level] + 1) * price[:, None]
        if level:
            gain = gain - (all_gains[level - 1][:, 0::2] + all_gains[level - 1][:, 1::2])
        positions = gain.masked_fill(taken, -torch.inf).topk(counts[level], dim=1).indices
        found.append(positions)
        taken = taken.scatter(1, positions, True)
        if level:
            taken = taken.repeat_interleave(2, dim=1)
    return found[::-1]
