"""The lag between two sounds by the correlation of their envelopes, as ViSQOL finds it.

The lags of `visqol.alignment`, in half of its time: the original's envelope is transformed once
for all copies.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

Array = NDArray[np.float64]
Spectrum = NDArray[np.complex64]


def envelope_spectrum(sound: Array) -> Spectrum:
    """Fourier transform of the upper envelope of a sound (samples,), padded for a correlation.

    The envelope is the magnitude of the analytic signal of the sound without its mean, plus that
    mean.
    """
    mean = sound.mean()
    centred = (sound - mean).astype(np.float32)
    spectrum = rfft(centred) * np.complex64(-1j)
    spectrum[0] = 0
    if len(sound) % 2 == 0:
        spectrum[-1] = 0
    hilbert = irfft(spectrum, len(sound))
    envelope = np.sqrt(centred**2 + hilbert**2) + np.float32(mean)
    transformed: Spectrum = rfft(envelope, 1 << (2 * len(sound) - 2).bit_length())
    return transformed


def find_lag(original: Spectrum, copy: Spectrum, samples: int) -> int:
    """Samples by which to delay a copy, so that its envelope correlates best with the original's.

    Args:
        original, copy: from `envelope_spectrum` of sounds of `samples` samples.
    """
    correlation = irfft(original * copy.conj())
    latest = samples - 1
    return int(np.concatenate([correlation[-latest:], correlation[:samples]]).argmax()) - latest
