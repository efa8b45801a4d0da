"""What stands in for what was dropped: noise whose envelope is coded by a few levels.

A spectrum of 2048 interleaved coefficients is seen as 128 *cells* of 16. Levels are log2
magnitudes, one for each band of cells and each few superframes. The coder's network corrects
the levels it sends, the restorer's turns them, and what it sees of the kept atoms, into a
magnitude for each cell; both begin as no correction at all, which is the closed form: the
level is the generalised mean of order ½ of the dropped magnitudes (between the geometric mean,
where a logarithmic distance has its least, and the root mean square), and is played back as it
is. Signs come from a hash of the place, the same on every machine and in a browser.
"""

import itertools

import torch
from torch import Tensor, nn

from pipeline.architecture.adaptive_plan import SUPERFRAME

CELL = 16
CELLS = SUPERFRAME // CELL

FLOOR, CEILING = -20.0, 4.0
"""The range of levels, log2 of a coefficient's magnitude: from far below 16-bit rounding."""

HIDDEN = 16
KERNEL = (3, 5)
"""Reach of a network's layer: superframes and cells."""

CODER_INPUTS, RESTORER_INPUTS = 7, 6


def band_edges(bands: int) -> list[int]:
    """Edges of the bands, in cells: bands + 1 numbers from 0 to 128.

    Bands are of equal width on ln(1 + 16 f), f the share of Nyquist (at 22 050 Hz close to the
    mel scale), but of one cell at least.
    """
    edges = [0]
    for band in range(1, bands + 1):
        share = ((1 + 16) ** (band / bands) - 1) / 16
        edges.append(min(max(round(share * CELLS), edges[-1] + 1), CELLS - bands + band))
    return edges


def spread(levels: Tensor, superframes: int, hold: int) -> Tensor:
    """Levels (clips, blocks, bands) to the cells they stand for (clips, superframes, 128)."""
    edges = torch.tensor(band_edges(levels.shape[2]), device=levels.device)
    band = torch.bucketize(torch.arange(CELLS, device=levels.device), edges[1:], right=True)
    return levels.repeat_interleave(hold, dim=1)[:, :superframes, band]


