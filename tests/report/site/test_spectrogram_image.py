import numpy as np
import pytest

from report.site.spectrogram_image import spectrogram_image

RATE = 22_050


@pytest.mark.parametrize("frequency", [100, 1000, 5000])
def test_a_tone_is_a_line_at_its_frequency(frequency: float) -> None:
    tone = np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)
    picture = spectrogram_image(tone, RATE, 60, 200)
    assert picture.shape == (200, 60, 3)
    assert picture.dtype == np.uint8
    brightest = picture.sum(axis=2)[:, 20:40].mean(axis=1).argmax()
    height = np.log(frequency / 50) / np.log(RATE / 2 / 50)
    assert 1 - brightest / 200 == pytest.approx(height, abs=0.03)


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_silence_is_dark(length: int) -> None:
    picture = spectrogram_image(np.zeros(length), RATE, 30, 20)
    assert (picture == (12, 16, 28)).all()
