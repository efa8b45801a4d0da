import math
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import scipy.signal
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from pipeline.audio import spectrum
from pipeline.audio.disk_waveform import DiskWaveform
from pipeline.evaluation import fidelity

RATE = 22050
SAMPLES = 6000

Measure: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def log_mel(x: Tensor, y: Tensor) -> Tensor:
    return fidelity.log_mel_distance(x, y, RATE)


MEASURES: list[Measure] = [
    fidelity.snr,
    fidelity.si_sdr,
    log_mel,
    fidelity.log_spectral_distance,
    fidelity.multi_resolution_stft_distance,
]
DISTANCES = MEASURES[2:]


def clips(seed: int, count: int = 3) -> Tensor:
    """Noise clips of varying colour and loudness."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((count, SAMPLES))
    for clip in noise:
        clip[:] = scipy.signal.lfilter([1], [1, -rng.uniform(-0.9, 0.9)], clip)
        clip *= rng.uniform(0.01, 0.9) / np.abs(clip).max()
    return torch.from_numpy(noise).float()


def magnitudes(clip: Tensor, size: int, hop: int, window: int) -> NDArray[np.float64]:
    """|STFT| of one clip by scipy: shape (bins, frames)."""
    padded = np.pad(clip.double().numpy(), size // 2, mode="reflect")
    hann = np.zeros(size)
    start = (size - window) // 2
    hann[start : start + window] = scipy.signal.get_window("hann", window)
    _, _, spectrum = scipy.signal.stft(
        padded, window=hann, nperseg=size, noverlap=size - hop, boundary=None, padded=False
    )
    return np.asarray(np.abs(spectrum) * hann.sum())


def slaney_mel(hertz: float) -> float:
    linear = hertz * 3 / 200
    return linear if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def slaney_hertz(mel: float) -> float:
    return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)


def mel_bands() -> NDArray[np.float64]:
    """80 unit-area triangles on the scale of Slaney's Auditory Toolbox, computed bin by bin."""
    top = slaney_mel(RATE / 2)
    edges = [slaney_hertz(top * i / 81) for i in range(82)]
    bands = np.zeros((80, 513))
    for band in range(80):
        low, middle, high = edges[band : band + 3]
        for k in range(513):
            hertz = k * RATE / 1024
            rise, fall = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
            bands[band, k] = max(0.0, min(rise, fall)) * 2 / (high - low)
    return bands


def test_snr_matches_its_definition() -> None:
    x, y = clips(1), clips(2)
    for clip, other, value in zip(x.tolist(), y.tolist(), fidelity.snr(x, y), strict=True):
        signal = sum(a * a for a in clip)
        noise = sum((a - b) ** 2 for a, b in zip(clip, other, strict=True))
        assert value.item() == pytest.approx(10 * math.log10(signal / noise), abs=1e-5)


@given(st.floats(-20, 80), st.integers(0, 100))
@settings(deadline=None, max_examples=30)
def test_snr_of_noise_at_a_known_level(decibels: float, seed: int) -> None:
    x, noise = clips(seed).double(), clips(seed + 1000).double()
    level = (x.square().sum(1) / noise.square().sum(1)).sqrt() * 10 ** (-decibels / 20)
    assert fidelity.snr(x, x + level[:, None] * noise).tolist() == pytest.approx([decibels] * 3)


def test_si_sdr_matches_the_angle_between_clips() -> None:
    # Equivalent formula: 10 log10(cos² / sin²) of the angle between zero-mean clips.
    x, y = clips(3), clips(3) + 0.3 * clips(4) + 0.1
    for clip, other, value in zip(x.numpy(), y.numpy(), fidelity.si_sdr(x, y), strict=True):
        r = np.corrcoef(clip.astype(float), other.astype(float))[0, 1]
        assert value.item() == pytest.approx(10 * math.log10(r**2 / (1 - r**2)), abs=1e-4)


@given(st.floats(0.01, 100), st.floats(-1, 1), st.integers(0, 100))
@settings(deadline=None, max_examples=30)
def test_si_sdr_is_invariant_to_scale_and_offset(scale: float, offset: float, seed: int) -> None:
    x = clips(seed).double()
    y = x + 0.2 * clips(seed + 1000)
    expected = fidelity.si_sdr(x, y).tolist()
    assert fidelity.si_sdr(x, scale * y + offset).tolist() == pytest.approx(expected, abs=1e-6)
    assert fidelity.si_sdr(x, -y).tolist() == pytest.approx(expected, abs=1e-6)


