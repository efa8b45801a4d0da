"""The adaptive autoencoder: it selects atoms of a switched MDCT and replaces the rest by noise.

Encode: find the price per number, select the splits, transform, select the atoms, code the noise
levels, and concatenate everything into one real vector. Decode: read the vector, place the atoms,
fill the rest with noise, transform back. The transform's windows and the envelope's two networks
are trained; the number of atoms of each size is counted on the training set.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pipeline.architecture.adaptive_plan import (
    ATOM_LEVELS,
    ATOM_SIZES,
    BLOCK_SPLITS,
    SUPERFRAME,
    AdaptivePlan,
    fit_counts,
)
from pipeline.models.adaptive.atom_selection import (
    find_price,
    select_atoms,
    select_splits,
    unconstrained_counts,
)
from pipeline.models.adaptive.mel_prediction import MelPredictor, describe
from pipeline.models.adaptive.noise_envelope import MAX_LEVEL, MIN_LEVEL, NoiseEnvelope
from pipeline.models.adaptive.noise_shaping import shape_noise
from pipeline.models.adaptive.switched_mdct import (
    HARMONICS,
    SwitchedMdct,
    analyse,
    analyse_uniform,
    pad,
)

MAX_MAGNITUDE = 64.0
"""Bound on a coefficient's magnitude: the norm of 1.5 full-scale superframes is below it."""

MIN_SHAPED_SAMPLES = 1024
"""Noise of shorter clips is not shaped: they have no whole frame."""

CLIPS_PER_BATCH = 8
"""Bounds the memory of counting atoms."""


class AtomSelection(NamedTuple):
    """Splits, atoms and noise levels selected for a batch of clips.

    Attributes:
        splits: (clips, superframes).
        coefficients: (clips, superframes, 2048).
        kept: mask of the coefficients covered by atoms, same shape.
        positions: per atom size (clips, count), ascending; an atom's index within its superframe
            times the number of superframes, plus its superframe.
        levels: noise levels, (clips, rows, bands).
    """

    splits: Tensor
    coefficients: Tensor
    kept: Tensor
    positions: list[Tensor]
    levels: Tensor


