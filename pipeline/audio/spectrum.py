"""Magnitude spectra and log-mel spectrograms of waveforms."""

from functools import cache

import torch
import torchaudio
from torch import Tensor

WINDOW, HOP = 1024, 256
"""Hann window and hop of the spectra that measures and features share, in samples."""

MEL_BANDS = 80
MEL_FLOOR = 1e-5
"""Minimum band magnitude before the logarithm."""


def log_mel(clips: Tensor, sampling_rate: int) -> Tensor:
    """log10 mel magnitudes of float32 clips (clips, samples), shape (clips, 80, frames).

    Hann window of 1024 samples, hop 256, frames centred, ends mirrored. |STFT| is weighted by
    triangular bands of unit area between 0 and `sampling_rate` / 2 (Hz) on the mel scale of
    Slaney ("Auditory Toolbox", 1998). Band magnitudes are at least `MEL_FLOOR`.
    """
    padded = mirror_pad(clips, WINDOW // 2, WINDOW // 2)
    return log_mel_of_magnitudes(magnitudes(padded, WINDOW, HOP, WINDOW), sampling_rate)


def log_mel_of_magnitudes(spectra: Tensor, sampling_rate: int) -> Tensor:
    """`log_mel` from magnitudes (clips, 513, frames) of the same window and hop."""
    bands = mel_bands(sampling_rate, spectra.device)
    return (bands.T @ spectra).clamp(min=MEL_FLOOR).log10()


@cache
def mel_bands(sampling_rate: int, device: torch.device) -> Tensor:
    """Weights of the mel bands, (513, 80)."""
    bands: Tensor = torchaudio.functional.melscale_fbanks(
        WINDOW // 2 + 1, 0.0, sampling_rate / 2, MEL_BANDS, sampling_rate, "slaney", "slaney"
    ).to(device)
    return bands


def magnitudes(x: Tensor, size: int, hop: int, window: int) -> Tensor:
    """|STFT| of waveforms padded by `size` / 2 samples, shape (clips, size / 2 + 1, frames).

    Args:
        size: transform length, in samples.
        window: length of the Hann window, in samples.
    """
    return _stft(x, size, hop, window).abs()


def powers(x: Tensor, size: int, hop: int, window: int) -> Tensor:
    """|STFT|², as `magnitudes`: three times as fast on a CPU as the squares of those."""
    spectra = _stft(x, size, hop, window)
    return spectra.real.square().addcmul_(spectra.imag, spectra.imag)


def _stft(x: Tensor, size: int, hop: int, window: int) -> Tensor:
    hann = torch.hann_window(window, dtype=x.dtype, device=x.device)
    return torch.stft(x, size, hop, window, hann, center=False, return_complex=True)


def mirror_pad(x: Tensor, before: int, after: int) -> Tensor:
    """Waveforms (clips, samples) with `before` and `after` mirrored samples added at the ends."""
    # torch's reflection padding has a non-deterministic gradient on CUDA.
    return torch.cat([x[:, 1 : before + 1].flip(1), x, x[:, -after - 1 : -1].flip(1)], dim=1)
