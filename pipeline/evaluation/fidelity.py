"""How close a reconstruction is to its original: each measure with its formula and source.

Every measure takes `original` and `reconstruction`, float waveforms of shape (clips, samples)
in [-1, 1], two tensors or two songs on disk (`DiskWaveform`), and gives one float64 value a
clip, shape (clips,), on the same device. Each is made of sums over samples or frames: what is
long is read a `STRETCH` at a time, and memory does not grow with it. No value is ever NaN or
infinite: energies, powers and magnitudes are raised to a small floor, stated beside each
measure. Energies are float64. Spectra are float32 (their rounding lies below the floors), plain
|STFT| (no normalisation by the window) over centred frames, the ends mirrored; a clip needs
`SHORTEST` samples or more.

A ValueError is raised where the two differ in shape, are not 2-D or are too short.
"""

import math
from collections.abc import Callable

import torch
import torchaudio
from torch import Tensor

from pipeline.audio.disk_waveform import Waveforms

UNITS = {"snr": "dB", "si_sdr": "dB", "log_mel": "log10", "log_spectral": "dB", "stft": ""}
"""The unit of each measure that `measure` gives."""

# One sample that is off by one step of 16 bits has an energy of 9.3e-10.
ENERGY_FLOOR = 1e-10

WINDOW, HOP = 1024, 256
BANDS, MEL_FLOOR = 80, 1e-5

# What rounding to 16 bits adds, on average, to each cell of |STFT|²: step² / 12 × Σ window²,
# and a Hann window's squares add up to 3/8 of its length. A recording says nothing below it.
POWER_FLOOR = 2.0**-30 / 12 * 0.375 * WINDOW

RESOLUTIONS = ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200))
"""Transform length, hop and Hann window of the three spectra of `stft`, in samples."""
RESOLUTION_FLOOR = 1e-7

EDGE = RESOLUTIONS[-1][0] // 2
"""Samples that the longest transform needs beyond each end."""
SHORTEST = EDGE + 1

# A multiple of every hop, so that each frame of the whole is a frame of one stretch; 21 s at
# 22 050 Hz.
STRETCH = 24 * math.lcm(HOP, *(hop for _, hop, _ in RESOLUTIONS))

# Clips whose spectra are in memory at once: about 10 MB for five seconds at the finest hop.
CHUNK = 4

Terms = Callable[[Tensor, Tensor], Tensor]
"""From a stretch of some originals and reconstructions, sums of shape (sums, clips)."""


