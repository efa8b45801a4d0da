"""Lost and gained spectrogram points of synthetic sounds."""

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.spectral_change import lost_and_gained

RATE = 22_050
TIME = np.arange(2 * RATE) / RATE


def tone(hertz: float, level: float = 8000) -> NDArray[np.int16]:
    return np.round(level * np.sin(2 * np.pi * hertz * TIME)).astype(np.int16)


def test_identical_sounds() -> None:
    assert lost_and_gained(tone(440), tone(440)) == (0.0, 0.0)


def test_silence_loses_everything() -> None:
    lost, gained = lost_and_gained(tone(440), np.zeros(len(TIME), np.int16))
    assert 0 < lost < 0.1
    assert gained == 0


def test_removed_and_added_tones() -> None:
    pair = tone(440) + tone(3000)
    lost, none = lost_and_gained(pair, tone(440))
    nothing, gained = lost_and_gained(tone(440), pair)
    assert lost > 0.004
    assert max(none, nothing) < lost / 5
    assert 0.5 < gained / lost < 2


def test_noise_lights_up_the_whole_picture() -> None:
    random = np.random.default_rng(0)
    noise = random.normal(0, 2000, len(TIME)).astype(np.int16)
    lost, gained = lost_and_gained(tone(440), noise)
    assert gained > 0.9
    assert lost < 0.01


def test_what_is_over_a_thousandth_of_the_loudest_point_counts() -> None:
    faint = tone(440) + tone(3000, level=4)  # 66 dB below
    clear = tone(440) + tone(3000, level=16)  # 54 dB below
    assert lost_and_gained(faint, tone(440))[0] < lost_and_gained(clear, tone(440))[0] / 3
