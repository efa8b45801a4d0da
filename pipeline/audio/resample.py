"""Resample waveforms with a Kaiser-windowed sinc filter."""

import math
from functools import lru_cache

import torch
from torchaudio.transforms import Resample

MAX_BANK_COEFFICIENTS = 4_000_000
"""Above this no filter bank is stored: from 48 to 22.05 kHz it has 0.1 million coefficients, from
44 056 Hz (coprime with 22 050) a billion."""

ZERO_CROSSINGS = 64
"""Half-width of the filter in zero crossings of its sinc."""

ROLLOFF = 0.9475937167399596
"""Cutoff as a fraction of the lower Nyquist frequency; `resampy`'s kaiser_best."""

BETA = 14.769656459379492
"""Shape of the Kaiser window; `resampy`'s kaiser_best."""

RESOLUTION = 4096
"""Points per zero crossing in the lookup table; linear interpolation errs by about 1e-7."""


def resample(waveform: torch.Tensor, source_rate: int, sampling_rate: int) -> torch.Tensor:
    """Resample a waveform (…, samples) with a Kaiser-windowed sinc filter.

    The filter keeps 94 % of the band and attenuates aliases by more than 100 dB (Smith, "Digital
    audio resampling", CCRMA; `resampy`'s kaiser_best window).

    Args:
        waveform: shape (…, samples).
        source_rate: its sampling rate in Hz.
        sampling_rate: of the result, in Hz.

    Returns:
        Shape (…, ceil(samples * sampling_rate / source_rate)).
    """
    if source_rate == sampling_rate or waveform.shape[-1] == 0:
        return waveform
    step = source_rate // math.gcd(source_rate, sampling_rate)
    phases = sampling_rate // math.gcd(source_rate, sampling_rate)
    if step * phases > MAX_BANK_COEFFICIENTS:
        return _resample_directly(waveform, source_rate, sampling_rate)
    return _resampler(source_rate, sampling_rate)(waveform)


@lru_cache(maxsize=16)
def _resampler(source_rate: int, sampling_rate: int) -> Resample:
    return Resample(
        source_rate,
        sampling_rate,
        resampling_method="sinc_interp_kaiser",
        lowpass_filter_width=ZERO_CROSSINGS,
        rolloff=ROLLOFF,
        beta=BETA,
    )


def _resample_directly(
    waveform: torch.Tensor, source_rate: int, sampling_rate: int
) -> torch.Tensor:
    """Apply the same filter with coefficients from a lookup table instead of a filter bank
    (Smith, section "Windowed sinc interpolation"), so that coprime rates need no more memory.
    """
    cutoff = min(source_rate, sampling_rate) * ROLLOFF / source_rate
    reach = math.ceil(ZERO_CROSSINGS / cutoff)
    length = -(-waveform.shape[-1] * sampling_rate // source_rate)
    padded = torch.nn.functional.pad(waveform, (reach, reach + 1))
    taps = torch.arange(-reach, reach + 1)
    half = _half_filter()
    result = waveform.new_empty(*waveform.shape[:-1], length)
    for first in range(0, length, 2048):
        ticks = torch.arange(first, min(first + 2048, length)) * source_rate
        part = (ticks % sampling_rate).double() / sampling_rate
        position = ((taps - part[:, None]).abs() * (cutoff * RESOLUTION)).float()
        below = position.int().clamp(max=len(half) - 2)
        filters = torch.lerp(half[below], half[below + 1], (position - below).clamp(max=1))
        segment = padded[..., (ticks // sampling_rate)[:, None] + taps + reach]
        result[..., first : first + len(ticks)] = (segment * filters).sum(-1) * cutoff
    return result


@lru_cache(maxsize=1)
def _half_filter() -> torch.Tensor:
    """Right half of the windowed sinc, `RESOLUTION` points per zero crossing."""
    time = torch.arange(ZERO_CROSSINGS * RESOLUTION + 1, dtype=torch.float64) / RESOLUTION
    window = torch.special.i0(BETA * (1 - (time / ZERO_CROSSINGS).square()).sqrt())
    half = torch.sinc(time) * window / window[0]
    return torch.cat([half, half.new_zeros(1)]).float()