def snr(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Signal-to-noise ratio in dB: 10 log10(Σ x² / Σ (x − y)²).

    Both sums are at least `ENERGY_FLOOR`. A silent reconstruction gives 0 dB, and so does
    silence for silence; an exact copy gives 10 log10(Σ x² / `ENERGY_FLOOR`).
    """
    signal, noise = _over_samples(
        lambda x, y: torch.stack([_energy(x), _energy(x - y)]), original, reconstruction
    )
    return _decibels(signal, noise)


def si_sdr(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB, both clips brought to zero mean.

    10 log10(‖αx‖² / ‖αx − y‖²) with α = ⟨x, y⟩ / ‖x‖². Le Roux, Wisdom, Erdogan and Hershey,
    "SDR – half-baked or well done?", ICASSP 2019. The three energies are at least
    `ENERGY_FLOOR`: a silent reconstruction gives 0 dB, and so does silence for silence;
    sound in place of silence gives a very low value.
    """
    # Means, scale and energies in three passes: sums of products alone would cancel.
    sums = _over_samples(
        lambda x, y: torch.stack([x.sum(dim=1), y.sum(dim=1)]), original, reconstruction
    )
    mean_x, mean_y = (sums / original.shape[1])[:, :, None]

    def products(x: Tensor, y: Tensor) -> Tensor:
        x = x - mean_x
        return torch.stack([(x * (y - mean_y)).sum(dim=1), _energy(x)])

    product, energy = _over_samples(products, original, reconstruction)
    scale = (product / energy.clamp(min=ENERGY_FLOOR))[:, None]

    def energies(x: Tensor, y: Tensor) -> Tensor:
        target = scale * (x - mean_x)
        return torch.stack([_energy(target), _energy(target - (y - mean_y))])

    return _decibels(*_over_samples(energies, original, reconstruction))


def log_mel(clips: Tensor, sampling_rate: int) -> Tensor:
    """log10 mel magnitudes of float32 clips, shape (clips, 80, frames).

    Hann window of 1024 samples, hop 256; |STFT| is weighted by triangular bands between 0 and
    `sampling_rate` / 2 (Hz) on the mel scale of Slaney ("Auditory Toolbox", 1998), each of
    unit area; band magnitudes are at least `MEL_FLOOR`. With this scale and norm an ideal
    low-pass scores what the project's earlier measurements say; with others it does not.
    """
    return _log_mel(_mirrored(clips, WINDOW // 2, WINDOW // 2), sampling_rate)


def log_mel_distance(original: Waveforms, reconstruction: Waveforms, sampling_rate: int) -> Tensor:
    """Mean absolute difference of `log_mel`, over 80 bands and all frames; sampling rate in Hz.

    0 is best; 1 means that band magnitudes differ tenfold on average.
    """

    def differences(x: Tensor, y: Tensor) -> Tensor:
        a, b = (_log_mel(_within(v, WINDOW), sampling_rate) for v in (x, y))
        return (a - b).abs().sum(dim=(1, 2), dtype=torch.float64)[None]

    total = _over_frames(differences, original, reconstruction)[0]
    return total / (BANDS * _frames(original, HOP))


def log_spectral_distance(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Log-spectral distance in dB: the mean over frames of the root mean square over bins of
    10 log10(|X|² / |Y|²).

    Gray and Markel, "Distance measures for speech processing", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 24(5), 1976, with spectra from a Hann window of
    1024 samples, hop 256. Powers are at least `POWER_FLOOR`, the noise of 16-bit rounding, so
    what no 16-bit recording could hold is not compared. 0 is best.
    """

    def roots(x: Tensor, y: Tensor) -> Tensor:
        a, b = (
            _spectrum(_within(v, WINDOW), WINDOW, HOP, WINDOW).square().clamp(min=POWER_FLOOR)
            for v in (x, y)
        )
        decibels = 10 * (a / b).log10()
        return decibels.square().mean(dim=1, dtype=torch.float64).sqrt().sum(dim=1)[None]

    return _over_frames(roots, original, reconstruction)[0] / _frames(original, HOP)


def multi_resolution_stft_distance(original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Spectral convergence plus log magnitude, the mean over three resolutions.

    ‖ |X| − |Y| ‖ / ‖ |X| ‖ (Frobenius norms) + mean |ln |X| − ln |Y||, for each of
    `RESOLUTIONS`. Yamamoto, Song and Kim, "Parallel WaveGAN", ICASSP 2020, equations 3 to 6.
    |STFT|² is at least `RESOLUTION_FLOOR`, so a silent original divides by no zero. 0 is best.
    """

    def terms(x: Tensor, y: Tensor) -> Tensor:
        sums = []
        for size, hop, window in RESOLUTIONS:
            a, b = (
                _spectrum(_within(v, size), size, hop, window).clamp(min=RESOLUTION_FLOOR**0.5)
                for v in (x, y)
            )
            logarithms = (a / b).log().abs().sum(dim=(1, 2), dtype=torch.float64)
            sums += [_squares(a - b), _squares(a), logarithms]
        return torch.stack(sums)

    sums = _over_frames(terms, original, reconstruction).unflatten(0, (len(RESOLUTIONS), 3))
    convergence = (sums[:, 0] / sums[:, 1]).sqrt()
    cells = [(size // 2 + 1) * _frames(original, hop) for size, hop, _ in RESOLUTIONS]
    return (convergence + sums[:, 2] / sums.new_tensor(cells)[:, None]).mean(dim=0)


def measure(
    original: Waveforms, reconstruction: Waveforms, sampling_rate: int
) -> dict[str, Tensor]:
    """All measures of clips or of a song, under the names of `UNITS`; `sampling_rate` in Hz."""
    return {
        "snr": snr(original, reconstruction),
        "si_sdr": si_sdr(original, reconstruction),
        "log_mel": log_mel_distance(original, reconstruction, sampling_rate),
        "log_spectral": log_spectral_distance(original, reconstruction),
        "stft": multi_resolution_stft_distance(original, reconstruction),
    }


def _over_samples(terms: Terms, original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Sums over all samples, as float64."""
    _check(original, reconstruction)
    samples = original.shape[1]
    total: Tensor | int = 0
    for start in range(0, max(samples, 1), STRETCH):
        length = min(STRETCH, samples - start)
        x, y = (v.narrow(1, start, length).double() for v in (original, reconstruction))
        total = total + terms(x, y)
    return torch.as_tensor(total)


def _over_frames(terms: Terms, original: Waveforms, reconstruction: Waveforms) -> Tensor:
    """Sums over all frames: `terms` is given stretches with what lies `EDGE` samples around them,
    a few clips at a time, for a whole test set's spectra would fill gigabytes."""
    _check(original, reconstruction)
    clips, samples = original.shape
    if samples < SHORTEST:
        raise ValueError(f"a clip of {samples} samples is too short: needs {SHORTEST} or more")
    total: Tensor | int = 0
    for start in range(0, samples, STRETCH):
        x, y = _stretch(original, start), _stretch(reconstruction, start)
        chunks = [slice(i, i + CHUNK) for i in range(0, clips, CHUNK)]
        total = total + torch.cat([terms(x[chunk], y[chunk]) for chunk in chunks], dim=1)
    return torch.as_tensor(total)


def _stretch(waveforms: Waveforms, start: int) -> Tensor:
    """Up to `STRETCH` samples from `start` on, and `EDGE` more on each side, mirrored at the
    waveform's ends; one less at the right, unless it ends here, since the frame that begins
    there is the next stretch's."""
    samples = waveforms.shape[1]
    stop = start + STRETCH + EDGE - 1 if start + STRETCH < samples else samples + EDGE
    first, last = max(0, start - EDGE), min(stop, samples)
    read = waveforms.narrow(1, first, last - first).float()
    return _mirrored(read, EDGE - (start - first), stop - last)


def _mirrored(x: Tensor, before: int, after: int) -> Tensor:
    """So many samples more at each end, mirrored there."""
    # Not by PyTorch's own padding: its gradient is not repeatable on a GPU.
    return torch.cat([x[:, 1 : before + 1].flip(1), x, x[:, -after - 1 : -1].flip(1)], dim=1)


def _within(stretch: Tensor, size: int) -> Tensor:
    """A stretch with what a transform of `size` needs around it, instead of `EDGE` samples."""
    beyond = EDGE - size // 2
    return stretch[:, beyond : stretch.shape[1] - beyond]


def _spectrum(x: Tensor, size: int, hop: int, window: int) -> Tensor:
    """Magnitudes, shape (clips, size / 2 + 1, frames), of waveforms with what lies size / 2
    samples around them."""
    hann = torch.hann_window(window, dtype=x.dtype, device=x.device)
    return torch.stft(x, size, hop, window, hann, center=False, return_complex=True).abs()


def _log_mel(x: Tensor, sampling_rate: int) -> Tensor:
    bands: Tensor = torchaudio.functional.melscale_fbanks(
        WINDOW // 2 + 1, 0.0, sampling_rate / 2, BANDS, sampling_rate, "slaney", "slaney"
    ).to(x.device)
    return (bands.T @ _spectrum(x, WINDOW, HOP, WINDOW)).clamp(min=MEL_FLOOR).log10()


def _frames(waveforms: Waveforms, hop: int) -> int:
    return 1 + waveforms.shape[1] // hop


def _check(original: Waveforms, reconstruction: Waveforms) -> None:
    if len(original.shape) != 2 or original.shape != reconstruction.shape:
        raise ValueError(
            "an original and its reconstruction must both have shape (clips, samples), "
            f"here {tuple(original.shape)} and {tuple(reconstruction.shape)}"
        )


def _energy(x: Tensor) -> Tensor:
    return x.square().sum(dim=1)


def _squares(x: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, dim=(1, 2), dtype=torch.float64)
    return norm.square()


def _decibels(signal: Tensor, noise: Tensor) -> Tensor:
    return 10 * (signal.clamp(min=ENERGY_FLOOR) / noise.clamp(min=ENERGY_FLOOR)).log10()
