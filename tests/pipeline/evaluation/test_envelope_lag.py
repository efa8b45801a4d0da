import numpy as np
import pytest
from visqol.signal_utils import find_best_lag, upper_envelope

from pipeline.evaluation.envelope_lag import Array, envelope_spectrum, find_lag


def notes(samples: int) -> Array:
    """Noise that swells and fades, with an offset."""
    rng = np.random.default_rng(samples)
    swell = np.interp(np.arange(samples), np.linspace(0, samples, 9), rng.random(9))
    return rng.standard_normal(samples) * swell + 0.1


@pytest.mark.parametrize("samples", [1024, 2999, 28_800])
@pytest.mark.parametrize("lag", [0, 1, -7, 300, -500])
def test_lag_is_that_of_the_package(samples: int, lag: int) -> None:
    original = notes(samples)
    copy = np.roll(original, -lag) + 0.01 * notes(samples)[::-1]
    found = find_lag(envelope_spectrum(original), envelope_spectrum(copy), samples)
    assert found == find_best_lag(upper_envelope(original), upper_envelope(copy))


def test_silence_does_not_lag() -> None:
    silence = envelope_spectrum(np.zeros(2000))
    assert find_lag(silence, silence, 2000) == find_best_lag(np.zeros(2000), np.zeros(2000))
