"""New songs: excerpts, errors, and the versions decoded by models and baselines."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.architecture.adaptive_plan import AdaptivePlan
from pipeline.architecture.layers import Architecture
from pipeline.audio.files import to_float
from pipeline.data import new_songs
from pipeline.errors import StudyError
from pipeline.evaluation import baselines, reconstruction
from pipeline.models.adaptive.adaptive_autoencoder import AdaptiveAutoencoder
from pipeline.models.convolutional import Autoencoder
from pipeline.models.training import TrainedModel
from pipeline.steps import METHODS
from tests.pipeline import plucked_notes

RATE, SAMPLES = 8000, 8000


def prepare(path: Path, **more: float) -> new_songs.Song:
    return new_songs.from_file(
        str(path), plucked_notes.digest(path), sampling_rate=RATE, samples=SAMPLES, **more
    )


def test_a_song_records_how_it_was_prepared(tmp_path: Path) -> None:
    sound = plucked_notes.pluck(1, 3.2, 44_100, 2)
    song = prepare(plucked_notes.write(tmp_path / "a.flac", sound, 44_100), start=1.5)
    assert (song.source_rate, song.channels) == (44_100, 2)
    assert song.seconds == pytest.approx(3.2)
    assert (song.start, song.start_given) == (1.5, True)
    assert song.excerpt.shape == (44_100, 2)
    assert song.clip.shape == (SAMPLES,)
    begin = round(1.5 * 44_100)
    assert np.abs(song.excerpt / 32768 - sound[begin : begin + 44_100]).max() < 1e-4


def test_of_more_than_two_channels_the_mix_is_kept(tmp_path: Path) -> None:
    sound = plucked_notes.pluck(1, 2, RATE, 6)
    song = prepare(plucked_notes.write(tmp_path / "a.wav", sound, RATE), start=0)
    assert (song.channels, song.excerpt.shape) == (6, (SAMPLES, 1))
    mean = sound[:SAMPLES].mean(axis=1)
    assert np.abs(song.excerpt[:, 0] / 32768 - mean).max() < 1e-4


def test_the_loudest_excerpt_is_the_default(tmp_path: Path) -> None:
    sound = 0.1 * plucked_notes.pluck(1, 5, RATE)
    sound[int(2.3 * RATE) : int(3.3 * RATE)] *= 8
    song = prepare(plucked_notes.write(tmp_path / "a.wav", sound, RATE))
    assert song.start == pytest.approx(2.3)
    assert not song.start_given


def test_the_loudest_excerpt_ends_within_the_song(tmp_path: Path) -> None:
    sound = plucked_notes.pluck(1, 2.75, RATE)
    sound[: int(1.7 * RATE)] *= 0.01
    song = prepare(plucked_notes.write(tmp_path / "a.wav", sound, RATE))
    assert song.start + 1 <= 2.75


@pytest.mark.parametrize(
    ("seconds", "gain", "start", "message"),
    [
        (0.5, 1.0, None, "0.5 s long; too short for 1 s starting at 0 s"),
        (3.0, 1.0, 2.5, "3.0 s long; too short for 1 s starting at 2.5 s"),
        (3.0, 0.0, None, "silent or not finite"),
    ],
)
def test_a_song_without_a_usable_excerpt_is_rejected(
    tmp_path: Path, seconds: float, gain: float, start: float | None, message: str
) -> None:
    path = plucked_notes.write(
        tmp_path / "a.wav", gain * plucked_notes.pluck(1, seconds, RATE), RATE
    )
    with pytest.raises(StudyError, match=message):
        new_songs.from_file(
            str(path), plucked_notes.digest(path), sampling_rate=RATE, samples=SAMPLES, start=start
        )


def test_a_file_that_is_not_audio_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"no music")
    with pytest.raises(StudyError, match="a.mp3: cannot be decoded"):
        prepare(tmp_path / "a.mp3")


def test_every_model_and_baseline_decodes_the_song(tmp_path: Path) -> None:
    song = prepare(plucked_notes.write(tmp_path / "a.wav", plucked_notes.pluck(3, 2, RATE), RATE))
    plan = Architecture(SAMPLES, (4,), (20,), (10,), (5,))
    torch.manual_seed(1)
    model = TrainedModel(plan, Autoencoder(plan).state_dict(), [1.0], [1.0], 1, "cpu")
    basis = baselines.learn_klt([to_float(song.clip)[None]])
    methods = list(METHODS)
    adaptive = AdaptivePlan(SAMPLES, 3200)
    chooser = AdaptiveAutoencoder(adaptive)
    chooser.count_atoms(to_float(song.clip)[None])
    trained = TrainedModel(adaptive, chooser.state_dict(), [1.0], [1.0], 1, "cpu")
    models = {"own.3200": model, "adaptive.3200": trained}
    decoded = reconstruction.decode_song(song, RATE, methods, models, basis)
    versions = ["own.3200", "adaptive.3200", "untrained.adaptive.3200"]
    versions += [f"baseline.{method}.3200" for method in methods]
    assert list(decoded.waveforms) == versions
    for version in versions:
        error = (decoded.waveforms[version] - song.clip.astype(float)) / 32768
        ratio = np.sum((song.clip / 32768) ** 2) / np.sum(error**2)
        # Clipping to 16 bits affects the audio, not the measure.
        assert decoded.fidelity[version]["snr"] == pytest.approx(10 * np.log10(ratio), abs=0.2)
        assert 1 <= decoded.visqol[version] <= 5
