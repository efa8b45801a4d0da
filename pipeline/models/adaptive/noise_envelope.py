"""Noise that replaces the dropped coefficients, shaped by an envelope of a few coded levels.

The 2048 interleaved coefficients of a superframe are grouped into 128 *cells* of 16. Levels are
log2 magnitudes, one per band of cells and row of superframes. The coder network corrects the
levels before they are stored; the restorer network turns levels and kept atoms into a magnitude
per cell. Both start with zero output, which leaves the closed form: a level is the power mean of
order ½ of the dropped magnitudes (between the geometric mean, which minimises a logarithmic
distance, and the root mean square), and is used unchanged. Signs come from a hash of the position,
identical on every machine and in a browser.
"""

import itertools

import torch
from torch import Tensor, nn

from pipeline.architecture.adaptive_plan import SUPERFRAME

CELL_SIZE = 16
CELLS = SUPERFRAME // CELL_SIZE

MIN_LEVEL, MAX_LEVEL = -20.0, 4.0
"""Range of levels, log2 of a coefficient's magnitude; the minimum is far below 16-bit rounding."""

HIDDEN_CHANNELS = 16
KERNEL_SIZE = (3, 5)
"""(superframes, cells)."""

CODER_INPUTS, RESTORER_INPUTS = 7, 6


def band_edges(bands: int) -> list[int]:
    """Band edges in cells: bands + 1 integers from 0 to 128.

    Bands have equal width in ln(1 + 16 f), with f relative to Nyquist (close to the mel scale at
    22 050 Hz), and at least one cell.
    """
    edges = [0]
    for band in range(1, bands + 1):
        share = ((1 + 16) ** (band / bands) - 1) / 16
        edges.append(min(max(round(share * CELLS), edges[-1] + 1), CELLS - bands + band))
    return edges


def expand_bands(levels: Tensor, superframes: int, superframes_per_row: int) -> Tensor:
    """Expand levels (clips, rows, bands) to cells (clips, superframes, 128)."""
    edges = torch.tensor(band_edges(levels.shape[2]), device=levels.device)
    band = torch.bucketize(torch.arange(CELLS, device=levels.device), edges[1:], right=True)
    return levels.repeat_interleave(superframes_per_row, dim=1)[:, :superframes, band]


