"""Period, phase and strength of the beat of clips, from the onsets in their log-mel spectra."""

from dataclasses import dataclass

import torch
from torch import Tensor

PERIOD_SECONDS = 0.3, 1.0
"""Shortest and longest period of a beat: 200 to 60 beats a minute."""

REFINEMENT = torch.linspace(-0.6, 0.6, 13)
"""Offsets in frames at which a period is looked for again, around a whole number of frames."""

MULTIPLES = (1.0, 2.0, 0.5)
"""Multiples of the beat rate whose phases condition the network."""

CHANNELS = 2 * len(MULTIPLES)


@dataclass(frozen=True)
class Beats:
    """The beats of clips; every tensor is (count,).

    Attributes:
        period: in frames.
        phase: of the beat at frame 0, in radians.
        strength: autocorrelation of the onsets at the period, at most 1.
    """

    period: Tensor
    phase: Tensor
    strength: Tensor

    def at(self, frames: Tensor) -> Tensor:
        """Cosine and sine of the phase at `MULTIPLES` of the rate, times the strength.

        Args:
            frames: times in frames, (count, times).

        Returns:
            Shape (count, CHANNELS, times).
        """
        angles = 2 * torch.pi * frames / self.period[:, None] - self.phase[:, None]
        waves = [wave for k in MULTIPLES for wave in ((k * angles).cos(), (k * angles).sin())]
        return torch.stack(waves, dim=1) * self.strength[:, None, None]

    def chosen(self, rows: Tensor) -> "Beats":
        """The beats of some of the clips."""
        return Beats(self.period[rows], self.phase[rows], self.strength[rows])


def onsets(spectra: Tensor) -> Tensor:
    """Mean increase of log-mel spectra (count, frames, bands) from frame to frame, less its mean
    over time: (count, frames - 1)."""
    flux = spectra.diff(dim=1).clamp(min=0).mean(dim=2)
    return flux - flux.mean(dim=1, keepdim=True)


def autocorrelation(signals: Tensor) -> Tensor:
    """Autocorrelation of signals (count, times), divided by that at lag 0; same shape."""
    times = signals.shape[1]
    power = torch.fft.rfft(signals, 2 * times).abs().square()
    found = torch.fft.irfft(power)[:, :times]
    return found / (found[:, :1] + 1e-9)


def find_beats(spectra: Tensor, frames_per_second: float) -> Beats:
    """The beats of log-mel spectra (count, frames, bands).

    The period is the lag of the greatest autocorrelation of the onsets, refined by the sinusoid
    that they contain most of.
    """
    flux = onsets(spectra)
    correlation = autocorrelation(flux)
    times = flux.shape[1]
    low, high = (round(seconds * frames_per_second) for seconds in PERIOD_SECONDS)
    low = max(1, min(low, times - 2))
    strength, lag = correlation[:, low : max(low + 1, min(high, times - 1))].max(dim=1)
    periods = (low + lag[:, None] + REFINEMENT).clamp(min=1)
    rotation = torch.polar(torch.ones(()), 2 * torch.pi * torch.arange(times) / periods[:, :, None])
    content = (flux[:, None].to(rotation.dtype) * rotation).sum(dim=2)
    best = content.abs().argmax(dim=1, keepdim=True)
    phase = content.gather(1, best)[:, 0].angle()
    # The onset between frames k and k + 1 is the k-th.
    period = periods.gather(1, best)[:, 0]
    return Beats(period, phase + 2 * torch.pi / period, strength.clamp(min=0))