class AdaptiveAutoencoder(nn.Module):
    """An autoencoder whose latent vectors have exactly `architecture.numbers` real numbers.

    Any real vector of that length decodes: splits and positions are rounded and clamped, and
    overlapping atoms add up.

    Shape:
        clips: (batch, samples), latents: (batch, latent), both float32.
    """

    counts: Tensor
    sampling_rate: Tensor

    def __init__(self, architecture: AdaptivePlan) -> None:
        super().__init__()
        self.architecture = architecture
        self.window_angles = nn.Parameter(torch.zeros(BLOCK_SPLITS, HARMONICS))
        self.envelope = NoiseEnvelope(architecture.bands, architecture.superframes_per_row)
        self.predictor = MelPredictor()
        self.prediction_error = nn.Parameter(torch.zeros(()), requires_grad=False)
        self.register_buffer("counts", torch.zeros(ATOM_LEVELS, dtype=torch.int64))
        self.register_buffer("sampling_rate", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def count_atoms(self, clips: Tensor) -> None:
        """Set the number of atoms of each size to the best average for these clips."""
        budget = self.architecture.atom_budget
        total = torch.zeros(ATOM_LEVELS)
        for batch in clips.split(CLIPS_PER_BATCH):
            padded = pad(batch)
            splits = self.divide(batch)[1]
            energies = analyse(padded, splits, self.window_angles).square().flatten(1)
            found = unconstrained_counts(energies, find_price(energies, budget))
            total += found.sum(dim=0).cpu()
        self.counts.copy_(torch.tensor(fit_counts(total.tolist(), budget)))

    @torch.no_grad()
    def divide(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """The price per number (clips,) and the splits (clips, superframes) of clips."""
        padded = pad(clips)
        energies = analyse_uniform(padded, 1, self.window_angles).square().flatten(1)
        price = find_price(energies, self._budget(padded.shape[1] // SUPERFRAME))
        return price, select_splits(padded, price, self.window_angles)

    def select(self, clips: Tensor, division: tuple[Tensor, Tensor] | None = None) -> AtomSelection:
        """Select splits, atoms and noise levels; other clip lengths get atoms in proportion.

        Args:
            division: found by `divide` before, which takes most of the time.
        """
        padded = pad(clips)
        superframes = padded.shape[1] // SUPERFRAME
        counts: list[int] = self.counts.tolist()
        if superframes != self.architecture.superframes:
            counts = fit_counts(list(map(float, counts)), self._budget(superframes))
        price, splits = division if division is not None else self.divide(clips)
        coefficients = analyse(padded, splits, self.window_angles)
        with torch.no_grad():
            found = select_atoms(coefficients.square().flatten(1), price, counts)
        positions = []
        for size, flat in zip(ATOM_SIZES, found, strict=True):
            each = SUPERFRAME // size
            code = flat % each * superframes + flat.div(each, rounding_mode="floor")
            positions.append(code.sort(dim=1).values)
        kept = torch.zeros_like(coefficients, dtype=torch.bool)
        for size, position in zip(ATOM_SIZES, positions, strict=True):
            kept.view(len(kept), -1).scatter_(1, _members(position, size, superframes), True)
        levels = self.envelope.encode_levels(coefficients, kept, splits)
        return AtomSelection(splits, coefficients, kept, positions, levels)

    def decode_selection(self, selection: AtomSelection, samples: int) -> Tensor:
        """Decode a selection to clips (batch, samples)."""
        atoms = torch.where(selection.kept, selection.coefficients, 0)
        return self._decode(atoms, selection.kept, selection.splits, selection.levels, samples)

    def describe_selection(self, selection: AtomSelection, samples: int) -> tuple[Tensor, Tensor]:
        """What `predictor` sees of a selection (see `describe`), with gradients to the levels."""
        atoms = torch.where(selection.kept, selection.coefficients, 0).detach()
        kept, splits = selection.kept, selection.splits
        noise = self.envelope.fill_noise(atoms, kept, splits, selection.levels)
        waveform = SwitchedMdct(splits, self.window_angles.detach()).synthesise(atoms)
        noise = noise.masked_fill(kept, 0)
        return describe(waveform[:, :samples], noise, splits, int(self.sampling_rate))

    def encode(self, clips: Tensor) -> Tensor:
        """Encode clips (batch, samples) to latent vectors (batch, latent)."""
        selection = self.select(clips)
        coefficients = selection.coefficients.flatten(1)
        parts = [selection.splits.to(clips), selection.levels.flatten(1)]
        for size, position in zip(ATOM_SIZES, selection.positions, strict=True):
            members = _members(position, size, self.architecture.superframes)
            parts += [position.to(clips), coefficients.gather(1, members)]
        return torch.cat(parts, dim=1)

    def decode(self, latents: Tensor) -> Tensor:
        """Decode latent vectors (batch, latent) to clips (batch, samples)."""
        splits, levels, atoms, kept = self._read(latents)
        return self._decode(atoms, kept, splits, levels, self.architecture.samples)

    def forward(self, clips: Tensor) -> Tensor:
        """Encode and decode clips (batch, samples)."""
        return self.decode(self.encode(clips))

    def band_energies(self, latents: Tensor) -> Tensor:
        """log2 energy per band and superframe of latents, (batch, bands, superframes).

        Energies include the atoms and the noise between them.
        """
        _, levels, atoms, kept = self._read(latents)
        return self.envelope.band_energies(atoms, kept, levels).log2().transpose(1, 2)

    def _decode(
        self, atoms: Tensor, kept: Tensor, splits: Tensor, levels: Tensor, samples: int
    ) -> Tensor:
        """Clips (batch, samples) from atoms and noise; the noise is shaped if the model has been
        trained to predict how it should sound."""
        mdct = SwitchedMdct(splits, self.window_angles)
        noise = self.envelope.fill_noise(atoms, kept, splits, levels).masked_fill(kept, 0)
        if self.prediction_error > 0 and samples > MIN_SHAPED_SAMPLES:
            rate = int(self.sampling_rate)
            start, planes = describe(mdct.synthesise(atoms)[:, :samples], noise, splits, rate)
            target = start + self.predictor(planes)
            noise = shape_noise(mdct, atoms, noise, target, self.prediction_error, samples, rate)
        return mdct.synthesise(atoms + noise)[:, :samples]

    def _budget(self, superframes: int) -> int:
        """Numbers for the atoms of a clip of this length."""
        return self.architecture.atom_budget * superframes // self.architecture.superframes

    def _read(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Splits, levels, atoms and the mask they cover, from any finite latents."""
        plan = self.architecture
        counts: list[int] = self.counts.tolist()
        parts = latents.split([numbers for _, numbers in plan.parts(counts)], dim=1)
        splits = parts[0].round().clamp(0, BLOCK_SPLITS - 1).long()
        levels = parts[1].clamp(MIN_LEVEL, MAX_LEVEL).unflatten(1, (plan.noise_rows, plan.bands))
        atoms = latents.new_zeros(len(latents), plan.superframes * SUPERFRAME)
        kept = torch.zeros_like(atoms, dtype=torch.bool)
        for size, position, values in zip(ATOM_SIZES, parts[2::2], parts[3::2], strict=True):
            last = SUPERFRAME // size * plan.superframes - 1
            members = _members(position.round().clamp(0, last).long(), size, plan.superframes)
            atoms = atoms.scatter_add(1, members, values.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
            kept = kept.scatter(1, members, True)
        shape = (plan.superframes, SUPERFRAME)
        return splits, levels, atoms.unflatten(1, shape), kept.unflatten(1, shape)


def _members(positions: Tensor, size: int, superframes: int) -> Tensor:
    """Indices into the clip's flat coefficients of atoms at `positions`: (clips, count · size)."""
    index = positions.div(superframes, rounding_mode="floor")
    first = positions % superframes * SUPERFRAME + index * size
    return (first[:, :, None] + torch.arange(size, device=positions.device)).flatten(1)
