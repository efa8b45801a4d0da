"""MDCT with block switching between five block sizes.

A clip is cut into superframes of 2048 samples. A superframe consists of 2^s blocks of 2048 / 2^s
samples, where s is its *split*, 0 to 4. At every border between two blocks, pairs of samples on
both sides are rotated by an angle (time-domain aliasing as rotations), over half the shorter
block; then each block is transformed by a DCT-IV. This is the MDCT with Edler's window switching
(Edler 1989, "Codierung von Audiosignalen mit überlappender Transformation und adaptiven
Fensterfunktionen"; Princen and Bradley 1986). Rotations and DCTs are orthonormal for any angles,
so the inverse is exact and errors keep their energy. The ends of the clip are not overlapped.

Coefficients of a superframe are interleaved: index i = bin · 2^s + block, so that i / 2048 is about
the same frequency (relative to Nyquist) for every split.
"""

from math import pi

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.architecture.adaptive_plan import BLOCK_SPLITS, SUPERFRAME

HARMONICS = 4
"""Sine terms that shape one window."""


def pad(clips: Tensor) -> Tensor:
    """Zero-pad clips (clips, samples) to whole superframes."""
    return functional.pad(clips, (0, -clips.shape[1] % SUPERFRAME))


def angles(window_angle: Tensor, reach: int) -> Tensor:
    """Rotation angles of the sample pairs at a border, nearest first, shape (reach,).

    With u from ½ (at the border) to 1 (at the end of the overlap) the angle is
    π/2 · (u + Σₖ aₖ sin 2πku): a = 0 is the sine window, and the ends are fixed for any a.

    Args:
        window_angle: the aₖ, shape (HARMONICS,).
        reach: samples of overlap on each side.
    """
    u = 0.5 + (torch.arange(reach, device=window_angle.device) + 0.5) / (2 * reach)
    k = torch.arange(1, HARMONICS + 1, device=window_angle.device)[:, None]
    return pi / 2 * (u + (window_angle[:, None] * torch.sin(2 * pi * k * u)).sum(dim=0))