def test_log_mel_distance_matches_scipy_and_an_explicit_filterbank() -> None:
    x, y = clips(5), clips(6)
    bands = mel_bands()
    for a, b, value in zip(x, y, log_mel(x, y), strict=True):
        one, two = (
            np.log10(np.maximum(bands @ magnitudes(v, 1024, 256, 1024), 1e-5)) for v in (a, b)
        )
        assert value.item() == pytest.approx(np.mean(np.abs(one - two)), rel=1e-4)


def test_log_spectral_distance_matches_scipy() -> None:
    x, y = clips(7), clips(8)
    floor = (1 / 32768) ** 2 / 12 * np.sum(scipy.signal.get_window("hann", 1024) ** 2)
    for a, b, value in zip(x, y, fidelity.log_spectral_distance(x, y), strict=True):
        one, two = (
            10 * np.log10(np.maximum(magnitudes(v, 1024, 256, 1024) ** 2, floor)) for v in (a, b)
        )
        expected = np.mean([np.sqrt(np.mean(frame**2)) for frame in (one - two).T])
        assert value.item() == pytest.approx(expected, rel=1e-4)


def test_multi_resolution_stft_distance_matches_scipy() -> None:
    x, y = clips(9), clips(10)
    for a, b, value in zip(x, y, fidelity.multi_resolution_stft_distance(x, y), strict=True):
        terms = []
        for resolution in ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240)):
            one, two = (np.maximum(magnitudes(v, *resolution), math.sqrt(1e-7)) for v in (a, b))
            convergence = np.linalg.norm(one - two) / np.linalg.norm(one)
            terms.append(convergence + np.mean(np.abs(np.log(one) - np.log(two))))
        assert value.item() == pytest.approx(np.mean(terms), rel=1e-4)


def test_half_amplitude_is_six_decibels() -> None:
    # Loud white noise is far above the floors, so every cell differs equally.
    x = torch.from_numpy(np.random.default_rng(11).uniform(-1, 1, (2, SAMPLES))).float()
    six = 20 * math.log10(2)
    assert fidelity.snr(x, x / 2).tolist() == pytest.approx([six, six])
    assert fidelity.log_spectral_distance(x, x / 2).tolist() == pytest.approx([six, six], rel=1e-3)
    assert log_mel(x, x / 2).tolist() == pytest.approx([six / 20, six / 20], rel=1e-3)
    expected = 0.5 + math.log(2)
    assert fidelity.multi_resolution_stft_distance(x, x / 2).tolist() == pytest.approx(
        [expected, expected], rel=1e-3
    )


@pytest.mark.parametrize("distance", DISTANCES)
def test_distance_to_itself_is_zero(distance: Measure) -> None:
    assert distance(clips(12), clips(12)).tolist() == [0, 0, 0]


def test_snr_of_an_exact_copy_uses_the_energy_floor() -> None:
    x = clips(13).double()
    expected = (10 * (x.square().sum(1) / 1e-10).log10()).tolist()
    assert fidelity.snr(x, x).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_silence_gives_finite_values(measure: Measure) -> None:
    sound, silence = clips(14), torch.zeros(3, SAMPLES)
    for x, y in ((silence, silence), (silence, sound), (sound, silence)):
        values = measure(x, y)
        assert values.shape == (3,)
        assert values.dtype == torch.float64
        assert values.isfinite().all()


def test_documented_values_for_silence() -> None:
    sound, silence = clips(15), torch.zeros(3, SAMPLES)
    for ratio in (fidelity.snr, fidelity.si_sdr):
        assert ratio(silence, silence).tolist() == [0, 0, 0]
        assert ratio(sound, silence).tolist() == pytest.approx([0, 0, 0], abs=1e-9)
        assert (ratio(silence, sound) < -100).all()
    for distance in DISTANCES:
        assert distance(silence, silence).tolist() == [0, 0, 0]
        assert (distance(sound, silence) > 0.5).all()
        assert (distance(silence, sound) > 0.5).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_values_do_not_depend_on_the_batch(measure: Measure) -> None:
    x, y = clips(16, count=9), clips(17, count=9)
    together = measure(x, y)
    for i in range(9):
        assert measure(x[i : i + 1], y[i : i + 1]).item() == pytest.approx(together[i].item())


