"""Bring clips to one level, and below full scale."""

from torch import Tensor

LEVEL = 0.1
"""RMS of the clips that generative models learn from and produce."""

PEAK = 0.999
"""Greatest magnitude of a clip that is rounded to 16 bits."""


def at_level(clips: Tensor) -> Tensor:
    """Clips (count, samples) scaled to `LEVEL`; silence stays silent."""
    rms = clips.square().mean(dim=1, keepdim=True).sqrt()
    return clips * (LEVEL / rms.clamp(min=1e-6))


def match_level(waveform: Tensor, level: float) -> Tensor:
    """A waveform (samples,) scaled to an RMS, or as near to it as its peak allows: none of it is
    clipped."""
    rms, peak = waveform.square().mean().sqrt(), waveform.abs().max()
    gain = (level / rms.clamp(min=1e-6)).minimum(PEAK / peak.clamp(min=1e-6))
    return waveform * gain
