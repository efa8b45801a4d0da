"""The family `adaptive`: an encoder that chooses, and a decoder that restores what it dropped.

Encode: price a number, choose the splits, transform, choose the atoms, code the noise that is
left; write it all down as one real vector. Decode: read the vector, put atoms in their places,
fill the rest with noise, transform back. Trained are the windows of the transform and the two
networks of the envelope; how many atoms of each size a clip has is counted on the training set.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.architecture.adaptive_plan import (
    LEVELS,
    SIZES,
    SPLITS,
    SUPERFRAME,
    AdaptivePlan,
    fit_counts,
)
from pipeline.models.adaptive.atom_selection import choose, choose_splits, find_price, free_counts
from pipeline.models.adaptive.noise_envelope import CEILING, FLOOR, Envelope
from pipeline.models.adaptive.switched_mdct import HARMONICS, analyse, pad, synthesise

LOUDEST = 64.0
"""A coefficient's magnitude is below this: the norm of a superframe and a half at full scale."""

PIECE = 8
"""Clips in memory at once while atoms are counted."""


class Choice(NamedTuple):
    """What the encoder found in some clips.

    `splits` (clips, superframes); `coefficients` and `kept` (clips, superframes, 2048);
    `places`: for each size of atom (clips, count), ascending, an atom's number within its
    superframe times the count of superframes, plus its superframe; `levels` (clips, blocks,
    bands).
    """

    splits: Tensor
    coefficients: Tensor
    kept: Tensor
    places: list[Tensor]
    levels: Tensor


