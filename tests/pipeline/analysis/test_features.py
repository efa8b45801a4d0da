import statistics

import numpy as np
import pytest
import torch

from pipeline.analysis.features import log_mel_statistics, time_statistics
from pipeline.audio.spectrum import log_mel


def test_time_statistics_are_mean_and_standard_deviation() -> None:
    vectors = np.random.default_rng(0).normal(2, 3, (40, 5 * 70)).astype(np.float32)
    features = time_statistics(vectors, (5, 70))
    assert features.shape == (40, 10)
    for clip in (0, 17, 39):
        for channel in range(5):
            values = vectors[clip, channel * 70 : (channel + 1) * 70].tolist()
            assert features[clip, channel] == pytest.approx(statistics.fmean(values), rel=1e-5)
            assert features[clip, 5 + channel] == pytest.approx(statistics.pstdev(values), rel=1e-5)


def test_a_waveform_is_one_channel() -> None:
    waveforms = np.array([[1000, -1000, 1000, -1000], [32767, 32767, 32767, 32767]], np.int16)
    assert time_statistics(waveforms, (1, 4)).tolist() == [[0, 1000], [32767, 0]]


def test_time_statistics_are_shift_invariant() -> None:
    vectors = np.random.default_rng(1).standard_normal((3, 4, 50))
    shifted = np.roll(vectors, 13, axis=2)
    np.testing.assert_allclose(
        time_statistics(vectors.reshape(3, 200), (4, 50)),
        time_statistics(shifted.reshape(3, 200), (4, 50)),
    )


def test_mismatched_grid_is_rejected() -> None:
    with pytest.raises(ValueError, match="do not match the grid 3 × 7"):
        time_statistics(np.zeros((2, 20)), (3, 7))


def test_log_mel_statistics_per_band() -> None:
    clips = np.random.default_rng(2).integers(-9000, 9000, (20, 4000)).astype(np.int16)
    features = log_mel_statistics(clips, 22050)
    assert features.shape == (20, 160)
    bands = log_mel(torch.from_numpy(clips).float() / 32768, 22050).numpy()
    for clip in (0, 15, 16, 19):
        for band in (0, 40, 79):
            values = bands[clip, band].tolist()
            assert features[clip, band] == pytest.approx(statistics.fmean(values), abs=1e-4)
            assert features[clip, 80 + band] == pytest.approx(statistics.pstdev(values), abs=1e-4)