def sum_over_bands(cells: Tensor, weights: Tensor, superframes_per_row: int, bands: int) -> Tensor:
    """Weighted sums of cells (clips, superframes, 128) per row and band (clips, rows, bands)."""
    rows = -(-cells.shape[1] // superframes_per_row)
    edges = band_edges(bands)
    padding = rows * superframes_per_row - cells.shape[1]
    values = nn.functional.pad(cells * weights, (0, 0, 0, padding))
    values = values.unflatten(1, (rows, superframes_per_row)).sum(dim=2)
    widths = [high - low for low, high in itertools.pairwise(edges)]
    return torch.stack([part.sum(dim=2) for part in values.split(widths, dim=2)], dim=2)


class CorrectionNetwork(nn.Sequential):
    """Three convolutions over superframes and cells, initialised to output zeros."""

    def __init__(self, inputs: int) -> None:
        padding = (KERNEL_SIZE[0] // 2, KERNEL_SIZE[1] // 2)
        last = nn.Conv2d(HIDDEN_CHANNELS, 1, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        super().__init__(
            nn.Conv2d(inputs, HIDDEN_CHANNELS, KERNEL_SIZE, padding=padding),
            nn.ReLU(),
            nn.Conv2d(HIDDEN_CHANNELS, HIDDEN_CHANNELS, KERNEL_SIZE, padding=padding),
            nn.ReLU(),
            last,
        )


class NoiseEnvelope(nn.Module):
    """Coder and restorer of the noise levels.

    Args:
        bands: levels per row.
        superframes_per_row: superframes that share a row of levels.
    """

    def __init__(self, bands: int, superframes_per_row: int) -> None:
        super().__init__()
        self.bands, self.superframes_per_row = bands, superframes_per_row
        self.coder = CorrectionNetwork(CODER_INPUTS)
        self.restorer = CorrectionNetwork(RESTORER_INPUTS)

    def encode_levels(self, coefficients: Tensor, kept: Tensor, splits: Tensor) -> Tensor:
        """Compute the levels to store, (clips, rows, bands).

        Args:
            coefficients: (clips, superframes, 2048).
            kept: mask of the coefficients covered by atoms, same shape.
            splits: (clips, superframes).
        """
        magnitude = coefficients.abs().masked_fill(kept, 0).unflatten(2, (CELLS, CELL_SIZE))
        dropped = (~kept).unflatten(2, (CELLS, CELL_SIZE)).sum(dim=3).to(magnitude)
        root = magnitude.clamp(min=1e-20).sqrt().sum(dim=3)
        square = magnitude.square().sum(dim=3)
        per_row = self.superframes_per_row
        count = sum_over_bands(torch.ones_like(dropped), dropped, per_row, self.bands)
        total = sum_over_bands(root, torch.ones_like(root), per_row, self.bands)
        start = (2 * _log2(total / count.clamp(min=1))).clamp(MIN_LEVEL, MAX_LEVEL)
        sent = expand_bands(start, coefficients.shape[1], per_row)
        count = dropped.clamp(min=1)
        means = (2 * _log2(root / count), _log2(square / count) / 2)
        inputs = _inputs(sent, dropped, splits)
        inputs += [(mean.clamp(MIN_LEVEL, MAX_LEVEL) - sent) / 4 for mean in means]
        correction = self.coder(torch.stack(inputs, dim=1))[:, 0]
        ones = torch.ones_like(sent)
        mean = sum_over_bands(correction, ones, per_row, self.bands) / sum_over_bands(
            ones, ones, per_row, self.bands
        )
        return (start + mean).clamp(MIN_LEVEL, MAX_LEVEL)

    def fill_noise(self, atoms: Tensor, kept: Tensor, splits: Tensor, levels: Tensor) -> Tensor:
        """Coefficients (clips, superframes, 2048): atoms, with noise between them."""
        levels = levels.clamp(MIN_LEVEL, MAX_LEVEL)
        sent = expand_bands(levels, atoms.shape[1], self.superframes_per_row)
        dropped = (~kept).unflatten(2, (CELLS, CELL_SIZE)).sum(dim=3).to(sent)
        square = atoms.square().unflatten(2, (CELLS, CELL_SIZE)).sum(dim=3)
        beside = _log2(square / (CELL_SIZE - dropped).clamp(min=1)) / 2
        inputs = _inputs(sent, dropped, splits)
        inputs.append((beside.clamp(MIN_LEVEL, MAX_LEVEL) - sent).clamp(-8, 8) / 4)
        correction = self.restorer(torch.stack(inputs, dim=1))[:, 0]
        magnitude = torch.exp2((sent + correction).clamp(MIN_LEVEL, MAX_LEVEL))
        noise = magnitude.repeat_interleave(CELL_SIZE, dim=2) * noise_signs(atoms)
        return torch.where(kept, atoms, noise)

    def band_energies(self, atoms: Tensor, kept: Tensor, levels: Tensor) -> Tensor:
        """Energy of atoms and noise per band, (clips, superframes, bands), always positive."""
        sent = expand_bands(levels, atoms.shape[1], self.superframes_per_row)
        dropped = (~kept).unflatten(2, (CELLS, CELL_SIZE)).sum(dim=3).to(sent)
        cells = atoms.square().unflatten(2, (CELLS, CELL_SIZE)).sum(dim=3)
        cells = cells + dropped * torch.exp2(2 * sent)
        return sum_over_bands(cells, torch.ones_like(cells), 1, self.bands) + 2.0 ** (2 * MIN_LEVEL)


def _inputs(sent: Tensor, dropped: Tensor, splits: Tensor) -> list[Tensor]:
    """Inputs per cell common to both networks: level, level relative to the clip's mean noise,
    fraction dropped, split, frequency."""
    power = (torch.exp2(2 * sent) * dropped).sum(dim=(1, 2)) / dropped.sum(dim=(1, 2)).clamp(min=1)
    frequency = torch.arange(CELLS, device=sent.device) / CELLS
    return [
        sent / 8 + 1,
        (sent - (_log2(power) / 2)[:, None, None]) / 4,
        dropped / CELL_SIZE,
        (splits / 4)[:, :, None].expand_as(sent),
        frequency.expand_as(sent),
    ]


def _log2(x: Tensor) -> Tensor:
    return x.clamp(min=1e-14).log2()


def noise_signs(like: Tensor) -> Tensor:
    """+1 or −1 per coefficient, shape (superframes, 2048), the same for every clip.

    The lowest bit of a 32-bit hash of superframe · 2048 + coefficient (lowbias32; Wellons,
    "Prospecting for hash functions", 2018).

    Args:
        like: tensor of shape (clips, superframes, 2048).
    """
    mask = 0xFFFFFFFF
    h = torch.arange(like[0].numel(), device=like.device)
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & mask
    h = ((h ^ (h >> 15)) * 0x846CA68B) & mask
    h = h ^ (h >> 16)
    return (1 - 2 * (h & 1)).to(like.dtype).view(like.shape[1:])