class AdaptiveAutoencoder(nn.Module):
    """An autoencoder with a latent vector of exactly `architecture.numbers` real numbers.

    Any real vector of that length decodes: splits and places are rounded and brought into
    their range, atoms that meet in a place add up.

    Shape:
        clips: (batch, samples), latents: (batch, latent), both float32.
    """

    counts: Tensor

    def __init__(self, architecture: AdaptivePlan) -> None:
        super().__init__()
        self.architecture = architecture
        self.window_angles = nn.Parameter(torch.zeros(SPLITS, HARMONICS))
        self.envelope = Envelope(architecture.bands, architecture.hold)
        self.register_buffer("counts", torch.zeros(LEVELS, dtype=torch.int64))

    @torch.no_grad()
    def count_atoms(self, clips: Tensor) -> None:
        """Set how many atoms of each size a clip gets: what suits these clips on average."""
        budget = self.architecture.budget
        total = torch.zeros(LEVELS)
        for piece in clips.split(PIECE):
            padded = pad(piece)
            splits = self._splits(padded, budget)[1]
            energies = analyse(padded, splits, self.window_angles).square().flatten(1)
            found = free_counts(energies, find_price(energies, budget))
            total += found.sum(dim=0).cpu()
        self.counts.copy_(torch.tensor(fit_counts(total.tolist(), budget)))

    def choose(self, clips: Tensor) -> Choice:
        """Choose what to keep of clips; those of another length get atoms in proportion."""
        plan, padded = self.architecture, pad(clips)
        superframes = padded.shape[1] // SUPERFRAME
        counts: list[int] = self.counts.tolist()
        budget = plan.budget
        if superframes != plan.superframes:
            budget = budget * superframes // plan.superframes
            counts = fit_counts(list(map(float, counts)), budget)
        price, splits = self._splits(padded, budget)
        coefficients = analyse(padded, splits, self.window_angles)
        with torch.no_grad():
            found = choose(coefficients.square().flatten(1), price, counts)
        places = []
        for size, place in zip(SIZES, found, strict=True):
            each = SUPERFRAME // size
            code = place % each * superframes + place.div(each, rounding_mode="floor")
            places.append(code.sort(dim=1).values)
        kept = torch.zeros_like(coefficients, dtype=torch.bool)
        for size, place in zip(SIZES, places, strict=True):
            kept.view(len(kept), -1).scatter_(1, _members(place, size, superframes), True)
        levels = self.envelope.levels(coefficients, kept, splits)
        return Choice(splits, coefficients, kept, places, levels)

    def restore(self, choice: Choice, samples: int) -> Tensor:
        """The clips (batch, samples) that a choice decodes to, with gradients."""
        atoms = torch.where(choice.kept, choice.coefficients, 0)
        filled = self.envelope.fill(atoms, choice.kept, choice.splits, choice.levels)
        return synthesise(filled, choice.splits, self.window_angles)[:, :samples]

    def encode(self, clips: Tensor) -> Tensor:
        """Clips (batch, samples) to latent vectors (batch, latent)."""
        choice = self.choose(clips)
        coefficients = choice.coefficients.flatten(1)
        parts = [choice.splits.to(clips), choice.levels.flatten(1)]
        for size, place in zip(SIZES, choice.places, strict=True):
            members = _members(place, size, self.architecture.superframes)
            parts += [place.to(clips), coefficients.gather(1, members)]
        return torch.cat(parts, dim=1)

    def decode(self, latents: Tensor) -> Tensor:
        """Latent vectors (batch, latent) to clips (batch, samples)."""
        splits, levels, atoms, kept = self._read(latents)
        filled = self.envelope.fill(atoms, kept, splits, levels)
        return synthesise(filled, splits, self.window_angles)[:, : self.architecture.samples]

    def forward(self, clips: Tensor) -> Tensor:
        """Clips (batch, samples), encoded and decoded."""
        return self.decode(self.encode(clips))

    def profile(self, latents: Tensor) -> Tensor:
        """The energy that latents (batch, latent) tell of: log2, (batch, bands, superframes).

        Of each band and superframe, the atoms' squares and the noise between them.
        """
        _, levels, atoms, kept = self._read(latents)
        return self.envelope.energies(atoms, kept, levels).log2().transpose(1, 2)

    def _splits(self, padded: Tensor, budget: int) -> tuple[Tensor, Tensor]:
        """The price of a number (clips,) and the splits (clips, superframes)."""
        with torch.no_grad():
            shape = (len(padded), padded.shape[1] // SUPERFRAME)
            halves = torch.ones(shape, dtype=torch.int64, device=padded.device)
            energies = analyse(padded, halves, self.window_angles).square().flatten(1)
            price = find_price(energies, budget)
            return price, choose_splits(padded, price, self.window_angles)

    def _read(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Splits, levels, atoms and what they cover, from latents of any finite numbers."""
        plan = self.architecture
        counts: list[int] = self.counts.tolist()
        parts = latents.split([numbers for _, numbers in plan.parts(counts)], dim=1)
        splits = parts[0].round().clamp(0, SPLITS - 1).long()
        levels = parts[1].clamp(FLOOR, CEILING).unflatten(1, (plan.blocks, plan.bands))
        atoms = latents.new_zeros(len(latents), plan.superframes * SUPERFRAME)
        kept = torch.zeros_like(atoms, dtype=torch.bool)
        for size, place, values in zip(SIZES, parts[2::2], parts[3::2], strict=True):
            last = SUPERFRAME // size * plan.superframes - 1
            members = _members(place.round().clamp(0, last).long(), size, plan.superframes)
            atoms = atoms.scatter_add(1, members, values.clamp(-LOUDEST, LOUDEST))
            kept = kept.scatter(1, members, True)
        shape = (plan.superframes, SUPERFRAME)
        return splits, levels, atoms.unflatten(1, shape), kept.unflatten(1, shape)


def _members(places: Tensor, size: int, superframes: int) -> Tensor:
    """The coefficients, counted over the whole clip, of atoms at some places: (clips, count ·
    size)."""
    first = (
        places % superframes * SUPERFRAME + places.div(superframes, rounding_mode="floor") * size
    )
    return (first[:, :, None] + torch.arange(size, device=places.device)).flatten(1)
