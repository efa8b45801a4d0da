"""Change of sampling rate in whole numbers: the same samples on every machine.

A float filter's sums depend on the order in which a processor adds. Here samples and filter
are integers. They are multiplied as float64, the fast way, but every product and partial sum
is a whole number below 2^53, which float64 holds exactly: no order of summation and no fused
operation can change the result.
"""

import functools
import math

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

ZERO_CROSSINGS = 48  # of the sinc on each side
PASSBAND = 0.94  # the -6 dB point, of the lower of the two Nyquist frequencies
FILTER_BITS = 20


def resampled(samples: Integers, before: int, after: int) -> Integers:
    """Band-limited interpolation (J. O. Smith, "Digital Audio Resampling", CCRMA, 2002).

    Args:
        samples: whole numbers below 2^17 in magnitude, shape (length,) at `before` Hz.
        before, after: sampling rates in Hz.

    Returns:
        The first ceil(length * after / before) samples at `after` Hz, still multiplied by
        2^FILTER_BITS. What lies outside `samples` counts as zero.
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
    """A Blackman-windowed sinc at each of the `phases` places between input samples.

    `phases` output samples span `step` input samples. Returns whole-number coefficients, shape
    (step + 2 * reach, phases), each column with the sum 2^FILTER_BITS, and the reach: how many
    input samples before a block its first output needs.
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
        # Rounding must not make one phase louder than another at 0 Hz: that would be a tone.
        column[reach - 1 if 2 * part < phases else reach] += 2**FILTER_BITS - sum(column)
        bank[whole + 1 : whole + 1 + 2 * reach, phase] = column
    return bank, reach


def _tap(time: float, cutoff: float, reach: int) -> float:
    """The filter at `time` input samples from its middle; zero at `reach` and beyond."""
    if abs(time) >= reach:
        return 0.0
    angle = math.pi * time / reach
    window = 0.42 + 0.5 * math.cos(angle) + 0.08 * math.cos(2 * angle)
    sinc = 1.0 if time == 0 else math.sin(math.pi * cutoff * time) / (math.pi * cutoff * time)
    return cutoff * sinc * window


def scaled(samples: Integers, level: int) -> npt.NDArray[np.int16]:
    """Samples of any size scaled so that the largest magnitude is `level` (at most 32 767)."""
    peak = int(np.abs(samples).max())
    return ((2 * samples * level + peak) // (2 * peak)).astype(np.int16)


def saturated(samples: Integers, ceiling: int) -> Integers:
    """Bend peaks as tape does: (3x - x^3) / 2 up to x = 1 at `ceiling` percent of the peak.

    Whole numbers below 2^17 in and out; nothing is done where `ceiling` is 0.
    """
    if ceiling == 0:
        return samples
    top = int(np.abs(samples).max()) * ceiling // 100
    inside = np.clip(samples, -top, top)
    return (inside * (3 * top**2 - inside**2) + top**2) // (2 * top**2)