def test_measure_returns_all_measures() -> None:
    x, y = clips(18), clips(19)
    values = fidelity.measure(x, y, RATE)
    assert values.keys() == fidelity.UNITS.keys()
    order = ("snr", "si_sdr", "log_mel", "log_spectral", "stft")
    for name, measure in zip(order, MEASURES, strict=True):
        assert torch.equal(values[name], measure(x, y))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("shape", [(3, SAMPLES - 1), (1, SAMPLES), (SAMPLES,)])
def test_mismatched_shapes_are_rejected(measure: Measure, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(clips, samples\)"):
        measure(clips(20), torch.zeros(shape))


BORDER = 19_200
"""Shortest possible segment: the least common multiple of all hops."""


def test_segment_is_a_multiple_of_every_hop() -> None:
    hops = [spectrum.HOP, *(hop for _, hop, _ in fidelity.RESOLUTIONS)]
    assert math.lcm(*hops) == BORDER
    assert fidelity.SEGMENT % BORDER == 0
    assert fidelity.SEGMENT > fidelity.EDGE


LENGTHS = [0, 1, 1023, 1024, 1025, 2047, 2048, 9000, BORDER - 1024, BORDER - 1]


@pytest.mark.parametrize("segments", [1, 2])
@pytest.mark.parametrize("beyond", LENGTHS)
def test_segmented_song_matches_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, segments: int, beyond: int
) -> None:
    samples = segments * BORDER + beyond
    rng = np.random.default_rng(samples)
    # Decreasing loudness reveals a frame missed or counted twice at a border.
    sound = rng.standard_normal((2, samples)) * np.linspace(0.3, 0.01, samples)
    x = torch.from_numpy(0.1 * scipy.signal.lfilter([1], [1, -0.9], sound[:1])).float()
    y = x + torch.from_numpy(0.01 * sound[1:]).float() + 0.01
    whole = fidelity.measure(x, y, RATE)
    monkeypatch.setattr(fidelity, "SEGMENT", BORDER)
    songs = [DiskWaveform(tmp_path), DiskWaveform(tmp_path)]
    for song, waveform in zip(songs, (x, y), strict=True):
        song.append(waveform[0])
    for values in (fidelity.measure(x, y, RATE), fidelity.measure(songs[0], songs[1], RATE)):
        for name, value in values.items():
            assert value.item() == pytest.approx(whole[name].item(), rel=1e-6), name


def test_si_sdr_has_no_cancellation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = clips(21, 1).double().repeat(1, 9) + 0.5
    y = 3 * x + 1e-7 * clips(22, 1).double().repeat(1, 9)
    whole = fidelity.si_sdr(x, y).item()
    monkeypatch.setattr(fidelity, "SEGMENT", BORDER)
    assert whole > 120
    assert fidelity.si_sdr(x, y).item() == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("distance", DISTANCES)
def test_clip_too_short_is_rejected(distance: Measure) -> None:
    shortest = torch.ones(1, fidelity.MIN_SAMPLES)
    assert distance(shortest, shortest).item() == 0
    with pytest.raises(ValueError, match="too short"):
        distance(shortest[:, 1:], shortest[:, 1:])


@pytest.mark.slow
def test_ideal_low_pass_on_real_music_matches_earlier_measurements(real_music: Path) -> None:
    # Expected values are means over 100 other clips of the same data set.
    files = sorted((real_music / "gtzan-250").glob("*/*.flac"))[::5]
    x = torch.stack([torch.from_numpy(soundfile.read(f, dtype="float32")[0]) for f in files])
    spectrum = torch.fft.rfft(x.double())
    measured = {55112: 0.46, 32151: 0.93, 24496: 1.18, 18376: 1.46, 9184: 2.11}
    for size, expected in measured.items():
        kept = spectrum.clone()
        kept[:, size // 2 :] = 0
        y = torch.fft.irfft(kept, n=x.shape[1]).float()
        assert log_mel(x, y).mean().item() == pytest.approx(expected, rel=0.06)
