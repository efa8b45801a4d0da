"""What no network needs: a clip rebuilt from as many numbers as a latent vector has.

Transforms older than any autoencoder, each at an exact count: `numbers` is the latent
size, and every clip is rebuilt from at most that many real numbers, those that say where the
others go included. Clips are tensors of shape (clips, samples), float in [-1, 1] or int16
(then divided by 32 768); reconstructions are float32 of the same shape, and may pass ±1 a
little. A ValueError is raised where the count is less than 1 or more than the samples.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import log10, pi

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 256
"""Samples in a block of the KLT."""

BINS = 1024
"""Coefficients in a frame of the sparse MDCT; a frame spans twice as many samples."""

CODEC_BINS, COLUMN = 512, 4
"""The codec keeps columns: a bin of an MDCT of `CODEC_BINS` in `COLUMN` frames one after
another."""

CODEC_BANDS, CODEC_BLOCK = 20, 8
"""It sends a noise level for each of so many bands and every so many frames."""

HALF = 0.5
"""The share of its level at which noise is played: the whole would cost 2 dB more."""


def rebuild(method: str, clips: Tensor, numbers: int, klt_basis: Tensor) -> Tensor:
    """Rebuild clips by lowpass, klt, mdct or codec; `klt_basis` is what `learn_klt` gave."""
    if method == "klt":
        return klt(clips, numbers, klt_basis)
    return {"lowpass": lowpass, "mdct": mdct, "codec": codec}[method](clips, numbers)


def lowpass(clips: Tensor, numbers: int) -> Tensor:
    """Ideal low-pass: the lowest frequencies of each clip's own discrete Fourier transform.

    In the real Fourier basis the numbers of a clip are Re X₀, Re X₁, Im X₁, Re X₂, Im X₂, …
    and the first `numbers` of them are kept. An odd count is the constant and whole complex
    bins; an even count ends in the real part alone of one bin.
    """
    x = _checked(clips, numbers).double()
    bins = torch.view_as_real(torch.fft.rfft(x))
    whole = (numbers + 1) // 2
    bins[:, whole + 1 :] = 0
    # Bin `whole` loses both parts (odd count) or the imaginary one (even count).
    bins[:, whole:, int(numbers % 2 == 0) :] = 0
    kept = torch.view_as_complex(bins)
    return torch.fft.irfft(kept, n=x.shape[1]).float()


def learn_klt(training: Iterable[Tensor]) -> Tensor:
    """The basis of the block KLT: shape (256, 256), orthonormal columns, most energy first.

    Eigenvectors of the second moments of the training clips, which come some at a time, cut
    into blocks of 256 samples (Karhunen–Loève transform; the best linear code of a block in the
    mean square). Each clip's samples left over at its end are not learned from.
    """
    moments = torch.zeros(BLOCK, BLOCK, dtype=torch.float64)
    for clips in training:
        used = clips.shape[1] // BLOCK * BLOCK
        blocks = _waveform(clips[:, :used]).reshape(-1, BLOCK).double()
        moments += blocks.T @ blocks
    _, vectors = torch.linalg.eigh(moments)
    return vectors.flip(1).float()


def klt(clips: Tensor, numbers: int, basis: Tensor) -> Tensor:
    """Block KLT: each block of 256 samples is rebuilt from its first coefficients in `basis`.

    The last block is filled up with zeros. With B blocks in a clip every block keeps
    ⌊numbers / B⌋ coefficients and the first `numbers` mod B blocks keep one more, so that the
    counts add up to `numbers`; where to put them needs no number.
    """
    x = _checked(clips, numbers)
    samples = x.shape[1]
    blocks = functional.pad(x, (0, -samples % BLOCK)).reshape(len(x), -1, BLOCK)
    each, more = divmod(numbers, blocks.shape[1])
    coefficients = blocks @ basis
    coefficients[:, :more, each + 1 :] = 0
    coefficients[:, more:, each:] = 0
    return (coefficients @ basis.T).flatten(1)[:, :samples]


def mdct(clips: Tensor, numbers: int) -> Tensor:
    """Sparse MDCT: the ⌊numbers / 2⌋ largest coefficients of each clip.

    The other half of the numbers says where they are, one place each among all frames and
    bins; an odd count leaves one number unused.
    """
    x = _checked(clips, numbers)
    coefficients = mdct_analysis(x)
    flat = coefficients.flatten(1)
    places = flat.abs().topk(numbers // 2).indices
    kept = torch.zeros_like(flat).scatter(1, places, flat.gather(1, places))
    return mdct_synthesis(kept.view_as(coefficients), x.shape[1])


def codec(clips: Tensor, numbers: int) -> Tensor:
    """A hand-made adaptive codec: the loudest columns of each clip, and noise in place of the rest.

    A column (a bin in 4 frames one after another) costs 5 numbers, its values and its place. A
    noise level is the root mean square of what is dropped in a band (20, of equal width in mel:
    2595 log10(1 + f / 700), at 22 050 Hz) and 8 frames; what is dropped is played as noise of
    half that level and of random signs, the same for every clip. Where levels would take more
    than a quarter of the numbers, none are sent and nothing is played.
    """
    x = _checked(clips, numbers)
    coefficients = mdct_analysis(x, CODEC_BINS)
    frames = coefficients.shape[1]
    padded = functional.pad(coefficients, (0, 0, 0, -frames % CODEC_BLOCK))
    levels = padded.shape[1] // CODEC_BLOCK * CODEC_BANDS
    levels = levels if levels <= numbers / 4 else 0
    columns = padded.unflatten(1, (-1, COLUMN))
    energies = columns.square().sum(dim=2).flatten(1)
    places = energies.topk(min((numbers - levels) // (COLUMN + 1), energies.shape[1])).indices
    kept = torch.zeros_like(energies, dtype=torch.bool).scatter(1, places, True)
    kept = kept.view(len(x), -1, CODEC_BINS).repeat_interleave(COLUMN, dim=1)
    rebuilt = padded.masked_fill(~kept, 0)
    if levels:
        rebuilt += _noise(padded, kept)
    return mdct_synthesis(rebuilt[:, :frames], x.shape[1])


def _noise(coefficients: Tensor, kept: Tensor) -> Tensor:
    """The codec's noise where nothing is kept, shaped as `coefficients`."""
    signs = torch.randint(2, coefficients.shape[1:], generator=torch.Generator().manual_seed(0)).to(
        coefficients.device
    )
    dropped = (~kept).to(coefficients)
    noise = dropped * (2 * signs - 1)
    edges = _codec_edges()
    for low, high in pairwise(edges):
        band = dropped[:, :, low:high].unflatten(1, (-1, CODEC_BLOCK))
        square = (coefficients[:, :, low:high].unflatten(1, (-1, CODEC_BLOCK)) * band).square()
        level = (square.sum(dim=(2, 3)) / band.sum(dim=(2, 3)).clamp(min=1)).sqrt()
        noise[:, :, low:high] *= HALF * level.repeat_interleave(CODEC_BLOCK, dim=1)[:, :, None]
    return noise


