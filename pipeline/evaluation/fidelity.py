"""Measures of how close a reconstruction is to its original, with their formulas and sources.

Every measure takes `original` and `reconstruction`, float waveforms of shape (clips, samples)
in [-1, 1], as two tensors or two songs on disk (`DiskWaveform`), and returns one float64 value
per clip, shape (clips,), on the same device. Long inputs are read one `SEGMENT` at a time, so
memory does not grow with their length. No value is ever NaN or infinite: energies, powers and
magnitudes have a small floor, stated with each measure. Energies are float64. Spectra are
float32 (rounding stays below the floors), plain |STFT| without window normalisation, over
centred frames with mirrored ends.

All measures raise ValueError if the shapes differ or are not 2-D; the spectral ones also if a
clip has fewer than `MIN_SAMPLES` samples.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from pipeline.audio.disk_waveform import Waveforms
from pipeline.audio.spectrum import (
    HOP,
    MEL_BANDS,
    WINDOW,
    log_mel_of_magnitudes,
    mirror_pad,
    powers,
)

UNITS = {"snr": "dB", "si_sdr": "dB", "log_mel": "log10", "log_spectral": "dB", "stft": ""}
"""Unit of each value returned by `measure`."""

# One sample off by one 16-bit step has an energy of 9.3e-10.
ENERGY_FLOOR = 1e-10

# Mean |STFT|² of 16-bit rounding noise: step² / 12 × Σ window², where the squares of a Hann
# window add up to 3/8 of its length. A 16-bit recording carries no information below it.
POWER_FLOOR = 2.0**-30 / 12 * 0.375 * WINDOW

RESOLUTIONS = ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200))
"""Transform length, hop and Hann window of the three spectra of "stft", in samples."""
RESOLUTION_FLOOR = 1e-7

EDGE = RESOLUTIONS[-1][0] // 2
"""Samples the longest transform needs beyond each end."""
MIN_SAMPLES = EDGE + 1

# A multiple of every hop, so that each frame belongs to exactly one segment; 21 s at 22 050 Hz.
SEGMENT = 24 * math.lcm(HOP, *(hop for _, hop, _ in RESOLUTIONS))

Terms = Callable[[Tensor, Tensor], Tensor]
"""Maps a segment of originals and reconstructions to sums, shape (sums, clips)."""


def snr(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Signal-to-noise ratio in dB: 10 log10(Σ x² / Σ (x − y)²).

    Both sums are at least `ENERGY_FLOOR`. A silent reconstruction gives 0 dB, and so does
    silence for silence; an exact copy gives 10 log10(Σ x² / `ENERGY_FLOOR`).
    """
    signal, noise = _sum_over_samples(
        lambda x, y: torch.stack([_energy(x), _energy(x - y)]), original, reconstruction
    )
    return _decibels(signal, noise)


