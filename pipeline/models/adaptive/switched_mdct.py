"""The lapped orthonormal transform whose blocks follow the clip: MDCTs of five sizes, switched.

A clip is cut into superframes of 2048 samples. A superframe is 2^s blocks of 2048 / 2^s samples,
s its *split*, 0 to 4. At every border between two blocks the samples on both sides are turned in
pairs by an angle (time-domain aliasing as rotations), as far as half the shorter block; then
each block goes through a DCT-IV. That is the MDCT with Edler's window switching (Edler 1989,
"Codierung von Audiosignalen mit überlappender Transformation und adaptiven Fensterfunktionen";
Princen and Bradley 1986), and being rotations and DCTs it is orthonormal whatever the angles
are: the inverse is exact, errors keep their energy. The clip's own ends are not lapped.

Coefficients of a superframe are interleaved: number i = bin · 2^s + block, so that i / 2048
stands for about the same frequency (of Nyquist) under every split.
"""

from math import pi

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.architecture.adaptive_plan import SPLITS, SUPERFRAME

HARMONICS = 4
"""Numbers that bend one window."""


def pad(clips: Tensor) -> Tensor:
    """Clips (clips, samples) with zeros up to whole superframes."""
    return functional.pad(clips, (0, -clips.shape[1] % SUPERFRAME))


def angles(window_angle: Tensor, reach: int) -> Tensor:
    """Angles of the pairs at a border that overlap reaches `reach` samples into, nearest first.

    With u from ½ (at the border) to 1 (where the overlap ends) the angle is
    π/2 · (u + Σₖ bendₖ sin 2πku): no bend is the sine window, and the ends stay put.

    Args:
        bend: shape (HARMONICS,).
    """
    u = 0.5 + (torch.arange(reach, device=window_angle.device) + 0.5) / (2 * reach)
    k = torch.arange(1, HARMONICS + 1, device=window_angle.device)[:, None]
    return pi / 2 * (u + (window_angle[:, None] * torch.sin(2 * pi * k * u)).sum(dim=0))


def analyse(clips: Tensor, splits: Tensor, window_angles: Tensor) -> Tensor:
    """Coefficients (clips, superframes, 2048) of padded clips (clips, 2048 · superframes).

    Args:
        splits: int64 (clips, superframes), each 0 to 4.
        window_angles: (SPLITS, HARMONICS), the window shape at a border by the split of its
            shorter block.
    """
    count = splits.shape[1]
    folded = clips
    for split, left, right in _borders(splits):
        angle = angles(window_angles[split], left.shape[1])
        folded = _turn(folded, left, right, angle.sin(), angle.cos())
    folded = folded.reshape(-1, SUPERFRAME)
    result = torch.zeros_like(folded)
    for split, rows in _rows(splits):
        blocks = folded[rows].view(len(rows), 1 << split, SUPERFRAME >> split)
        result = result.index_copy(0, rows, dct_iv(blocks).transpose(1, 2).flatten(1))
    return result.view(-1, count, SUPERFRAME)


def synthesise(coefficients: Tensor, splits: Tensor, window_angles: Tensor) -> Tensor:
    """The inverse of `analyse`."""
    flat = coefficients.reshape(-1, SUPERFRAME)
    folded = torch.zeros_like(flat)
    for split, rows in _rows(splits):
        bins = flat[rows].view(len(rows), SUPERFRAME >> split, 1 << split)
        folded = folded.index_copy(0, rows, dct_iv(bins.transpose(1, 2)).flatten(1))
    clips = folded.view(len(coefficients), -1)
    for split, left, right in _borders(splits):
        angle = angles(window_angles[split], left.shape[1])
        clips = _turn(clips, left, right, angle.sin(), -angle.cos())
    return clips


def dct_iv(x: Tensor) -> Tensor:
    """The orthonormal DCT-IV of the last dimension, of even length N; it is its own inverse.

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
    """Each split that occurs, with the superframes (of all clips, flat) that have it."""
    flat = splits.flatten()
    return [(int(split), (flat == split).nonzero()[:, 0]) for split in flat.unique()]


def _borders(splits: Tensor) -> list[tuple[int, Tensor, Tensor]]:
    """For each split the flat places left and right of its borders, (borders, reach) each.

    A border belongs to the finer of the two splits that meet there.
    """
    clips, count = splits.shape
    first = torch.arange(clips * count, device=splits.device).view(clips, count) * SUPERFRAME
    finer = torch.maximum(splits[:, 1:], splits[:, :-1])
    found = []
    for split in range(SPLITS):
        block = SUPERFRAME >> split
        inner = first[splits == split][:, None] + block * torch.arange(
            1, 1 << split, device=splits.device
        )
        places = torch.cat([first[:, 1:][finer == split], inner.flatten()])[:, None]
        steps = torch.arange(block // 2, device=splits.device)
        if len(places):
            found.append((split, places - 1 - steps, places + steps))
    return found


def _turn(clips: Tensor, left: Tensor, right: Tensor, near: Tensor, far: Tensor) -> Tensor:
    """Rotate pairs of samples: (a, b) to (near · a − far · b, near · b + far · a)."""
    flat = clips.reshape(-1)
    a, b = flat[left], flat[right]
    values = torch.cat([(near * a - far * b).flatten(), (near * b + far * a).flatten()])
    places = torch.cat([left.flatten(), right.flatten()])
    return flat.scatter(0, places, values).view_as(clips)
