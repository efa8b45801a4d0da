"""Files to waveforms and back: read, mix to mono, resample, cut, write."""

import math
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from pipeline.audio.mute_decoder import mute_decoder
from pipeline.audio.resample import resample

MARGIN = 0.1
"""Seconds read beyond a cut, so that the resampling filter sees what follows it."""

SEAM = 1
"""The same, in whole seconds, on both sides of a stretch."""

BLOCK = 65_536
"""Frames decoded at once."""

RATES = (1_000, 768_000)
"""Sampling rates (Hz) that a file may state: beyond them a header is taken to be damaged."""


class UnreadableFile(Exception):
    """A file that cannot be decoded, with the decoder's reason."""


def read(
    source: Path | bytes, sampling_rate: int, start: float = 0.0, seconds: float | None = None
) -> torch.Tensor:
    """Read a stretch of a file as mono at `sampling_rate`.

    Only what is asked for is decoded, so a file of hours costs what its stretch costs.

    Args:
        source: a file, or the bytes of one.
        sampling_rate: of the result, in Hz.
        start: where the stretch begins, in seconds.
        seconds: its length; to the end of the file if absent.

    Returns:
        A waveform of shape (samples,), float32; shorter than asked for where the file ends.

    Raises:
        Unreadable: the file is missing, damaged or in a format that libsndfile does not know.
    """
    with opened(source) as sound:
        rate: int = sound.samplerate
        sound.seek(min(round(start * rate), sound.frames))
        frames = None if seconds is None else int(np.ceil((seconds + MARGIN) * rate))
        # Mixed a block at a time: many channels cost no more memory than one.
        mixed = [block.mean(axis=1) for block in blocks(sound, BLOCK, frames)]
    mono = resample(torch.from_numpy(np.concatenate(mixed)), rate, sampling_rate)
    return mono if seconds is None else mono[: round(seconds * sampling_rate)]


def stretches(source: Path, sampling_rate: int, seconds: int = 30) -> Iterator[torch.Tensor]:
    """A whole file as `read` gives it, in order and so many seconds at a time.

    Each stretch is resampled with what lies `SEAM` seconds around it and begins at a whole
    second, where a sample of the file is one of the result's: no seam can be told.

    Yields:
        Waveforms of shape (samples,), float32; the last is shorter, or up to `SEAM` longer.

    Raises:
        Unreadable: as `read`.
    """
    with opened(source) as sound:
        rate: int = sound.samplerate
        held = np.zeros(0, np.float32)
        before, ended = 0, False
        while not ended:
            lacking = (before + seconds + SEAM) * rate - len(held)
            mixed = [block.mean(axis=1) for block in blocks(sound, BLOCK, lacking)]
            ended = sum(map(len, mixed)) < lacking
            held = np.concatenate([held, *mixed])
            result = resample(torch.from_numpy(held), rate, sampling_rate)
            result = result[before * sampling_rate :]
            yield result if ended else result[: seconds * sampling_rate]
            held = held[(before + seconds - SEAM) * rate :]
            before = SEAM


def read_channels(
    source: Path | bytes, start: float, seconds: float
) -> tuple[NDArray[np.float32], int]:
    """Read a stretch of a file as it is: samples (frames, channels) and its rate in Hz.

    Raises:
        Unreadable: as `read`.
    """
    with opened(source) as sound:
        rate: int = sound.samplerate
        sound.seek(min(round(start * rate), sound.frames))
        frames = int(np.ceil(seconds * rate))
        return np.concatenate(list(blocks(sound, BLOCK, frames))), rate


def blocks(
    sound: soundfile.SoundFile, frames: int, total: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Blocks of `frames` frames from where an open file stands, (frames, channels), the last
    one shorter; up to `total` frames, to the end of the file if absent.

    What decides the end is what is decoded: a header may state any length, so no memory is
    taken for it.
    """
    left = total
    while left is None or left > 0:
        wanted = frames if left is None else min(frames, left)
        block = sound.read(wanted, dtype="float32", always_2d=True)
        yield block
        if len(block) < wanted:
            return
        left = None if left is None else left - wanted


def duration(source: Path | bytes, enough: float = math.inf) -> float:
    """Length of a file in seconds: as its header states it if the last frame is there, else
    counted.

    Args:
        enough: seconds after which counting ends; the length is then only known to be more.

    Raises:
        Unreadable: as `read`.
    """
    with opened(source) as sound:
        rate = float(sound.samplerate)
        try:
            sound.seek(max(sound.frames - 1, 0))
            if len(sound.read(1)) == min(sound.frames, 1):
                return sound.frames / rate
        except soundfile.SoundFileError:
            pass  # the header lies, or the file is cut short: count
    seconds = 0.0
    with opened(source) as sound:
        for block in blocks(sound, BLOCK):
            seconds += len(block) / rate
            if seconds > enough:
                break
    return seconds


@contextmanager
def opened(source: Path | bytes) -> Iterator[soundfile.SoundFile]:
    """A file open for reading; decoding errors within the block are `UnreadableFile` too.

    Raises:
        Unreadable: as `read`.
    """
    try:
        with (
            mute_decoder(),
            _file(source) as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            if not RATES[0] <= sound.samplerate <= RATES[1]:
                raise UnreadableFile(f"its header states a sampling rate of {sound.samplerate} Hz")
            yield sound
    except OSError as error:
        raise UnreadableFile(error.strerror or str(error)) from None
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        # libsndfile names the descriptor, which tells a user nothing.
        raise UnreadableFile(re.sub(r"^Error opening \d+: |^Error : ", "", reason)) from None


@contextmanager
def _file(source: Path | bytes) -> Iterator[BinaryIO]:
    """An open file, for its descriptor: from a path's ending libsndfile would take garbage for
    raw samples, and its calls back into Python lose exceptions."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        file.write(source)
        file.seek(0)
        yield file


def to_int16(waveform: torch.Tensor) -> NDArray[np.int16]:
    """Round to 16 bits: exact for 16-bit sources, clipped beyond ±1 as any player would."""
    return (waveform.double() * 32768).round().clamp(-32768, 32767).to(torch.int16).numpy()


def to_float(samples: NDArray[np.int16]) -> torch.Tensor:
    """The float32 waveform in [-1, 1) of 16-bit samples; exact."""
    return torch.from_numpy(samples.astype(np.float32)) / 32768


def write(path: Path, samples: NDArray[np.int16], sampling_rate: int) -> None:
    """Write a mono (samples,) or stereo (samples, channels) waveform as 16-bit FLAC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, sampling_rate, format="FLAC", subtype="PCM_16")


def write_parts(path: Path, parts: Iterable[NDArray[np.int16]], sampling_rate: int) -> None:
    """Write a mono waveform as `write` does, given in parts of shape (samples,)."""
    with soundfile.SoundFile(path, "w", sampling_rate, 1, "PCM_16", format="FLAC") as sound:
        for part in parts:
            sound.write(part)
