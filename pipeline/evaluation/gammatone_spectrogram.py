"""ViSQOL's gammatone spectrogram, from one Fourier transform a frame instead of 128 filters."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from visqol.analysis_window import AnalysisWindow
from visqol.gammatone import make_erb_filters
from visqol.visqol_manager import MINIMUM_FREQ, NUM_BANDS_AUDIO, OVERLAP

RATE = 48000
"""Sampling rate of ViSQOL's audio mode, in Hz."""

WINDOW = AnalysisWindow(RATE, OVERLAP)
"""Hann window of 80 ms."""

FFT = 2 * WINDOW.size
"""Samples until which a filter may ring; the slowest has lost 150 dB by then."""

BANDS_PER_GROUP = 8
NEGLIGIBLE = 1e-8
"""Filters of a group ring about equally long. Earlier samples that weigh less are left out."""

Array = NDArray[np.float64]
Weights = NDArray[np.float32]
"""In single precision frames take half the time, and scores change by about 1e-6."""


def spectrogram(signal: Array) -> Array:
    """RMS of each windowed frame after each gammatone filter, as `GammatoneSpectrogramBuilder`.

    The filters start each frame at rest, so a frame's energy follows from its spectrum by
    Parseval's theorem. That counts the ringing after the frame, which ViSQOL does not; as the
    filters have order 8, eight numbers of the frame give the energy of that ringing.

    Args:
        signal: (samples,) at `RATE`, at least `WINDOW.size` samples.

    Returns:
        shape (32 bands, frames), lowest frequency first; frames are 20 ms apart.
    """
    power, ringing = _filters()
    frames = np.lib.stride_tricks.sliding_window_view(signal, WINDOW.size)[:: WINDOW.hop_size]
    windowed = (frames * WINDOW.hann_window).astype(np.float32)
    spectrum = rfft(windowed, FFT)
    energy = (spectrum.real**2 + spectrum.imag**2) @ power
    after = np.concatenate(
        [
            ((windowed[:, -len(group) :] @ group) ** 2).reshape(len(frames), -1, 8).sum(axis=2)
            for group in ringing
        ],
        axis=1,
    )
    result: Array = np.sqrt(np.maximum(energy - after, 0) / WINDOW.size).T.astype(np.float64)
    return result


@cache
def _filters() -> tuple[Weights, list[Weights]]:
    """What energies follow from: weights of the power spectrum, shape (bins, bands), and for each
    group of bands weights of a frame's last samples, shape (samples, 8 x bands)."""
    rows = make_erb_filters(RATE, NUM_BANDS_AUDIO, MINIMUM_FREQ, RATE / 2).filter_coeffs[:, ::-1]
    first, *others, last, _, pole1, pole2, gain = rows
    z = np.exp(-2j * np.pi * np.arange(FFT // 2 + 1) / FFT)[:, None]
    response = 1 / gain / (1 + pole1 * z + pole2 * z**2) ** 4
    for middle in others:
        response = response * (first + middle * z + last * z**2)
    weights = np.abs(response) ** 2 * 2 / FFT
    weights[[0, -1]] /= 2
    impulses = np.fft.irfft(response, FFT, axis=0)
    poles = [np.roots([1, *pair])[0] for pair in zip(pole1, pole2, strict=True)]
    ringing = [_ringing(h, pole) for h, pole in zip(impulses.T, poles, strict=True)]
    groups = (
        np.concatenate(ringing[band : band + BANDS_PER_GROUP], axis=1)
        for band in range(0, NUM_BANDS_AUDIO, BANDS_PER_GROUP)
    )
    return weights.astype(np.float32), [_audible(group).astype(np.float32) for group in groups]


def _audible(weights: Array) -> Array:
    """The last rows of `weights`, from the first that matters in a windowed frame."""
    largest = np.abs(weights * WINDOW.hann_window[:, None]).max(axis=1)
    return weights[np.argmax(largest > NEGLIGIBLE * largest.max()) :]


def _ringing(impulse: Array, pole: Any) -> Array:
    """Weights of a frame's samples, shape (samples, 8), whose squared sums are the energy of a
    filter's output after the frame.

    That output is a combination of kʲ poleᵏ, j < 4, and their conjugates.
    """
    size = WINDOW.size
    k = np.arange(size)
    modes = (k[:, None] / size) ** np.arange(4) * pole ** k[:, None]
    basis = np.linalg.qr(np.concatenate([modes.real, modes.imag], axis=1))[0]
    # Output k after the frame is the sum over samples m of impulse[size + k - m] · frame[m].
    spectra = np.fft.rfft(basis, 2 * FFT, axis=0).conj() * np.fft.rfft(impulse, 2 * FFT)[:, None]
    return np.fft.irfft(spectra, axis=0)[size:0:-1]
