import numpy as np
import pytest

from report.language import words
from report.site.listening_notes import Note, Samples, note

RATE = 22_050


@pytest.fixture(scope="module")
def music() -> Samples:
    return 0.1 * np.random.default_rng(0).standard_normal(3 * RATE)


def lowpass(samples: Samples, cutoff: float) -> Samples:
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) > cutoff] = 0
    return np.fft.irfft(spectrum, len(samples))


def test_a_lowpass_loses_what_is_above_its_cutoff(music: Samples) -> None:
    found = note(music, lowpass(music, 2000), RATE)
    assert found.kind == "cut"
    assert 2000 <= found.frequency < 2000 * 2 ** (1 / 3)
    assert "2,3 kHz" in found.text(words.read())


def test_noise_in_place_of_the_treble_is_something_else(music: Samples) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(len(music))
    found = note(music, lowpass(music, 3000) + noise - lowpass(noise, 3000), RATE)
    assert found.kind == "other"
    assert 2000 < found.frequency < 3600


@pytest.mark.parametrize(("amplitude", "kind"), [(0.005, "weaker"), (0.2, "stronger")])
def test_an_error_is_told_where_it_is_strongest(
    music: Samples, amplitude: float, kind: str
) -> None:
    tone = amplitude * np.sin(2 * np.pi * 400 * np.arange(len(music)) / RATE)
    found = note(music, music + tone, RATE)
    assert found.kind == kind
    assert found.frequency == pytest.approx(400, rel=0.13)
    # The noise has 0.1² of power up to half the sampling rate; the band is a third of an octave.
    band = 0.1**2 * 400 * (2 ** (1 / 6) - 2 ** (-1 / 6)) / (RATE / 2)
    expected = abs(10 * np.log10(amplitude**2 / 2 / band))
    assert found.decibels == pytest.approx(expected, abs=0.7)


def test_what_cannot_be_compared_is_said(music: Samples) -> None:
    assert note(music, music.copy(), RATE) == Note("copy")
    assert note(np.zeros(RATE), 0.1 * np.ones(RATE), RATE) == Note("silent")
    assert note(music[:1], 0 * music[:1], RATE).kind in ("silent", "cut")
    original = note(music, music, RATE)
    assert original.kind == "original"
    assert original.frequency > 0.9 * RATE / 2
    for kind in ("original", "silent", "copy", "cut", "other", "stronger", "weaker"):
        assert "{" not in Note(kind, 440, 1).text(words.read())
