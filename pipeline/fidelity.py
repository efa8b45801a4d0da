"""How close a reconstruction is to its original: each measure with its formula and source.

Every measure takes `original` and `reconstruction`, two float tensors of shape
(clips, samples) in [-1, 1], and gives one float64 value a clip, shape (clips,), on the same
device. No value is ever NaN or infinite: energies, powers and magnitudes are raised to a
small floor, stated beside each measure. Energies are float64. Spectra are float32 (their
rounding lies below the floors), plain |STFT| (no normalisation by the window) over centred
frames, the ends mirrored; a clip needs `SHORTEST` samples or more.

A ValueError is raised where the two tensors differ in shape, are not 2-D or are too short.
"""

from collections.abc import Callable

import torch
import torchaudio
from torch import Tensor

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

SHORTEST = RESOLUTIONS[-1][0] // 2 + 1

# Clips whose spectra are in memory at once: about 10 MB each at the finest hop.
CHUNK = 4


def snr(original: Tensor, reconstruction: Tensor) -> Tensor:
    """Signal-to-noise ratio in dB: 10 log10(Σ x² / Σ (x − y)²).

    Both sums are at least `ENERGY_FLOOR`. A silent reconstruction gives 0 dB, and so does
    silence for silence; an exact copy gives 10 log10(Σ x² / `ENERGY_FLOOR`).
    """
    x, y = _checked(original, reconstruction, torch.float64)
    return _decibels(_energy(x), _energy(x - y))


