"""Read excerpts of audio files as mono waveforms at a given rate, and write FLAC."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from pipeline.audio.byte_source import Source
from pipeline.audio.decode import Sound, open_audio
from pipeline.audio.mono import Mixer
from pipeline.audio.resample import resample

MARGIN_SECONDS = 0.1
"""Decoded beyond the end of an excerpt, as context for the resampling filter."""

OVERLAP_SECONDS = 1
"""The same, in whole seconds, on both sides of a chunk."""

BLOCK_FRAMES = 65_536
"""Frames decoded at once."""


@dataclass
class Excerpt:
    """Part of a file, mixed and resampled.

    Attributes:
        waveform: shape (samples,), float32; shorter than requested if the file ends before.
        channel: index of the only channel used, because the channels cancel out; else None.
    """

    waveform: torch.Tensor
    channel: int | None = None


def read_mono(
    source: Source, sampling_rate: int, start: float = 0.0, seconds: float | None = None
) -> torch.Tensor:
    """Read an excerpt of a file as mono, the mean of its channels, at `sampling_rate`.

    Args:
        source: see `Source`.
        sampling_rate: of the result, in Hz.
        start: of the excerpt, in seconds.
        seconds: length of the excerpt; None reads to the end of the file.

    Returns:
        A waveform of shape (samples,), float32; shorter than requested if the file ends before.

    Raises:
        UnreadableFile: the content cannot be decoded.
        StudyError: the file is missing, or its disk fails.
    """
    with open_audio(source) as sound:
        sound.skip_to(round(start * sound.rate))
        return _read(sound, sampling_rate, seconds, Mixer())


def read_excerpt(source: Source, sound: Sound, sampling_rate: int, seconds: float) -> Excerpt:
    """Read an excerpt from the current position of an open file, which then is at its end.

    Args:
        source: of `sound`; decoded again if the channels cancel out.
        sound: the open file.
        sampling_rate: of the result, in Hz.
        seconds: length of the excerpt.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    position, mixer = sound.position, Mixer()
    waveform = _read(sound, sampling_rate, seconds, mixer)
    channel = mixer.louder_channel()
    if channel is not None:
        with open_audio(source) as again:
            again.skip_to(position)
            waveform = _read(again, sampling_rate, seconds, Mixer(channel))
    return Excerpt(waveform, channel)


def _read(sound: Sound, sampling_rate: int, seconds: float | None, mixer: Mixer) -> torch.Tensor:
    """Mix block by block: memory must not grow with the number of channels."""
    frames = None if seconds is None else int(np.ceil(seconds * sound.rate))
    mixed = [mixer.mix(block) for block in sound.blocks(BLOCK_FRAMES, frames)]
    if seconds is not None:
        context = sound.read(int(np.ceil(MARGIN_SECONDS * sound.rate)))
        mixed.append(Mixer(mixer.channel).mix(context))
        sound.unread(context)
    mono = resample(torch.from_numpy(np.concatenate(mixed)), sound.rate, sampling_rate)
    return mono if seconds is None else mono[: round(seconds * sampling_rate)]


def read_in_chunks(
    sound: Sound, sampling_rate: int, mixer: Mixer, seconds: int = 30
) -> Iterator[torch.Tensor]:
    """Read an open file to its end like `read_mono`, in chunks.

    Each chunk is resampled together with `OVERLAP_SECONDS` around it and begins at a whole
    second, where input and output samples coincide: the chunks join without a seam.

    Args:
        sound: the open file, at its beginning.
        sampling_rate: of the result, in Hz.
        mixer: mixes the channels.
        seconds: length of a chunk.

    Yields:
        Waveforms of shape (samples,), float32; the last is shorter, or up to `OVERLAP_SECONDS`
        longer.

    Raises:
        UnreadableFile, StudyError: as for `read_mono`.
    """
    rate = sound.rate
    buffer = np.zeros(0, np.float32)
    before, ended = 0, False
    while not ended:
        missing = (before + seconds + OVERLAP_SECONDS) * rate - len(buffer)
        mixed = [mixer.mix(block) for block in sound.blocks(BLOCK_FRAMES, missing)]
        ended = sum(map(len, mixed)) < missing
        buffer = np.concatenate([buffer, *mixed])
        result = resample(torch.from_numpy(buffer), rate, sampling_rate)
        result = result[before * sampling_rate :]
        yield result if ended else result[: seconds * sampling_rate]
        buffer = buffer[(before + seconds - OVERLAP_SECONDS) * rate :]
        before = OVERLAP_SECONDS


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
