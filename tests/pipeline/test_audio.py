"""Reading real files of every format, resampling, and 16-bit exactness."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import resample_poly

from pipeline import audio
from tests.pipeline import music

FORMATS = [
    ("a.wav", {"subtype": "PCM_16"}, 1e-4),
    ("a.wav", {"subtype": "PCM_24"}, 1e-6),
    ("a.wav", {"subtype": "FLOAT"}, 1e-6),
    ("a.flac", {"subtype": "PCM_24"}, 1e-6),
    ("a.aiff", {"subtype": "PCM_16"}, 1e-4),
    ("a.ogg", {}, 0.1),
    ("a.mp3", {}, 0.1),
]


@pytest.mark.parametrize(("name", "how", "tolerance"), FORMATS)
def test_every_format_gives_its_music_back(
    tmp_path: Path, name: str, how: dict[str, str], tolerance: float
) -> None:
    sound = music.pluck(1, 1.5, 22_050, channels=2)
    path = music.write(tmp_path / name, sound, 22_050, **how)
    waveform = audio.read(path, 22_050, seconds=1.0)
    assert waveform.shape == (22_050,)
    error = waveform.numpy() - sound.mean(axis=1)[:22_050]
    assert np.sqrt(np.mean(error**2)) < tolerance
    assert torch.equal(audio.read(path.read_bytes(), 22_050, seconds=1.0), waveform)


def test_a_cut_is_the_same_as_cutting_the_whole(tmp_path: Path) -> None:
    path = music.write(tmp_path / "a.wav", music.pluck(2, 4, 44_100), 44_100)
    whole = audio.read(path, 22_050)
    cut = audio.read(path, 22_050, start=0.0, seconds=1.5)
    torch.testing.assert_close(cut, whole[: len(cut)], atol=1e-6, rtol=0)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 96_000])
def test_resampling_agrees_with_another_librarys(rate: int) -> None:
    sound = music.pluck(3, 1, rate)[:, 0]
    ours = audio.resample(torch.from_numpy(sound), rate, 22_050).numpy()
    gcd = np.gcd(rate, 22_050)
    theirs = resample_poly(sound, 22_050 // gcd, rate // gcd, window=("kaiser", 14.0))
    inner = slice(500, min(len(ours), len(theirs)) - 500)
    error = ours[inner] - theirs[inner]
    assert 10 * np.log10(np.mean(theirs[inner] ** 2) / np.mean(error**2)) > 25


def test_what_would_alias_is_gone() -> None:
    time = np.arange(48_000) / 48_000
    tone = torch.from_numpy(np.sin(2 * np.pi * 15_000 * time).astype(np.float32))
    assert audio.resample(tone, 48_000, 22_050)[500:-500].abs().max() < 1e-4


def test_sixteen_bits_go_round_exactly(tmp_path: Path) -> None:
    samples = np.arange(-32_768, 32_768, dtype=np.int16)
    assert np.array_equal(audio.to_int16(audio.to_float(samples)), samples)
    audio.write(tmp_path / "x" / "a.flac", samples, 22_050)
    assert np.array_equal(soundfile.read(tmp_path / "x" / "a.flac", dtype="int16")[0], samples)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not music at all" * 100])
def test_garbage_is_unreadable_not_a_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(audio.Unreadable):
            audio.read(source, 22_050)
