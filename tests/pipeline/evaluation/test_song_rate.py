"""Songs at their own rate, against an independent resampler and a network of known response."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from pipeline.architecture.layers import Architecture
from pipeline.data.new_songs import Song
from pipeline.evaluation.song_rate import own_rate_snr
from pipeline.models.convolutional import Autoencoder
from pipeline.models.training import TrainedModel

RATE, SAMPLES, HOP = 8000, 8000, 8


def network_of_means() -> TrainedModel:
    """A network that gives back the mean of every 8 samples, 8 times."""
    plan = Architecture(SAMPLES, (1,), (HOP,), (HOP,), (0,))
    weights = Autoencoder(plan).state_dict()
    for name, values in weights.items():
        values.zero_()
        if name.endswith("weight"):
            values.fill_(0.01 / HOP if name.startswith("encoder") else 100)
    return TrainedModel(plan, weights, [1.0], [1.0], 1, "cpu")


def song(rate: int, channels: NDArray[np.float64], channel: int | None = None) -> Song:
    excerpt = np.round(channels * 32767).astype(np.int16)
    return Song(rate, channels.shape[1], 1, 0, True, excerpt, excerpt[:SAMPLES, 0], [], channel)


@pytest.mark.parametrize("rate", [2 * RATE, 12_000])
def test_snr_is_that_of_means_over_eighths_of_the_songs_own_rate(rate: int) -> None:
    seconds = np.arange(rate) / rate
    left = 0.3 * np.sin(2 * np.pi * 220 * seconds) + 0.1 * np.sin(2 * np.pi * 900 * seconds)
    right = 0.2 * np.sin(2 * np.pi * 330 * seconds)
    stereo = song(rate, np.stack([left, right], axis=1))
    mono = (left + right) / 2
    means = mono[: len(mono) // HOP * HOP].reshape(-1, HOP).mean(axis=1).repeat(HOP)
    original, version = (resample_poly(each, RATE, rate) for each in (mono, means))
    expected = 10 * np.log10((original**2).sum() / ((original - version) ** 2).sum())
    found = own_rate_snr({"a": stereo}, network_of_means(), RATE)
    assert found["a"] == pytest.approx(expected, abs=0.1)


def test_the_channel_of_songs_whose_channels_cancel_out() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(2 * RATE) / (2 * RATE))
    opposite = song(2 * RATE, np.stack([tone, -tone], axis=1), channel=2)
    alone = song(2 * RATE, -tone[:, None])
    found = own_rate_snr({"both": opposite, "one": alone}, network_of_means(), RATE)
    assert found["both"] == found["one"] > 10


def test_songs_of_the_networks_rate_are_left_out() -> None:
    same = song(RATE, np.full((RATE, 1), 0.1))
    assert own_rate_snr({"a": same}, network_of_means(), RATE) == {}
