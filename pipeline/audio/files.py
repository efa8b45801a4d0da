"""Read audio files as waveforms (decode, mix to mono, resample, cut), and write FLAC."""

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

from pipeline.audio.decoder_warnings import mute_decoder
from pipeline.audio.resample import resample
from pipeline.engine.unchanged_file import cannot_be_read, open_file

MARGIN_SECONDS = 0.1
"""Decoded beyond the end of an excerpt, as context for the resampling filter."""

OVERLAP_SECONDS = 1
"""The same, in whole seconds, on both sides of a chunk."""

BLOCK_FRAMES = 65_536
"""Frames decoded at once."""

SAMPLING_RATE_RANGE = (1_000, 768_000)
"""Plausible sampling rates (Hz); a header with any other is considered damaged."""

SYSTEM_ERROR = 2
"""libsndfile's code of an error of the operating system (SF_ERR_SYSTEM)."""

Source = Path | bytes | BinaryIO
"""Path or content of a file, or an open file, which is read from its beginning."""


class UnreadableFile(Exception):
    """A file whose content cannot be decoded, with the decoder's reason."""


def read_mono(
    source: Source, sampling_rate: int, start: float = 0.0, seconds: float | None = None
) -> torch.Tensor:
    """Read an excerpt of a file as mono at `sampling_rate`.

    Only the excerpt is decoded, so that its cost does not depend on the length of the file.

    Args:
        source: see `Source`.
        sampling_rate: of the result, in Hz.
        start: of the excerpt, in seconds.
        seconds: length of the excerpt; None reads to the end of the file.

    Returns:
        A waveform of shape (samples,), float32; shorter than requested if the file ends before.

    Raises:
        UnreadableFile: the file is damaged or in a format that libsndfile does not know.
        StudyError: the file is missing, or its disk fails.
    """
    with open_audio(source) as sound:
        rate: int = sound.samplerate
        sound.seek(min(round(start * rate), sound.frames))
        frames = None if seconds is None else int(np.ceil((seconds + MARGIN_SECONDS) * rate))
        # Mix block by block: memory must not grow with the number of channels.
        mixed = [block.mean(axis=1) for block in read_blocks(sound, BLOCK_FRAMES, frames)]
    mono = resample(torch.from_numpy(np.concatenate(mixed)), rate, sampling_rate)
    return mono if seconds is None else mono[: round(seconds * sampling_rate)]


def read_in_chunks(source: Source, sampling_rate: int, seconds: int = 30) -> Iterator[torch.Tensor]:
    """Read a whole file like `read_mono`, in chunks.

    Each chunk is resampled together with `OVERLAP_SECONDS` around it and begins at a whole
    second, where input and output samples coincide: the chunks join without a seam.

    Args:
        source: see `Source`.
        sampling_rate: of the result, in Hz.
        seconds: length of a chunk.

    Yields:
        Waveforms of shape (samples,), float32; the last is shorter, or up to `OVERLAP_SECONDS`
        longer.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    with open_audio(source) as sound:
        rate: int = sound.samplerate
        buffer = np.zeros(0, np.float32)
        before, ended = 0, False
        while not ended:
            missing = (before + seconds + OVERLAP_SECONDS) * rate - len(buffer)
            mixed = [block.mean(axis=1) for block in read_blocks(sound, BLOCK_FRAMES, missing)]
            ended = sum(map(len, mixed)) < missing
            buffer = np.concatenate([buffer, *mixed])
            result = resample(torch.from_numpy(buffer), rate, sampling_rate)
            result = result[before * sampling_rate :]
            yield result if ended else result[: seconds * sampling_rate]
            buffer = buffer[(before + seconds - OVERLAP_SECONDS) * rate :]
            before = OVERLAP_SECONDS


def read_channels(source: Source, start: float, seconds: float) -> tuple[NDArray[np.float32], int]:
    """Read an excerpt of a file without mixing or resampling it.

    Returns:
        Samples of shape (frames, channels), and the sampling rate in Hz.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    with open_audio(source) as sound:
        rate: int = sound.samplerate
        sound.seek(min(round(start * rate), sound.frames))
        frames = int(np.ceil(seconds * rate))
        return np.concatenate(list(read_blocks(sound, BLOCK_FRAMES, frames))), rate


