"""Change of sampling rate with a Kaiser-windowed sinc filter."""

import math
from functools import lru_cache

import torch
from torchaudio.transforms import Resample

LARGEST_BANK = 4_000_000
"""Coefficients a filter bank may have: 48 to 22.05 kHz needs 0.1 million, 44 056 Hz (which
shares no factor with it) a thousand million."""


def resample(waveform: torch.Tensor, source_rate: int, sampling_rate: int) -> torch.Tensor:
    """Change the rate of a waveform (…, samples) with a Kaiser-windowed sinc filter.

    The filter keeps 94 % of the band and attenuates what would alias by more than 100 dB
    (Smith, "Digital audio resampling", CCRMA; the window that `resampy` calls kaiser_best).
    """
    if source_rate == sampling_rate or waveform.shape[-1] == 0:
        return waveform
    step = source_rate // math.gcd(source_rate, sampling_rate)
    phases = sampling_rate // math.gcd(source_rate, sampling_rate)
    if step * phases > LARGEST_BANK:
        return _resample_directly(waveform, source_rate, sampling_rate)
    return _resampler(source_rate, sampling_rate)(waveform)


ZERO_CROSSINGS = 64


ROLLOFF = 0.9475937167399596


BETA = 14.769656459379492


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
    """The same filter, its coefficients looked up for each sample instead of kept in a bank
    (Smith, section "Windowed sinc interpolation"), so that memory does not grow with rates
    that share no factor.
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
        place = ((taps - part[:, None]).abs() * (cutoff * RESOLUTION)).float()
        below = place.int().clamp(max=len(half) - 2)
        filters = torch.lerp(half[below], half[below + 1], (place - below).clamp(max=1))
        stretch = padded[..., (ticks // sampling_rate)[:, None] + taps + reach]
        result[..., first : first + len(ticks)] = (stretch * filters).sum(-1) * cutoff
    return result


RESOLUTION = 4096
"""Points of the looked-up filter in a zero crossing: linear between them errs by 1e-7."""


@lru_cache(maxsize=1)
def _half_filter() -> torch.Tensor:
    """The windowed sinc from its middle to its end, `RESOLUTION` points a zero crossing."""
    time = torch.arange(ZERO_CROSSINGS * RESOLUTION + 1, dtype=torch.float64) / RESOLUTION
    window = torch.special.i0(BETA * (1 - (time / ZERO_CROSSINGS).square()).sqrt())
    half = torch.sinc(time) * window / window[0]
    return torch.cat([half, half.new_zeros(1)]).float()
