"""Baselines without a network: transform coding of clips with as many numbers as a latent vector.

Each method reconstructs a clip from at most `numbers` real numbers (the latent size), including
those that store positions. Clips have shape (clips, samples), float in [-1, 1] or int16 (divided
by 32 768); reconstructions are float32 of the same shape and may slightly exceed ±1. All methods
raise ValueError if `numbers` is less than 1 or greater than `samples`.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import log10, pi

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.models.adaptive.switched_mdct import dct_iv

KLT_BLOCK = 256
"""Samples per block of the KLT."""

MDCT_BINS = 1024
"""Coefficients per frame of the sparse MDCT; a frame spans twice as many samples."""

CODEC_BINS, CODEC_COLUMN_FRAMES = 512, 4
"""The codec keeps columns: one of `CODEC_BINS` MDCT bins in consecutive frames."""

CODEC_BANDS, CODEC_LEVEL_FRAMES = 20, 8
"""Noise bands of the codec, and frames per noise level."""

NOISE_GAIN = 0.5
"""Gain of the codec's noise relative to its level; full level would lower the SNR by 2 dB."""


def reconstruct(method: str, clips: Tensor, numbers: int, klt_basis: Tensor) -> Tensor:
    """Reconstruct clips by lowpass, klt (with the basis from `learn_klt`), mdct or codec."""
    if method == "klt":
        return klt(clips, numbers, klt_basis)
    return {"lowpass": lowpass, "mdct": mdct, "codec": codec}[method](clips, numbers)


def lowpass(clips: Tensor, numbers: int) -> Tensor:
    """Ideal low-pass: the lowest frequencies of each clip's discrete Fourier transform.

    In the real Fourier basis a clip is Re X₀, Re X₁, Im X₁, Re X₂, Im X₂, …, of which the first
    `numbers` are kept. An even count keeps only the real part of its last bin.
    """
    x = _validate(clips, numbers).double()
    bins = torch.view_as_real(torch.fft.rfft(x))
    whole = (numbers + 1) // 2
    bins[:, whole + 1 :] = 0
    # Bin `whole` loses both parts (odd count) or the imaginary one (even count).
    bins[:, whole:, int(numbers % 2 == 0) :] = 0
    kept = torch.view_as_complex(bins)
    return torch.fft.irfft(kept, n=x.shape[1]).float()


def learn_klt(training: Iterable[Tensor]) -> Tensor:
    """Basis of the block KLT: shape (256, 256), orthonormal columns, by decreasing energy.

    Eigenvectors of the second moments of 256-sample blocks (Karhunen–Loève transform, the
    linear code with the least mean square error). An incomplete last block is ignored.

    Args:
        training: batches of training clips.
    """
    moments = torch.zeros(KLT_BLOCK, KLT_BLOCK, dtype=torch.float64)
    for clips in training:
        used = clips.shape[1] // KLT_BLOCK * KLT_BLOCK
        blocks = _waveform(clips[:, :used]).reshape(-1, KLT_BLOCK).double()
        moments += blocks.T @ blocks
    _, vectors = torch.linalg.eigh(moments)
    return vectors.flip(1).float()


def klt(clips: Tensor, numbers: int, basis: Tensor) -> Tensor:
    """Block KLT: each 256-sample block is reconstructed from its first coefficients in `basis`.

    The last block is zero-padded. With B blocks in a clip every block keeps ⌊numbers / B⌋
    coefficients and the first `numbers` mod B blocks keep one more, so that the counts add up
    to `numbers` and no positions need to be stored.
    """
    x = _validate(clips, numbers)
    samples = x.shape[1]
    blocks = functional.pad(x, (0, -samples % KLT_BLOCK)).reshape(len(x), -1, KLT_BLOCK)
    each, more = divmod(numbers, blocks.shape[1])
    coefficients = blocks @ basis
    coefficients[:, :more, each + 1 :] = 0
    coefficients[:, more:, each:] = 0
    return (coefficients @ basis.T).flatten(1)[:, :samples]


