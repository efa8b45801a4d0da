"""What the encoder keeps of a clip: atoms of sizes 1, 2, 4, … 64, exactly so many of each.

An *atom* of level l is an aligned run of 2^l neighbouring interleaved coefficients of one
superframe (so neighbours in frequency, in time, or both, as the split has it): a node of a
binary tree over the superframe. It costs 2^l + 1 numbers, its values and its place. At a price
λ a number the best set of disjoint atoms follows from the leaves up (the pruning of Breiman,
Friedman, Olshen and Stone 1984; for time–frequency bases Coifman and Wickerhauser 1992). The
autoencoder keeps the same count of each level for every clip, so that the numbers of two
latents mean the same; `choose` meets those counts from the largest atoms down.
"""

import torch
from torch import Tensor

from pipeline.architecture.adaptive_plan import LEVELS, SIZES, SPLITS, SUPERFRAME
from pipeline.models.adaptive.switched_mdct import analyse

# Halvings of the interval (in ln λ) in which the price of a number is sought.
HALVINGS = 10


def gains(energies: Tensor, price: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """The energy of every atom and the best gain within it, a level at a time.

    The gain of a set of atoms is its energy less its numbers' price.

    Args:
        energies: of coefficients, (rows, count); 64 divides the count.
        price: of a number, (rows,).

    Returns:
        Two lists over levels of tensors (rows, count / 2^l).
    """
    energy, gain = energies, (energies - 2 * price[:, None]).clamp(min=0)
    all_energies, all_gains = [energy], [gain]
    for size in SIZES[1:]:
        energy = energy[:, 0::2] + energy[:, 1::2]
        parts = gain[:, 0::2] + gain[:, 1::2]
        gain = torch.maximum(energy - (size + 1) * price[:, None], parts)
        all_energies.append(energy)
        all_gains.append(gain)
    return all_energies, all_gains


def free_counts(energies: Tensor, price: Tensor) -> Tensor:
    """How many atoms of each level the best set at a price has: float (rows, LEVELS)."""
    all_energies, all_gains = gains(energies, price)
    open_ = torch.ones_like(all_gains[-1], dtype=torch.bool)
    counts = []
    for level in reversed(range(LEVELS)):
        whole = all_energies[level] - (SIZES[level] + 1) * price[:, None]
        best = whole > 0 if level == 0 else whole >= all_gains[level]
        if level:
            best &= all_gains[level] > all_gains[level - 1].unflatten(1, (-1, 2)).sum(2)
        taken = open_ & best
        counts.append(taken.sum(dim=1))
        open_ = (open_ & ~taken).repeat_interleave(2, dim=1) if level else open_
    return torch.stack(counts[::-1], dim=1).float()


def find_price(energies: Tensor, numbers: float) -> Tensor:
    """The price at which the best set of atoms takes about so many numbers: (rows,)."""
    mean = energies.mean(dim=1).clamp(min=1e-20).log()
    low, high = mean - 14, mean + 4
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        many = _cost(energies, middle.exp()[:, None]) > numbers
        low, high = torch.where(many, middle, low), torch.where(many, high, middle)
    return high.exp()


def _cost(energies: Tensor, price: Tensor) -> Tensor:
    """Numbers that the best set of atoms takes: (rows,)."""
    energy, gain = energies, (energies - 2 * price).clamp(min=0)
    cost = (gain > 0).float() * 2
    for size in SIZES[1:]:
        energy = energy[:, 0::2] + energy[:, 1::2]
        parts, whole = gain[:, 0::2] + gain[:, 1::2], energy - (size + 1) * price
        cost = torch.where(whole > parts, size + 1.0, cost[:, 0::2] + cost[:, 1::2])
        gain = torch.maximum(whole, parts)
    return cost.sum(dim=1)


def choose_splits(clips: Tensor, price: Tensor, window_angles: Tensor) -> Tensor:
    """The split of each superframe that loses least: int64 (clips, superframes).

    What is lost is the energy of what is dropped plus the price of the numbers kept;
    neighbours are taken to be split alike.

    Args:
        clips: padded, (clips, 2048 · superframes).
        price: of a number, (clips,).
    """
    count = clips.shape[1] // SUPERFRAME
    prices = price.repeat_interleave(count)
    losses = []
    for split in range(SPLITS):
        splits = torch.full((len(clips), count), split, device=clips.device)
        energies = analyse(clips, splits, window_angles).square().view(-1, SUPERFRAME)
        loss = energies.sum(dim=1) - gains(energies, prices)[1][-1].sum(dim=1)
        losses.append(loss.view(len(clips), count))
    return torch.stack(losses).argmin(dim=0)


def choose(energies: Tensor, price: Tensor, counts: list[int]) -> list[Tensor]:
    """The atoms to keep, exactly `counts` of each level: int64 (rows, counts[l]) places each.

    From the largest level down, those atoms are taken whole whose energy most exceeds what the
    best smaller atoms within them would give.
    """
    all_energies, all_gains = gains(energies, price)
    taken = torch.zeros_like(all_energies[-1], dtype=torch.bool)
    found = []
    for level in reversed(range(LEVELS)):
        gain = all_energies[level] - (SIZES[level] + 1) * price[:, None]
        if level:
            gain = gain - (all_gains[level - 1][:, 0::2] + all_gains[level - 1][:, 1::2])
        places = gain.masked_fill(taken, -torch.inf).topk(counts[level], dim=1).indices
        found.append(places)
        taken = taken.scatter(1, places, True)
        if level:
            taken = taken.repeat_interleave(2, dim=1)
    return found[::-1]