def read_blocks(
    sound: soundfile.SoundFile, frames: int, total: int | None = None
) -> Iterator[NDArray[np.float32]]:
    """Read an open file from its current position in blocks of shape (frames, channels).

    The length in the header is not trusted: no memory is allocated for it, and decoding alone
    determines the end of the file.

    Args:
        sound: an open file.
        frames: length of a block; the last one may be shorter.
        total: frames to read; None reads to the end of the file.
    """
    remaining = total
    while remaining is None or remaining > 0:
        requested = frames if remaining is None else min(frames, remaining)
        block = sound.read(requested, dtype="float32", always_2d=True)
        yield block
        if len(block) < requested:
            return
        remaining = None if remaining is None else remaining - requested


def duration(source: Source, stop_after: float = math.inf) -> float:
    """Length of a file in seconds: from its header if the last frame can be decoded, else counted.

    Args:
        source: see `Source`.
        stop_after: seconds after which counting stops; the result is then a lower bound.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    with open_audio(source) as sound:
        rate = float(sound.samplerate)
        try:
            sound.seek(max(sound.frames - 1, 0))
            if len(sound.read(1)) == min(sound.frames, 1):
                return sound.frames / rate
        except soundfile.SoundFileError:
            pass  # wrong header or truncated file: count
    seconds = 0.0
    with open_audio(source) as sound:
        for block in read_blocks(sound, BLOCK_FRAMES):
            seconds += len(block) / rate
            if seconds > stop_after:
                break
    return seconds


@contextmanager
def open_audio(source: Source) -> Iterator[soundfile.SoundFile]:
    """Open a file for reading; decoding errors inside the block raise `UnreadableFile` too.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    try:
        with (
            mute_decoder(),
            _file(source) as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            low, high = SAMPLING_RATE_RANGE
            if not low <= sound.samplerate <= high:
                raise UnreadableFile(f"implausible sampling rate of {sound.samplerate} Hz")
            yield sound
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        if getattr(error, "code", None) == SYSTEM_ERROR:
            where = tempfile.gettempdir() if isinstance(source, bytes) else source
            raise cannot_be_read(getattr(where, "name", where), reason) from None
        # Remove libsndfile's prefix: it contains a file descriptor.
        raise UnreadableFile(re.sub(r"^Error opening \d+: |^Error : ", "", reason)) from None


@contextmanager
def _file(source: Source) -> Iterator[BinaryIO]:
    """Open a file for its descriptor: given a path, libsndfile may decode garbage as raw samples
    because of the extension; given a Python file object, it loses exceptions."""
    if isinstance(source, bytes):
        with tempfile.TemporaryFile() as temporary:
            temporary.write(source)
            temporary.seek(0)
            yield temporary
    elif isinstance(source, Path):
        with open_file(source) as file:
            yield file
    else:
        source.seek(0)
        yield source


def to_int16(waveform: torch.Tensor) -> NDArray[np.int16]:
    """Round to 16 bits: exact for 16-bit sources; values beyond ±1 are clipped."""
    return (waveform.double() * 32768).round().clamp(-32768, 32767).to(torch.int16).numpy()


def to_float(samples: NDArray[np.int16]) -> torch.Tensor:
    """Convert 16-bit samples to a float32 waveform in [-1, 1); exact."""
    return torch.from_numpy(samples.astype(np.float32)) / 32768


def write_flac(path: Path, samples: NDArray[np.int16], sampling_rate: int) -> None:
    """Write a mono (samples,) or stereo (samples, channels) waveform as 16-bit FLAC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, sampling_rate, format="FLAC", subtype="PCM_16")


def write_flac_parts(path: Path, parts: Iterable[NDArray[np.int16]], sampling_rate: int) -> None:
    """Write a mono waveform, given in parts of shape (samples,), as 16-bit FLAC."""
    with soundfile.SoundFile(path, "w", sampling_rate, 1, "PCM_16", format="FLAC") as sound:
        for part in parts:
            sound.write(part)