def si_sdr(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB of zero-mean clips.

    10 log10(‖αx‖² / ‖αx − y‖²) with α = ⟨x, y⟩ / ‖x‖². Le Roux, Wisdom, Erdogan and Hershey,
    "SDR – half-baked or well done?", ICASSP 2019. The three energies are at least
    `ENERGY_FLOOR`: a silent reconstruction gives 0 dB, and so does silence for silence;
    sound for silence gives a very low value.
    """
    # Three passes (means, scale, energies): a single pass over products would cancel.
    sums = _sum_over_samples(
        lambda x, y: torch.stack([x.sum(dim=1), y.sum(dim=1)]), original, reconstruction
    )
    mean_x, mean_y = (sums / original.shape[1])[:, :, None]

    def products(x: Tensor, y: Tensor) -> Tensor:
        x = x - mean_x
        return torch.stack([(x * (y - mean_y)).sum(dim=1), _energy(x)])

    product, energy = _sum_over_samples(products, original, reconstruction)
    scale = (product / energy.clamp(min=ENERGY_FLOOR))[:, None]

    def energies(x: Tensor, y: Tensor) -> Tensor:
        target = scale * (x - mean_x)
        return torch.stack([_energy(target), _energy(target - (y - mean_y))])

    return _decibels(*_sum_over_samples(energies, original, reconstruction))


def log_mel_distance(original: Waveforms, reconstruction: Waveforms, sampling_rate: int) -> Tensor:
    """Mean absolute difference of `pipeline.audio.spectrum.log_mel` over bands and frames.

    0 is best; 1 means that band magnitudes differ tenfold on average. Slaney's mel scale and
    unit-area bands reproduce the scores of an ideal low-pass measured earlier in this project.

    Args:
        sampling_rate: in Hz.
    """
    total = _sum_over_frames(
        lambda x, y: _mel_differences(*_powers(x, y), sampling_rate), original, reconstruction
    )
    return total[0] / (MEL_BANDS * _frames(original, HOP))


def log_spectral_distance(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Log-spectral distance in dB: the mean over frames of the root mean square over bins of
    10 log10(|X|² / |Y|²).

    Gray and Markel, "Distance measures for speech processing", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 24(5), 1976, with spectra from a Hann window of
    1024 samples, hop 256. Powers are at least `POWER_FLOOR`, the noise of 16-bit rounding, so
    differences that no 16-bit recording can hold do not count. 0 is best.
    """
    total = _sum_over_frames(lambda x, y: _decibel_roots(*_powers(x, y)), original, reconstruction)
    return total[0] / _frames(original, HOP)


def multi_resolution_stft_distance(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Spectral convergence plus log magnitude, the mean over three resolutions.

    ‖ |X| − |Y| ‖ / ‖ |X| ‖ (Frobenius norms) + mean |ln |X| − ln |Y||, for each of
    `RESOLUTIONS`. Yamamoto, Song and Kim, "Parallel WaveGAN", ICASSP 2020, equations 3 to 6.
    |STFT|² is at least `RESOLUTION_FLOOR`, so a silent original does not divide by zero. 0 is best.
    """

    def terms(x: Tensor, y: Tensor) -> Tensor:
        sums = []
        for size, hop, window in RESOLUTIONS:
            a, b = (
                powers(_crop(v, size), size, hop, window).clamp_(min=RESOLUTION_FLOOR)
                for v in (x, y)
            )
            logarithms = (a / b).log_().abs_().sum(dim=1).sum(dim=1, dtype=torch.float64) / 2
            a, b = a.sqrt_(), b.sqrt_()
            sums += [_squares(b.sub_(a)), _squares(a), logarithms]
        return torch.stack(sums)

    sums = _sum_over_frames(terms, original, reconstruction).unflatten(0, (len(RESOLUTIONS), 3))
    convergence = (sums[:, 0] / sums[:, 1]).sqrt()
    cells = [(size // 2 + 1) * _frames(original, hop) for size, hop, _ in RESOLUTIONS]
    return (convergence + sums[:, 2] / sums.new_tensor(cells)[:, None]).mean(dim=0)


def measure(
    original: Waveforms, reconstruction: Waveforms, sampling_rate: int
) -> dict[str, Tensor]:
    """All measures, keyed as in `UNITS`; `sampling_rate` in Hz."""

    def distances(x: Tensor, y: Tensor) -> Tensor:
        a, b = _powers(x, y)
        return torch.cat([_mel_differences(a, b, sampling_rate), _decibel_roots(a, b)])

    values = {"snr": snr(original, reconstruction), "si_sdr": si_sdr(original, reconstruction)}
    mel, decibels = _sum_over_frames(distances, original, reconstruction)
    return values | {
        "log_mel": mel / (MEL_BANDS * _frames(original, HOP)),
        "log_spectral": decibels / _frames(original, HOP),
        "stft": multi_resolution_stft_distance(original, reconstruction),
    }


def _powers(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """|STFT|² of two padded segments with the window that features and most measures share."""
    a, b = (powers(_crop(v, WINDOW), WINDOW, HOP, WINDOW) for v in (x, y))
    return a, b


def _mel_differences(a: Tensor, b: Tensor, sampling_rate: int) -> Tensor:
    """Sums of absolute differences in log-mel, (1, clips), from powers."""
    mel = (log_mel_of_magnitudes(power.sqrt(), sampling_rate) for power in (a, b))
    return (next(mel) - next(mel)).abs().sum(dim=(1, 2), dtype=torch.float64)[None]


def _decibel_roots(a: Tensor, b: Tensor) -> Tensor:
    """Sums over frames of root mean square differences in dB, (1, clips), from powers."""
    a, b = (power.clamp(min=POWER_FLOOR) for power in (a, b))
    decibels = 10 * (a / b).log10()
    return decibels.square().mean(dim=1, dtype=torch.float64).sqrt().sum(dim=1)[None]


def _sum_over_samples(terms: Terms, original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Sum `terms` over all samples, in float64."""
    _check(original, reconstruction)
    samples = original.shape[1]
    total: Tensor | int = 0
    for start in range(0, max(samples, 1), SEGMENT):
        length = min(SEGMENT, samples - start)
        x, y = (v.narrow(1, start, length).double() for v in (original, reconstruction))
        total = total + terms(x, y)
    return torch.as_tensor(total)


def _sum_over_frames(terms: Terms, original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Sum `terms` over all frames.

    `terms` receives segments padded by `EDGE` samples, one clip at a time: a clip's
    spectra take about 10 MB at the finest hop.
    """
    _check(original, reconstruction)
    samples = original.shape[1]
    if samples < MIN_SAMPLES:
        raise ValueError(f"a clip of {samples} samples is too short; the minimum is {MIN_SAMPLES}")
    total: Tensor | int = 0
    for start in range(0, samples, SEGMENT):
        x, y = _segment(original, start), _segment(reconstruction, start)
        each = zip(x.split(1), y.split(1), strict=True)
        total = total + torch.cat([terms(a, b) for a, b in each], dim=1)
    return torch.as_tensor(total)


def _segment(waveforms: Waveforms, start: int) -> Tensor:
    """Up to `SEGMENT` samples from `start`, padded by `EDGE` samples of context on each side.

    The waveform's ends are mirrored. Except at the end, the right context is one sample
    shorter, because the frame centred there belongs to the next segment.
    """
    samples = waveforms.shape[1]
    stop = start + SEGMENT + EDGE - 1 if start + SEGMENT < samples else samples + EDGE
    first, last = max(0, start - EDGE), min(stop, samples)
    read = waveforms.narrow(1, first, last - first).float()
    return mirror_pad(read, EDGE - (start - first), stop - last)


def _crop(segment: Tensor, size: int) -> Tensor:
    """Reduce the context of a segment from `EDGE` to `size` / 2 samples."""
    excess = EDGE - size // 2
    return segment[:, excess : segment.shape[1] - excess]


def _frames(waveforms: Waveforms, hop: int) -> int:
    return 1 + waveforms.shape[1] // hop


def _check(original: Waveforms, reconstruction: Waveforms) -> None:
    if len(original.shape) != 2 or original.shape != reconstruction.shape:
        raise ValueError(
            "original and reconstruction must have the same shape (clips, samples), "
            f"found {tuple(original.shape)} and {tuple(reconstruction.shape)}"
        )


def _energy(x: Tensor) -> Tensor:
    return x.square().sum(dim=1)


def _squares(x: Tensor) -> Tensor:
    return x.square().sum(dim=1).sum(dim=1, dtype=torch.float64)


def _decibels(signal: Tensor, noise: Tensor) -> Tensor:
    return 10 * (signal.clamp(min=ENERGY_FLOOR) / noise.clamp(min=ENERGY_FLOOR)).log10()
