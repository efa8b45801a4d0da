"""The sound of the sample folders: music, what versions of it keep, and how close they come."""

import functools

import numpy as np
from numpy.typing import NDArray

Waveform = NDArray[np.float64]
RATE = 22_050
SAMPLES = 110_250
BLOCK = 256
MEASURES = {
    "snr": "dB", "si_sdr": "dB", "log_mel": "log10", "log_spectral": "dB", "stft": "",
    "visqol": "",
}  # fmt: skip
KEPT = {"mdct": 0.33, "codec": 0.4, "untrained": 0.46, "adaptive": 0.5}
"""Of the numbers of a version that chooses its frequencies, the share that are coefficients."""


@functools.cache
def music(seed: int) -> Waveform:
    """Five seconds of a bass, a chord of decaying partials and a hi-hat, at 22 050 Hz."""
    random = np.random.default_rng(seed)
    sound = np.zeros(SAMPLES)
    tonic = 110 * 2 ** (random.integers(12) / 12)
    since = np.arange(SAMPLES // 10) / RATE
    fade = 1 - since / since[-1]
    falls = [np.exp(-since * (2 + 0.6 * partial)) / partial**1.3 for partial in range(1, 24)]
    for beat in range(10):
        note = np.zeros(len(since))
        for ratio in (0.5, 1, *random.choice([1.25, 1.5, 1.875, 2.25, 3.0], 3, replace=False)):
            for partial, fall in enumerate(falls, 1):
                frequency = tonic * ratio * partial
                if frequency < RATE / 2:
                    note += fall * np.sin(2 * np.pi * frequency * since)
        note += 0.35 * np.exp(-since * 40) * random.standard_normal(len(since))
        sound[beat * len(since) : (beat + 1) * len(since)] = fade * note
    return np.asarray(0.7 * sound / np.abs(sound).max(), dtype=np.float64)


def version(sound: Waveform, kind: str, size: int) -> Waveform:
    """What a baseline, or a model of a family, keeps of a sound in `size` numbers.

    A family but `adaptive` is an ideal low-pass filter; `failed` is noise, `constant` a constant.
    """
    if kind == "failed":
        return 0.2 * np.random.default_rng(size).standard_normal(len(sound))
    if kind == "constant":
        return np.full(len(sound), 0.01)
    if kind == "klt":
        padded = np.pad(sound, (0, -len(sound) % BLOCK)).reshape(-1, BLOCK)
        bins = np.fft.rfft(np.concatenate([padded, padded[:, ::-1]], axis=1))
        bins[:, max(1, size // len(padded)) :] = 0
        return np.asarray(np.fft.irfft(bins)[:, :BLOCK].reshape(-1)[: len(sound)])
    spectrum = np.fft.rfft(sound)
    if kind in KEPT:
        spectrum[np.argsort(-np.abs(spectrum))[round(size * KEPT[kind]) :]] = 0
    else:
        spectrum[size // 2 :] = 0
    return np.asarray(np.fft.irfft(spectrum, len(sound)), dtype=np.float64)


@functools.cache
def measures(seed: int, kind: str, size: int) -> dict[str, float]:
    """Every measure of a version of the music of that seed; ViSQOL alone is not run."""
    sound = music(seed)
    other = version(sound, kind, size)
    scale = (sound * other).sum() / _energy(other)
    (a, mel, power), (b, other_mel, other_power) = _analysed(seed), _levels(other)
    log_mel = float(np.abs(mel - other_mel).mean())
    return {
        "snr": _decibels(sound, sound - other),
        "si_sdr": _decibels(sound, sound - scale * other),
        "log_mel": log_mel,
        "log_spectral": float(np.sqrt(((power - other_power) ** 2).mean(axis=1)).mean()),
        "stft": float(np.sqrt(_energy(a - b) / _energy(a))),
        "visqol": 1 + 3.7 * float(np.exp(-log_mel)),  # a stand-in: no listener's model runs here
    }


@functools.cache
def changed(seed: int, kind: str, size: int) -> dict[str, float]:
    """The shares of spectrogram points over -60 dB in the music alone, and in a version alone."""
    sound = music(seed)
    a, b = (_spectrogram(x) for x in (sound, version(sound, kind, size)))
    lit, kept = a > a.max() / 1000, b > a.max() / 1000
    return {"lost": float((lit > kept).mean()), "gained": float((kept > lit).mean())}


@functools.cache
def _analysed(seed: int) -> tuple[Waveform, Waveform, Waveform]:
    return _levels(music(seed))


def _levels(sound: Waveform) -> tuple[Waveform, Waveform, Waveform]:
    """The spectrogram, its log-mel bands, and its power in decibels."""
    found = _spectrogram(sound)
    mel = np.log10(np.maximum(found @ _mel_bands(found.shape[1]), 1e-5))
    return found, mel, 20 * np.log10(np.maximum(found, 1e-5))


def _decibels(signal: Waveform, noise: Waveform) -> float:
    return float(10 * np.log10(_energy(signal) / _energy(noise)))


def _energy(sound: Waveform) -> float:
    return float(np.square(sound).sum())  # a product of vectors is slow on busy cores


def _spectrogram(sound: Waveform) -> Waveform:
    frames = np.lib.stride_tricks.sliding_window_view(sound, 1024)[::512]
    return np.abs(np.fft.rfft(frames * np.hanning(1024)))


@functools.cache
def _mel_bands(bins: int) -> Waveform:
    mel = 2595 * np.log10(1 + np.linspace(0, RATE / 2, bins) / 700)
    edges = np.linspace(0, mel[-1], 82)
    return np.stack([np.interp(mel, edges[i : i + 3], [0, 1, 0]) for i in range(80)], axis=1)