def mdct(clips: Tensor, numbers: int) -> Tensor:
    """Sparse MDCT: the ⌊numbers / 2⌋ largest coefficients of each clip.

    The other half of the numbers stores their positions among all frames and bins; an odd count
    leaves one number unused.
    """
    x = _validate(clips, numbers)
    coefficients = mdct_analysis(x)
    flat = coefficients.flatten(1)
    positions = flat.abs().topk(numbers // 2).indices
    kept = torch.zeros_like(flat).scatter(1, positions, flat.gather(1, positions))
    return mdct_synthesis(kept.view_as(coefficients), x.shape[1])


def codec(clips: Tensor, numbers: int) -> Tensor:
    """A hand-designed adaptive codec: the loudest columns of each clip, and noise elsewhere.

    A column (one bin in 4 consecutive frames) costs 5 numbers: its values and its position. A
    noise level is the root mean square of the dropped coefficients in one band (of 20, equally
    wide in mel: 2595 log10(1 + f / 700), at 22 050 Hz) and 8 frames. Dropped coefficients are
    replaced by noise at half that level with random signs, the same for every clip. If the
    levels would take more than a quarter of the numbers, no noise is used.
    """
    x = _validate(clips, numbers)
    coefficients = mdct_analysis(x, CODEC_BINS)
    frames = coefficients.shape[1]
    padded = functional.pad(coefficients, (0, 0, 0, -frames % CODEC_LEVEL_FRAMES))
    levels = padded.shape[1] // CODEC_LEVEL_FRAMES * CODEC_BANDS
    levels = levels if levels <= numbers / 4 else 0
    columns = padded.unflatten(1, (-1, CODEC_COLUMN_FRAMES))
    energies = columns.square().sum(dim=2).flatten(1)
    count = min((numbers - levels) // (CODEC_COLUMN_FRAMES + 1), energies.shape[1])
    positions = energies.topk(count).indices
    kept = torch.zeros_like(energies, dtype=torch.bool).scatter(1, positions, True)
    kept = kept.view(len(x), -1, CODEC_BINS).repeat_interleave(CODEC_COLUMN_FRAMES, dim=1)
    rebuilt = padded.masked_fill(~kept, 0)
    if levels:
        rebuilt += _noise(padded, kept)
    return mdct_synthesis(rebuilt[:, :frames], x.shape[1])


def _noise(coefficients: Tensor, kept: Tensor) -> Tensor:
    """The codec's noise for dropped coefficients, shaped as `coefficients`."""
    signs = torch.randint(2, coefficients.shape[1:], generator=torch.Generator().manual_seed(0)).to(
        coefficients.device
    )
    dropped = (~kept).to(coefficients)
    noise = dropped * (2 * signs - 1)
    edges = _codec_edges()
    for low, high in pairwise(edges):
        band = dropped[:, :, low:high].unflatten(1, (-1, CODEC_LEVEL_FRAMES))
        values = coefficients[:, :, low:high].unflatten(1, (-1, CODEC_LEVEL_FRAMES))
        square = (values * band).square()
        level = (square.sum(dim=(2, 3)) / band.sum(dim=(2, 3)).clamp(min=1)).sqrt()
        gain = NOISE_GAIN * level.repeat_interleave(CODEC_LEVEL_FRAMES, dim=1)
        noise[:, :, low:high] *= gain[:, :, None]
    return noise


def _codec_edges() -> list[int]:
    """Edges of the codec's bands, in bins; a band has at least one bin."""
    nyquist = 11_025
    top = log10(1 + nyquist / 700)
    edges = [0]
    for band in range(1, CODEC_BANDS + 1):
        hertz = 700 * (10 ** (top * band / CODEC_BANDS) - 1)
        edges.append(max(round(hertz / nyquist * CODEC_BINS), edges[-1] + 1))
    return edges


def mdct_analysis(x: Tensor, bins: int = MDCT_BINS) -> Tensor:
    """Modified discrete cosine transform: (clips, samples) to (clips, frames, bins).

    X[k] = √(2 / M) Σₙ w[n] x[n] cos(π / M (n + ½ + M / 2)(k + ½)), M = bins, n from 0 to
    2M − 1, w[n] = sin(π (n + ½) / 2M), hop M. Princen and Bradley,
    "Analysis/synthesis filter bank design based on time domain aliasing cancellation", 1986.
    Clips are zero-padded, so that every sample lies in two frames. Computed by folding each frame
    to its half and a DCT-IV.
    """
    frames = functional.pad(x, (bins, bins + -x.shape[1] % bins)).unfold(1, 2 * bins, bins)
    a, b, c, d = (frames * _sine_window(x, bins)).split(bins // 2, dim=2)
    return dct_iv(torch.cat([-c.flip(2) - d, a - b.flip(2)], dim=2))


def mdct_synthesis(coefficients: Tensor, samples: int) -> Tensor:
    """The inverse of `mdct_analysis`: (clips, frames, bins) to (clips, samples)."""
    bins = coefficients.shape[2]
    left, right = dct_iv(coefficients).split(bins // 2, dim=2)
    window = _sine_window(coefficients, bins)
    first = torch.cat([right, -right.flip(2)], dim=2) * window[:bins]
    second = torch.cat([left.flip(2), left], dim=2) * -window[bins:]
    return (first[:, 1:] + second[:, :-1]).flatten(1)[:, :samples]


def _sine_window(like: Tensor, bins: int) -> Tensor:
    n = torch.arange(2 * bins, dtype=torch.float64) + 0.5
    return torch.sin(pi * n / (2 * bins)).to(like)


def _waveform(clips: Tensor) -> Tensor:
    return clips / 32768 if clips.dtype == torch.int16 else clips.float()


def _validate(clips: Tensor, numbers: int) -> Tensor:
    if not 1 <= numbers <= clips.shape[1]:
        raise ValueError(f"numbers must be 1 to {clips.shape[1]}, found {numbers}")
    return _waveform(clips)