def gather(cells: Tensor, weights: Tensor, hold: int, bands: int) -> Tensor:
    """Weighted sums of cells (clips, superframes, 128) over (clips, blocks, bands)."""
    blocks = -(-cells.shape[1] // hold)
    edges = band_edges(bands)
    values = nn.functional.pad(cells * weights, (0, 0, 0, blocks * hold - cells.shape[1]))
    values = values.unflatten(1, (blocks, hold)).sum(dim=2)
    widths = [high - low for low, high in itertools.pairwise(edges)]
    return torch.stack([part.sum(dim=2) for part in values.split(widths, dim=2)], dim=2)


class Network(nn.Sequential):
    """Two convolutions over superframes and cells and one that mixes; at first all zeros out."""

    def __init__(self, inputs: int) -> None:
        padding = (KERNEL[0] // 2, KERNEL[1] // 2)
        last = nn.Conv2d(HIDDEN, 1, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        super().__init__(
            nn.Conv2d(inputs, HIDDEN, KERNEL, padding=padding),
            nn.ReLU(),
            nn.Conv2d(HIDDEN, HIDDEN, KERNEL, padding=padding),
            nn.ReLU(),
            last,
        )


class Envelope(nn.Module):
    """The coder of levels and the restorer that plays them.

    Args:
        bands, hold: levels are one a band and `hold` superframes.
    """

    def __init__(self, bands: int, hold: int) -> None:
        super().__init__()
        self.bands, self.hold = bands, hold
        self.coder = Network(CODER_INPUTS)
        self.restorer = Network(RESTORER_INPUTS)

    def levels(self, coefficients: Tensor, kept: Tensor, splits: Tensor) -> Tensor:
        """The levels to send, (clips, blocks, bands).

        Args:
            coefficients: (clips, superframes, 2048).
            kept: as coefficients, true where an atom keeps it.
            splits: (clips, superframes).
        """
        magnitude = coefficients.abs().masked_fill(kept, 0).unflatten(2, (CELLS, CELL))
        dropped = (~kept).unflatten(2, (CELLS, CELL)).sum(dim=3).to(magnitude)
        root = magnitude.clamp(min=1e-20).sqrt().sum(dim=3)
        square = magnitude.square().sum(dim=3)
        count = gather(torch.ones_like(dropped), dropped, self.hold, self.bands)
        total = gather(root, torch.ones_like(root), self.hold, self.bands)
        start = (2 * _log2(total / count.clamp(min=1))).clamp(FLOOR, CEILING)
        sent = spread(start, coefficients.shape[1], self.hold)
        count = dropped.clamp(min=1)
        means = (2 * _log2(root / count), _log2(square / count) / 2)
        inputs = _inputs(sent, dropped, splits)
        inputs += [(mean.clamp(FLOOR, CEILING) - sent) / 4 for mean in means]
        correction = self.coder(torch.stack(inputs, dim=1))[:, 0]
        every = torch.ones_like(sent)
        mean = gather(correction, every, self.hold, self.bands) / gather(
            every, every, self.hold, self.bands
        )
        return (start + mean).clamp(FLOOR, CEILING)

    def fill(self, atoms: Tensor, kept: Tensor, splits: Tensor, levels: Tensor) -> Tensor:
        """The clip's coefficients (clips, superframes, 2048): atoms, and noise between them."""
        sent = spread(levels.clamp(FLOOR, CEILING), atoms.shape[1], self.hold)
        dropped = (~kept).unflatten(2, (CELLS, CELL)).sum(dim=3).to(sent)
        square = atoms.square().unflatten(2, (CELLS, CELL)).sum(dim=3)
        beside = _log2(square / (CELL - dropped).clamp(min=1)) / 2
        inputs = _inputs(sent, dropped, splits)
        inputs.append((beside.clamp(FLOOR, CEILING) - sent).clamp(-8, 8) / 4)
        correction = self.restorer(torch.stack(inputs, dim=1))[:, 0]
        magnitude = torch.exp2((sent + correction).clamp(FLOOR, CEILING))
        noise = magnitude.repeat_interleave(CELL, dim=2) * signs(atoms)
        return torch.where(kept, atoms, noise)

    def energies(self, atoms: Tensor, kept: Tensor, levels: Tensor) -> Tensor:
        """Energy of each superframe and band, (clips, superframes, bands), above 0: the atoms'
        squares and noise as loud as the levels say."""
        sent = spread(levels, atoms.shape[1], self.hold)
        dropped = (~kept).unflatten(2, (CELLS, CELL)).sum(dim=3).to(sent)
        cells = atoms.square().unflatten(2, (CELLS, CELL)).sum(dim=3)
        cells = cells + dropped * torch.exp2(2 * sent)
        return gather(cells, torch.ones_like(cells), 1, self.bands) + 2.0 ** (2 * FLOOR)


def _inputs(sent: Tensor, dropped: Tensor, splits: Tensor) -> list[Tensor]:
    """What both networks see of each cell: level, level beside the clip's mean noise, share
    dropped, split, frequency."""
    power = (torch.exp2(2 * sent) * dropped).sum(dim=(1, 2)) / dropped.sum(dim=(1, 2)).clamp(min=1)
    frequency = torch.arange(CELLS, device=sent.device) / CELLS
    return [
        sent / 8 + 1,
        (sent - (_log2(power) / 2)[:, None, None]) / 4,
        dropped / CELL,
        (splits / 4)[:, :, None].expand_as(sent),
        frequency.expand_as(sent),
    ]


def _log2(x: Tensor) -> Tensor:
    return x.clamp(min=1e-14).log2()


def signs(like: Tensor) -> Tensor:
    """+1 or −1 for each coefficient of (clips, superframes, 2048), the same for every clip.

    From the lowest bit of a hash of 32 bits of place = superframe · 2048 + number (Wellons,
    "Prospecting for hash functions", 2018, lowbias32).
    """
    mask = 0xFFFFFFFF
    h = torch.arange(like[0].numel(), device=like.device)
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & mask
    h = ((h ^ (h >> 15)) * 0x846CA68B) & mask
    h = h ^ (h >> 16)
    return (1 - 2 * (h & 1)).to(like.dtype).view(like.shape[1:])
