"""What no network needs: a clip rebuilt from as many numbers as a latent vector has.

Three transforms older than any autoencoder, each at an exact count: `numbers` is the latent
size, and every clip is rebuilt from at most that many real numbers, those that say where the
others go included. Clips are tensors of shape (clips, samples), float in [-1, 1] or int16
(then divided by 32 768); reconstructions are float32 of the same shape, and may pass ±1 a
little. A ValueError is raised where the count is less than 1 or more than the samples.
"""

from math import pi

import torch
from torch import Tensor
from torch.nn import functional

BLOCK = 256
"""Samples in a block of the KLT."""

BINS = 1024
"""Coefficients in a frame of the MDCT; a frame spans twice as many samples."""

# Clips in memory at once while the KLT learns.
CHUNK = 32


def rebuild(method: str, clips: Tensor, numbers: int, klt_basis: Tensor) -> Tensor:
    """Rebuild clips by "lowpass", "klt" or "mdct"; `klt_basis` is what `learn_klt` gave."""
    if method == "klt":
        return klt(clips, numbers, klt_basis)
    return {"lowpass": lowpass, "mdct": mdct}[method](clips, numbers)


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


def learn_klt(training: Tensor) -> Tensor:
    """The basis of the block KLT: shape (256, 256), orthonormal columns, most energy first.

    Eigenvectors of the second moments of the training clips cut into blocks of 256 samples
    (Karhunen–Loève transform; the best linear code of a block in the mean square). Each
    clip's samples left over at its end are not learned from.
    """
    moments = torch.zeros(BLOCK, BLOCK, dtype=torch.float64)
    used = training.shape[1] // BLOCK * BLOCK
    for start in range(0, len(training), CHUNK):
        blocks = _waveform(training[start : start + CHUNK, :used]).reshape(-1, BLOCK).double()
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


def mdct_analysis(x: Tensor) -> Tensor:
    """Modified discrete cosine transform: (clips, samples) to (clips, frames, 1024).

    X[k] = √(2 / M) Σₙ w[n] x[n] cos(π / M (n + ½ + M / 2)(k + ½)), M = 1024, n from 0 to
    2M − 1, w[n] = sin(π (n + ½) / 2M), a frame every M samples. Princen and Bradley,
    "Analysis/synthesis filter bank design based on time domain aliasing cancellation", 1986.
    The clip is surrounded by zeros, so that every sample lies in two frames.
    """
    frames = functional.pad(x, (BINS, BINS + -x.shape[1] % BINS)).unfold(1, 2 * BINS, BINS)
    return frames @ _lapped_basis(x)


def mdct_synthesis(coefficients: Tensor, samples: int) -> Tensor:
    """The inverse of `mdct_analysis`: (clips, frames, 1024) to (clips, samples)."""
    frames = coefficients @ _lapped_basis(coefficients).T
    first, second = frames.split(BINS, dim=2)
    overlapped = (first[:, 1:] + second[:, :-1]).flatten(1)
    return overlapped[:, :samples]


def _lapped_basis(like: Tensor) -> Tensor:
    """The windowed cosines of the MDCT, shape (2048, 1024)."""
    n = torch.arange(2 * BINS, dtype=torch.float64)[:, None] + 0.5
    k = torch.arange(BINS, dtype=torch.float64) + 0.5
    window = torch.sin(pi * n / (2 * BINS))
    return ((2 / BINS) ** 0.5 * window * torch.cos(pi / BINS * (n + BINS / 2) * k)).to(like)


def _waveform(clips: Tensor) -> Tensor:
    return clips / 32768 if clips.dtype == torch.int16 else clips.float()


def _checked(clips: Tensor, numbers: int) -> Tensor:
    if not 1 <= numbers <= clips.shape[1]:
        raise ValueError(f"{numbers} numbers cannot stand for a clip of {clips.shape[1]} samples")
    return _waveform(clips)
