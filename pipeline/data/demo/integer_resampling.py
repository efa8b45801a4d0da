"""Resample in exact integer arithmetic: the same samples on every machine.

The result of a floating-point filter depends on the order of summation. Here samples and
coefficients are integers; they are multiplied as float64 for speed, but all products and partial
sums are integers below 2^53, which float64 represents exactly.
"""

import functools
import math

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

ZERO_CROSSINGS = 48  # of the sinc on each side
PASSBAND = 0.94  # the -6 dB point, as a fraction of the lower Nyquist frequency
FILTER_BITS = 20


def resample(samples: Integers, before: int, after: int) -> Integers:
    """Band-limited interpolation (J. O. Smith, "Digital Audio Resampling", CCRMA, 2002).

    Args:
        samples: integers below 2^17 in magnitude, shape (length,), zero-padded.
        before: their sampling rate in Hz.
        after: sampling rate of the result, in Hz.

    Returns:
        ceil(length * after / before) samples, multiplied by 2^FILTER_BITS.
    """
    divisor = math.gcd(before, after)
    step, phases = before // divisor, after // divisor
    bank, reach = filter_bank(step, phases)
    blocks = -(-len(samples) // step)
    padded = np.zeros(blocks * step + 2 * reach, np.float64)
    padded[reach : reach + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, step + 2 * reach)[::step]
    exact = windows[:blocks] @ bank.astype(np.float64)
    return exact.astype(np.int64).ravel()[: -(-len(samples) * phases // step)]


@functools.cache
def filter_bank(step: int, phases: int) -> tuple[Integers, int]:
    """Polyphase filter bank of a Blackman-windowed sinc.

    Args:
        step: input samples per block.
        phases: output samples per block.

    Returns:
        Integer coefficients of shape (step + 2 * reach, phases), each column summing to
        2^FILTER_BITS, and `reach`, the filter's half-width in input samples.
    """
    cutoff = PASSBAND * min(1.0, phases / step)  # of the input's Nyquist frequency
    reach = math.ceil(ZERO_CROSSINGS / cutoff)
    bank = np.zeros((step + 2 * reach, phases), np.int64)
    for phase in range(phases):
        whole, part = divmod(phase * step, phases)
        taps = [
            _tap(place - part / phases, cutoff, reach) * 2**FILTER_BITS
            for place in range(1 - reach, reach + 1)
        ]
        column = [round(tap) for tap in taps]
        # Correct the rounding: unequal gains of the phases at 0 Hz would be audible as a tone.
        column[reach - 1 if 2 * part < phases else reach] += 2**FILTER_BITS - sum(column)
        bank[whole + 1 : whole + 1 + 2 * reach, phase] = column
    return bank, reach


def _tap(time: float, cutoff: float, reach: int) -> float:
    """Filter coefficient at `time` input samples from the centre; 0 from `reach` on."""
    if abs(time) >= reach:
        return 0.0
    angle = math.pi * time / reach
    window = 0.42 + 0.5 * math.cos(angle) + 0.08 * math.cos(2 * angle)
    sinc = 1.0 if time == 0 else math.sin(math.pi * cutoff * time) / (math.pi * cutoff * time)
    return cutoff * sinc * window


def scale_to_peak(samples: Integers, peak: int) -> npt.NDArray[np.int16]:
    """Scale samples so that their largest magnitude is `peak` (at most 32 767)."""
    largest = int(np.abs(samples).max())
    return ((2 * samples * peak + largest) // (2 * largest)).astype(np.int16)


def saturate(samples: Integers, ceiling: int) -> Integers:
    """Apply soft clipping, (3x - x^3) / 2, with x = 1 at `ceiling` percent of the peak.

    Args:
        samples: integers below 2^17 in magnitude.
        ceiling: in percent; 0 returns the samples unchanged.
    """
    if ceiling == 0:
        return samples
    top = int(np.abs(samples).max()) * ceiling // 100
    inside = np.clip(samples, -top, top)
    return (inside * (3 * top**2 - inside**2) + top**2) // (2 * top**2)
