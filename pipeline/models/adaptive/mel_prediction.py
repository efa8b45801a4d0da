"""Predicts the log-mel spectrogram of the original from what the latent vector holds.

The decoder knows the kept atoms exactly and the magnitude of the noise between them, but not its
signs. If a bin's dropped part is complex Gaussian, its magnitude has a Rice distribution (Rice
1944, "Mathematical analysis of random noise"), whose mean is the closed form from which the
prediction starts. A small network corrects it; trained with an absolute loss, it predicts the
median of the original's log-mel, which errs less than any one draw of the noise.
"""

import torch
from torch import Tensor, nn

from pipeline.architecture.adaptive_plan import SUPERFRAME
from pipeline.audio.spectrum import HOP, MEL_BANDS, MEL_FLOOR, WINDOW, mel_bands, mirror_pad
from pipeline.models.adaptive.noise_envelope import CELL_SIZE, CELLS

PATCH = 4
"""Frames that the network treats as channels of one: a quarter of the work of one at a time."""

PLANES = 5
HIDDEN_CHANNELS = 16
LAYERS = 3


def spectrum(clips: Tensor, hop: int = HOP, first: int = 0) -> Tensor:
    """Complex STFT behind `log_mel`, (clips, 513, frames); every `hop` samples from `first`."""
    padded = mirror_pad(clips, WINDOW // 2, WINDOW // 2)[:, first:]
    hann = torch.hann_window(WINDOW, device=clips.device)
    return torch.stft(padded, WINDOW, hop, WINDOW, hann, center=False, return_complex=True)


def noise_power(noise: Tensor, frames: int) -> Tensor:
    """Expected |STFT|² of noise with these magnitudes and random signs, (clips, 513, frames).

    Args:
        noise: coefficients (clips, superframes, 2048), zero where atoms are.
    """
    cells = noise.square().unflatten(2, (CELLS, CELL_SIZE)).mean(dim=3).transpose(1, 2)
    hann = torch.hann_window(WINDOW, device=noise.device)
    # A frame covers two hops on each side of its centre.
    quarters = hann.square().view(4, -1).sum(dim=1)
    hops = cells.repeat_interleave(SUPERFRAME // HOP, dim=2)[:, :, : frames + 1]
    hops = torch.cat([hops[:, :, :1], hops[:, :, :1], hops, hops[:, :, -1:]], dim=2)
    hops = torch.cat([hops, hops[:, :, -1:]], dim=2)
    power = torch.stack([quarters[k] * hops[:, :, k : k + frames] for k in range(4)]).sum(dim=0)
    bins = power.repeat_interleave(WINDOW // 2 // CELLS, dim=1)
    bins = torch.cat([bins[:, :1], bins, bins[:, -1:], bins[:, -1:]], dim=1)
    # The window leaks into the next bins: |DFT|² of Hann's is 1/6, 2/3, 1/6.
    return (bins[:, :-2] + 4 * bins[:, 1:-1] + bins[:, 2:]) / 6


class MelPredictor(nn.Module):
    """Predicts log-mel spectrograms; before training, its correction is zero."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = PLANES * PATCH
        for _ in range(LAYERS):
            layers += [nn.Conv2d(channels, HIDDEN_CHANNELS, 3, padding=1), nn.ReLU()]
            channels = HIDDEN_CHANNELS
        last = nn.Conv2d(channels, PATCH, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        self.network = nn.Sequential(*layers, last)

    def forward(self, planes: Tensor) -> Tensor:
        """Correction (clips, 80, frames) from `describe`'s planes."""
        frames = planes.shape[3]
        padded = nn.functional.pad(planes, (0, -frames % PATCH))
        patches = padded.unflatten(3, (-1, PATCH)).permute(0, 1, 4, 2, 3).flatten(1, 2)
        corrections: Tensor = self.network(patches)
        return corrections.permute(0, 2, 3, 1).flatten(2)[:, :, :frames]


def describe(
    kept: Tensor, noise: Tensor, splits: Tensor, sampling_rate: int
) -> tuple[Tensor, Tensor]:
    """The closed-form prediction (clips, 80, frames) and the network's inputs.

    Args:
        kept: the atoms' waveform, (clips, samples).
        noise: coefficients (clips, superframes, 2048), zero where atoms are.
        splits: (clips, superframes).
        sampling_rate: in Hz.

    Returns:
        (prediction, planes): planes (clips, 5, 80, frames) hold, in log10 and scaled to about
        unit variance, the prediction relative to the clip's mean, atoms and noise relative to
        it, the band and the split.
    """
    power = spectrum(kept).abs().square()
    frames = power.shape[2]
    noise_ = noise_power(noise, frames)
    # E|k + n|² is k² + σ²; the mean magnitude is √(k² + π/4 σ²) without atoms, and tends to
    # √(k² + σ²/2) where they dominate.
    share = noise_ / (noise_ + power).clamp(min=MEL_FLOOR**2)
    mean = (power + noise_ * (0.5 + 0.2854 * share)).clamp(min=MEL_FLOOR**2).sqrt()
    bands = mel_bands(sampling_rate, kept.device).T
    start, atoms, filled = (
        (bands @ magnitude).clamp(min=MEL_FLOOR).log10()
        for magnitude in (mean, power.sqrt(), noise_.clamp(min=MEL_FLOOR**2).sqrt())
    )
    band = torch.linspace(-1.7, 1.7, MEL_BANDS, device=kept.device)[None, :, None]
    at = torch.arange(frames, device=kept.device) * HOP // SUPERFRAME
    split = splits[:, None, at.clamp(max=splits.shape[1] - 1)]
    planes = [
        start - start.mean(dim=(1, 2), keepdim=True) + 0.7,
        2.5 * (atoms - start).clamp(-2, 1) + 1,
        2.5 * (filled - start).clamp(-2, 1) + 1,
        band.expand_as(start),
        (0.8 * split - 1.2).expand_as(start),
    ]
    return start, torch.stack(planes, dim=1)
