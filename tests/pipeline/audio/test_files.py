"""Reading of every format, resampling, and exact 16-bit conversion."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import resample_poly

from pipeline.audio import files as audio_files
from pipeline.audio import resample
from pipeline.audio.container import UnreadableFile
from pipeline.audio.decode import open_audio
from pipeline.audio.mono import Mixer
from tests.pipeline import plucked_notes
from tests.pipeline.data import hostile_files

FORMATS = [
    ("a.wav", {"subtype": "PCM_16"}, 1e-4),
    ("a.wav", {"subtype": "PCM_24"}, 1e-6),
    ("a.wav", {"subtype": "FLOAT"}, 1e-6),
    ("a.flac", {"subtype": "PCM_24"}, 1e-6),
    ("a.aiff", {"subtype": "PCM_16"}, 1e-4),
    ("a.ogg", {}, 0.1),
    ("a.mp3", {}, 0.1),
]


def chunks_of(path: Path, sampling_rate: int, seconds: int) -> list[torch.Tensor]:
    """A whole file in chunks."""
    with open_audio(path) as sound:
        return list(audio_files.read_in_chunks(sound, sampling_rate, Mixer(), seconds))


@pytest.mark.parametrize(("name", "how", "tolerance"), FORMATS)
def test_every_format_is_decoded(
    tmp_path: Path, name: str, how: dict[str, str], tolerance: float
) -> None:
    sound = plucked_notes.pluck(1, 1.5, 22_050, channels=2)
    path = plucked_notes.write(tmp_path / name, sound, 22_050, **how)
    waveform = audio_files.read_mono(path, 22_050, seconds=1.0)
    assert waveform.shape == (22_050,)
    error = waveform.numpy() - sound.mean(axis=1)[:22_050]
    assert np.sqrt(np.mean(error**2)) < tolerance
    assert torch.equal(audio_files.read_mono(path.read_bytes(), 22_050, seconds=1.0), waveform)


def test_an_excerpt_equals_the_same_part_of_the_whole(tmp_path: Path) -> None:
    path = plucked_notes.write(tmp_path / "a.wav", plucked_notes.pluck(2, 4, 44_100), 44_100)
    whole = audio_files.read_mono(path, 22_050)
    cut = audio_files.read_mono(path, 22_050, start=0.0, seconds=1.5)
    torch.testing.assert_close(cut, whole[: len(cut)], atol=1e-6, rtol=0)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("beyond", [-1, 0, 1, 22_050])
@pytest.mark.parametrize("seconds", [1, 3, 5])
def test_chunks_join_without_a_seam(tmp_path: Path, rate: int, seconds: int, beyond: int) -> None:
    # Lengths at which chunks of two seconds, or their context, begin or end.
    noise = np.random.default_rng(5).uniform(-1, 1, (seconds * rate + beyond, 2))
    path = plucked_notes.write(tmp_path / "a.wav", noise.astype(np.float32), rate, subtype="FLOAT")
    chunks = chunks_of(path, 22_050, seconds=2)
    assert all(len(chunk) == 2 * 22_050 for chunk in chunks[:-1])
    torch.testing.assert_close(
        torch.cat(chunks), audio_files.read_mono(path, 22_050), atol=2e-6, rtol=0
    )


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.flac", "a.aiff"])
def test_chunks_of_every_format_join(tmp_path: Path, name: str) -> None:
    path = plucked_notes.write(
        tmp_path / name, plucked_notes.pluck(6, 4.7, 44_100, channels=2), 44_100
    )
    chunks = torch.cat(chunks_of(path, 22_050, seconds=1))
    torch.testing.assert_close(chunks, audio_files.read_mono(path, 22_050), atol=2e-6, rtol=0)


def test_chunks_end_with_the_data_despite_a_wrong_header(tmp_path: Path) -> None:
    samples = (plucked_notes.pluck(7, 3.3, 8000) * 32767).astype("<i2").tobytes()
    path = tmp_path / "a.wav"
    path.write_bytes(hostile_files.wav_header(b"", 8000, 3600 * 16_000) + samples)
    assert sum(map(len, chunks_of(path, 8000, seconds=1))) == len(samples) // 2


def test_a_file_written_in_parts_has_the_same_bytes(tmp_path: Path) -> None:
    samples = audio_files.to_int16(torch.from_numpy(plucked_notes.pluck(8, 3, 22_050)[:, 0]))
    audio_files.write_flac(tmp_path / "whole.flac", samples, 22_050)
    audio_files.write_flac_parts(
        tmp_path / "parts.flac", np.array_split(samples, [1, 5000, 5001]), 22_050
    )
    assert (tmp_path / "parts.flac").read_bytes() == (tmp_path / "whole.flac").read_bytes()


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 96_000])
def test_resampling_agrees_with_scipy(rate: int) -> None:
    sound = plucked_notes.pluck(3, 1, rate)[:, 0]
    ours = resample.resample(torch.from_numpy(sound), rate, 22_050).numpy()
    gcd = np.gcd(rate, 22_050)
    theirs = resample_poly(sound, 22_050 // gcd, rate // gcd, window=("kaiser", 14.0))
    inner = slice(500, min(len(ours), len(theirs)) - 500)
    error = ours[inner] - theirs[inner]
    assert 10 * np.log10(np.mean(theirs[inner] ** 2) / np.mean(error**2)) > 25


def test_aliases_are_attenuated() -> None:
    time = np.arange(48_000) / 48_000
    tone = torch.from_numpy(np.sin(2 * np.pi * 15_000 * time).astype(np.float32))
    assert resample.resample(tone, 48_000, 22_050)[500:-500].abs().max() < 1e-4


def test_16_bit_samples_round_trip_exactly(tmp_path: Path) -> None:
    samples = np.arange(-32_768, 32_768, dtype=np.int16)
    assert np.array_equal(audio_files.to_int16(audio_files.to_float(samples)), samples)
    audio_files.write_flac(tmp_path / "x" / "a.flac", samples, 22_050)
    assert np.array_equal(soundfile.read(tmp_path / "x" / "a.flac", dtype="int16")[0], samples)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not music at all" * 100])
def test_garbage_is_unreadable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(UnreadableFile):
            audio_files.read_mono(source, 22_050)
