"""Encode music at its own sampling rate with a network that learned another.

A convolutional network takes samples, whatever their rate: at twice the rate that it learned, it
takes every sound for one an octave lower that lasts twice as long, and needs two inputs of its
length for what fits into one at its own rate. The cost is measured on equal music, in the band of
the network's rate, which both ways of encoding have.
"""

import numpy as np
import torch
from torch.nn.functional import pad

from pipeline.audio.files import to_float
from pipeline.audio.mono import Mixer
from pipeline.audio.resample import resample
from pipeline.data.new_songs import Song
from pipeline.evaluation.fidelity import snr
from pipeline.models.restore import restore
from pipeline.models.training import TrainedModel


@torch.no_grad()
def own_rate_snr(
    songs: dict[str, Song], trained: TrainedModel, sampling_rate: int
) -> dict[str, float]:
    """SNR in dB of songs that a network encodes at their own rate, cut to its input length.

    Args:
        songs: by name; those whose rate is not above `sampling_rate` are left out.
        sampling_rate: that of the network's training, in Hz.
    """
    model = restore(trained.architecture, trained.weights)
    where = next(model.parameters()).device
    found = {}
    for name, song in songs.items():
        if song.source_rate <= sampling_rate:
            continue
        channel = None if song.channel is None or song.excerpt.shape[1] == 1 else song.channel - 1
        channels = to_float(song.excerpt).numpy()
        mono = torch.from_numpy(np.ascontiguousarray(Mixer(channel).mix(channels)))
        parts = _cut(mono, trained.architecture.samples)
        rebuilt = model(parts.to(where)).cpu().flatten()[: len(mono)]
        original, version = (
            resample(waveform, song.source_rate, sampling_rate)[None]
            for waveform in (mono, rebuilt)
        )
        found[name] = float(snr(original, version)[0])
    return found


def _cut(waveform: torch.Tensor, samples: int) -> torch.Tensor:
    """Cut a waveform into inputs of `samples`, shape (inputs, samples); the last has zeros."""
    return pad(waveform, (0, -len(waveform) % samples)).reshape(-1, samples)