def _codec_edges() -> list[int]:
    """Edges of the codec's bands, in bins; a band has one bin at least."""
    nyquist = 11_025
    top = log10(1 + nyquist / 700)
    edges = [0]
    for band in range(1, CODEC_BANDS + 1):
        hertz = 700 * (10 ** (top * band / CODEC_BANDS) - 1)
        edges.append(max(round(hertz / nyquist * CODEC_BINS), edges[-1] + 1))
    return edges


def mdct_analysis(x: Tensor, bins: int = BINS) -> Tensor:
    """Modified discrete cosine transform: (clips, samples) to (clips, frames, bins).

    X[k] = √(2 / M) Σₙ w[n] x[n] cos(π / M (n + ½ + M / 2)(k + ½)), M = bins, n from 0 to
    2M − 1, w[n] = sin(π (n + ½) / 2M), a frame every M samples. Princen and Bradley,
    "Analysis/synthesis filter bank design based on time domain aliasing cancellation", 1986.
    The clip is surrounded by zeros, so that every sample lies in two frames.
    """
    frames = functional.pad(x, (bins, bins + -x.shape[1] % bins)).unfold(1, 2 * bins, bins)
    return frames @ _lapped_basis(x, bins)


def mdct_synthesis(coefficients: Tensor, samples: int) -> Tensor:
    """The inverse of `mdct_analysis`: (clips, frames, bins) to (clips, samples)."""
    bins = coefficients.shape[2]
    frames = coefficients @ _lapped_basis(coefficients, bins).T
    first, second = frames.split(bins, dim=2)
    overlapped = (first[:, 1:] + second[:, :-1]).flatten(1)
    return overlapped[:, :samples]


def _lapped_basis(like: Tensor, bins: int) -> Tensor:
    """The windowed cosines of the MDCT, shape (2 · bins, bins)."""
    n = torch.arange(2 * bins, dtype=torch.float64)[:, None] + 0.5
    k = torch.arange(bins, dtype=torch.float64) + 0.5
    window = torch.sin(pi * n / (2 * bins))
    return ((2 / bins) ** 0.5 * window * torch.cos(pi / bins * (n + bins / 2) * k)).to(like)


def _waveform(clips: Tensor) -> Tensor:
    return clips / 32768 if clips.dtype == torch.int16 else clips.float()


def _checked(clips: Tensor, numbers: int) -> Tensor:
    if not 1 <= numbers <= clips.shape[1]:
        raise ValueError(f"{numbers} numbers cannot stand for a clip of {clips.shape[1]} samples")
    return _waveform(clips)