def si_sdr(original: Tensor, reconstruction: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio in dB, both clips brought to zero mean.

    10 log10(‖αx‖² / ‖αx − y‖²) with α = ⟨x, y⟩ / ‖x‖². Le Roux, Wisdom, Erdogan and Hershey,
    "SDR – half-baked or well done?", ICASSP 2019. The three energies are at least
    `ENERGY_FLOOR`: a silent reconstruction gives 0 dB, and so does silence for silence;
    sound in place of silence gives a very low value.
    """
    x, y = _checked(original, reconstruction, torch.float64)
    x = x - x.mean(dim=1, keepdim=True)
    y = y - y.mean(dim=1, keepdim=True)
    scale = (x * y).sum(dim=1) / _energy(x).clamp(min=ENERGY_FLOOR)
    target = scale[:, None] * x
    return _decibels(_energy(target), _energy(target - y))


def log_mel(clips: Tensor, sampling_rate: int) -> Tensor:
    """log10 mel magnitudes of float32 clips, shape (clips, 80, frames).

    Hann window of 1024 samples, hop 256; |STFT| is weighted by triangular bands between 0 and
    `sampling_rate` / 2 (Hz) on the mel scale of Slaney ("Auditory Toolbox", 1998), each of
    unit area; band magnitudes are at least `MEL_FLOOR`. With this scale and norm an ideal
    low-pass scores what the project's earlier measurements say; with others it does not.
    """
    bands: Tensor = torchaudio.functional.melscale_fbanks(
        WINDOW // 2 + 1, 0.0, sampling_rate / 2, BANDS, sampling_rate, "slaney", "slaney"
    ).to(clips.device)
    return (bands.T @ _spectrum(clips, WINDOW, HOP, WINDOW)).clamp(min=MEL_FLOOR).log10()


def log_mel_distance(original: Tensor, reconstruction: Tensor, sampling_rate: int) -> Tensor:
    """Mean absolute difference of `log_mel`, over 80 bands and all frames; sampling rate in Hz.

    0 is best; 1 means that band magnitudes differ tenfold on average.
    """

    def distance(x: Tensor, y: Tensor) -> Tensor:
        difference = log_mel(x, sampling_rate) - log_mel(y, sampling_rate)
        return difference.abs().mean(dim=(1, 2), dtype=torch.float64)

    return _in_chunks(distance, original, reconstruction)


def log_spectral_distance(original: Tensor, reconstruction: Tensor) -> Tensor:
    """Log-spectral distance in dB: the mean over frames of the root mean square over bins of
    10 log10(|X|² / |Y|²).

    Gray and Markel, "Distance measures for speech processing", IEEE Transactions on
    Acoustics, Speech, and Signal Processing 24(5), 1976, with spectra from a Hann window of
    1024 samples, hop 256. Powers are at least `POWER_FLOOR`, the noise of 16-bit rounding, so
    what no 16-bit recording could hold is not compared. 0 is best.
    """

    def distance(x: Tensor, y: Tensor) -> Tensor:
        a, b = (_spectrum(v, WINDOW, HOP, WINDOW).square().clamp(min=POWER_FLOOR) for v in (x, y))
        decibels = 10 * (a / b).log10()
        return decibels.square().mean(dim=1, dtype=torch.float64).sqrt().mean(dim=1)

    return _in_chunks(distance, original, reconstruction)


def multi_resolution_stft_distance(original: Tensor, reconstruction: Tensor) -> Tensor:
    """Spectral convergence plus log magnitude, the mean over three resolutions.

    ‖ |X| − |Y| ‖ / ‖ |X| ‖ (Frobenius norms) + mean |ln |X| − ln |Y||, for each of
    `RESOLUTIONS`. Yamamoto, Song and Kim, "Parallel WaveGAN", ICASSP 2020, equations 3 to 6.
    |STFT|² is at least `RESOLUTION_FLOOR`, so a silent original divides by no zero. 0 is best.
    """

    def distance(x: Tensor, y: Tensor) -> Tensor:
        total = x.new_zeros(len(x), dtype=torch.float64)
        for size, hop, window in RESOLUTIONS:
            a, b = (
                _spectrum(v, size, hop, window).clamp(min=RESOLUTION_FLOOR**0.5) for v in (x, y)
            )
            convergence = (a - b).norm(dim=(1, 2)) / a.norm(dim=(1, 2))
            total += convergence + (a / b).log().abs().mean(dim=(1, 2), dtype=torch.float64)
        return total / len(RESOLUTIONS)

    return _in_chunks(distance, original, reconstruction)


def measure(original: Tensor, reconstruction: Tensor, sampling_rate: int) -> dict[str, Tensor]:
    """All measures of a batch of clips, under the names of `UNITS`; `sampling_rate` in Hz."""
    return {
        "snr": snr(original, reconstruction),
        "si_sdr": si_sdr(original, reconstruction),
        "log_mel": log_mel_distance(original, reconstruction, sampling_rate),
        "log_spectral": log_spectral_distance(original, reconstruction),
        "stft": multi_resolution_stft_distance(original, reconstruction),
    }


def _checked(original: Tensor, reconstruction: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    if original.ndim != 2 or original.shape != reconstruction.shape:
        raise ValueError(
            "an original and its reconstruction must both have shape (clips, samples), "
            f"here {tuple(original.shape)} and {tuple(reconstruction.shape)}"
        )
    return original.to(dtype), reconstruction.to(dtype)


def _energy(x: Tensor) -> Tensor:
    return x.square().sum(dim=1)


def _decibels(signal: Tensor, noise: Tensor) -> Tensor:
    return 10 * (signal.clamp(min=ENERGY_FLOOR) / noise.clamp(min=ENERGY_FLOOR)).log10()


def _spectrum(x: Tensor, size: int, hop: int, window: int) -> Tensor:
    """Magnitudes, shape (clips, size / 2 + 1, frames)."""
    hann = torch.hann_window(window, dtype=x.dtype, device=x.device)
    # The ends are mirrored here: the gradient of PyTorch's own padding is not repeatable on a GPU.
    half = size // 2
    ends = x[:, 1 : half + 1].flip(1), x[:, -half - 1 : -1].flip(1)
    mirrored = torch.cat([ends[0], x, ends[1]], dim=1)
    return torch.stft(mirrored, size, hop, window, hann, center=False, return_complex=True).abs()


def _in_chunks(
    distance: Callable[[Tensor, Tensor], Tensor], original: Tensor, reconstruction: Tensor
) -> Tensor:
    """`distance` a few clips at a time: a whole test set's spectra would fill gigabytes."""
    x, y = _checked(original, reconstruction, torch.float32)
    if x.shape[1] < SHORTEST:
        raise ValueError(f"a clip of {x.shape[1]} samples is too short: needs {SHORTEST} or more")
    starts = range(0, len(x), CHUNK)
    return torch.cat([distance(x[i : i + CHUNK], y[i : i + CHUNK]) for i in starts])