class SwitchedMdct:
    """The transform of padded clips with given splits; it finds the borders once.

    Args:
        splits: int64 (clips, superframes), each 0 to 4.
        window_angles: (BLOCK_SPLITS, HARMONICS); a border uses the row of the finer split.
    """

    def __init__(self, splits: Tensor, window_angles: Tensor) -> None:
        self.shape = (len(splits), splits.shape[1], SUPERFRAME)
        self.rows = _rows(splits)
        # No sample takes part in two rotations: (a, b) becomes (near · a − far · b,
        # near · b + far · a), which is near · x + far · partner with far negated on the left.
        indices, partners, near, far = [], [], [], []
        for split, left, right in _borders(splits):
            angle = angles(window_angles[split], left.shape[1]).expand(left.shape).flatten()
            indices += [left.flatten(), right.flatten()]
            partners += [right.flatten(), left.flatten()]
            near += [angle.sin(), angle.sin()]
            far += [-angle.cos(), angle.cos()]
        samples = splits.numel() * SUPERFRAME
        self.partner = torch.arange(samples, device=splits.device)
        self.near, self.far = window_angles.new_ones(samples), window_angles.new_zeros(samples)
        if indices:
            index = torch.cat(indices)
            self.partner = self.partner.scatter(0, index, torch.cat(partners))
            self.near = self.near.scatter(0, index, torch.cat(near))
            self.far = self.far.scatter(0, index, torch.cat(far))

    def analyse(self, clips: Tensor) -> Tensor:
        """Transform clips (clips, 2048 · superframes) to (clips, superframes, 2048)."""
        flat = clips.reshape(-1)
        folded = (self.near * flat + self.far * flat[self.partner]).view(-1, SUPERFRAME)
        result = torch.zeros_like(folded)
        for split, rows in self.rows:
            blocks = folded[rows].view(len(rows), 1 << split, SUPERFRAME >> split)
            result = result.index_copy(0, rows, dct_iv(blocks).transpose(1, 2).flatten(1))
        return result.view(self.shape)

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The inverse of `analyse`, and its gradient."""
        flat = coefficients.reshape(-1, SUPERFRAME)
        folded = torch.zeros_like(flat)
        for split, rows in self.rows:
            bins = flat[rows].view(len(rows), SUPERFRAME >> split, 1 << split)
            folded = folded.index_copy(0, rows, dct_iv(bins.transpose(1, 2)).flatten(1))
        flat = folded.view(-1)
        clips = self.near * flat - self.far * flat[self.partner]
        return clips.view(len(coefficients), -1)


def analyse(clips: Tensor, splits: Tensor, window_angles: Tensor) -> Tensor:
    """Transform padded clips once; see `SwitchedMdct`."""
    return SwitchedMdct(splits, window_angles).analyse(clips)


def analyse_uniform(clips: Tensor, split: int, window_angles: Tensor) -> Tensor:
    """As `analyse` with the same split in every superframe, faster."""
    block = SUPERFRAME >> split
    angle = angles(window_angles[split], block // 2)
    near = torch.cat([angle.sin().flip(0), angle.sin()])
    far = torch.cat([-angle.cos().flip(0), angle.cos()])
    # Around each border, partners mirror each other.
    around = clips[:, block // 2 : clips.shape[1] - block // 2].unflatten(1, (-1, block))
    rotated = (near * around + far * around.flip(2)).flatten(1)
    folded = torch.cat([clips[:, : block // 2], rotated, clips[:, -(block // 2) :]], dim=1)
    blocks = folded.view(-1, 1 << split, block)
    return dct_iv(blocks).transpose(1, 2).reshape(len(clips), -1, SUPERFRAME)


def synthesise(coefficients: Tensor, splits: Tensor, window_angles: Tensor) -> Tensor:
    """The inverse of `analyse`."""
    return SwitchedMdct(splits, window_angles).synthesise(coefficients)


def dct_iv(x: Tensor) -> Tensor:
    """Orthonormal DCT-IV over the last dimension of even length N; it is its own inverse.

    X[k] = √(2 / N) Σₙ x[n] cos(π / N (n + ½)(k + ½)), by one complex FFT of length N / 2.
    """
    length = x.shape[-1]
    n = torch.arange(length // 2, device=x.device, dtype=torch.float64)
    twiddle = torch.polar(torch.ones_like(n), -pi * (8 * n + 1) / (8 * length))
    twiddle = twiddle.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128)
    pairs = torch.complex(x[..., 0::2].contiguous(), x[..., 1::2].flip(-1))
    spectrum = torch.fft.fft(pairs * twiddle) * (twiddle * (2 / length) ** 0.5)
    return torch.stack([spectrum.real, -spectrum.imag.flip(-1)], dim=-1).flatten(-2)


def _rows(splits: Tensor) -> list[tuple[int, Tensor]]:
    """Each split that occurs, with the flat indices of its superframes."""
    flat = splits.flatten()
    return [(int(split), (flat == split).nonzero()[:, 0]) for split in flat.unique()]


def _borders(splits: Tensor) -> list[tuple[int, Tensor, Tensor]]:
    """For each split, flat sample indices left and right of its borders, (borders, reach) each.

    A border belongs to the finer of its two splits.
    """
    clips, count = splits.shape
    first = torch.arange(clips * count, device=splits.device).view(clips, count) * SUPERFRAME
    finer = torch.maximum(splits[:, 1:], splits[:, :-1])
    found = []
    for split in range(BLOCK_SPLITS):
        block = SUPERFRAME >> split
        inner = first[splits == split][:, None] + block * torch.arange(
            1, 1 << split, device=splits.device
        )
        borders = torch.cat([first[:, 1:][finer == split], inner.flatten()])[:, None]
        steps = torch.arange(block // 2, device=splits.device)
        if len(borders):
            found.append((split, borders - 1 - steps, borders + steps))
    return found
