"""Files to waveforms and back: read, mix to mono, resample, cut, write."""

import math
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torchaudio.transforms import Resample

from pipeline.quiet import quiet

MARGIN = 0.1
"""Seconds read beyond a cut, so that the resampling filter sees what follows it."""

SEAM = 1
"""The same, in whole seconds, on both sides of a stretch."""

BLOCK = 65_536
"""Frames decoded at once."""

RATES = (1_000, 768_000)
"""Sampling rates (Hz) that a file may state: beyond them a header is taken to be damaged."""

LARGEST_BANK = 4_000_000
"""Coefficients a filter bank may have: 48 to 22.05 kHz needs 0.1 million, 44 056 Hz (which
shares no factor with it) a thousand million."""


class Unreadable(Exception):
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
    """A file open for reading; decoding errors within the block are `Unreadable` too.

    Raises:
        Unreadable: as `read`.
    """
    try:
        with (
            quiet(),
            _file(source) as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            if not RATES[0] <= sound.samplerate <= RATES[1]:
                raise Unreadable(f"its header states a sampling rate of {sound.samplerate} Hz")
            yield sound
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        # libsndfile names the descriptor, which tells a user nothing.
        raise Unreadable(re.sub(r"^Error opening \d+: |^Error : ", "", reason)) from None


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


def resample(waveform: torch.Tensor, source_rate: int, sampling_rate: int) -> torch.Tensor:
    """Change the rate of a waveform (…, samples) with a Kaiser-windowed sinc filter.

    The filter keeps 94 % of the band and attenuates what would alias by more than 100 dB
    (Smith, "Digital audio resampling", CCRMA; the window that `resampy` calls kaiser_best).
    """
    if source_rate == sampling_rate or waveform.shape[-1] == 0:
        return waveform
    step = source_rate // math.gcd(source_rate, sampling_rate)
    phases = sampling_rate // math.gcd(source_rate, sampling_rate)
    if step * phases > LARGEST_BANK:
        return _resample_directly(waveform, source_rate, sampling_rate)
    return _resampler(source_rate, sampling_rate)(waveform)


ZERO_CROSSINGS = 64
ROLLOFF = 0.9475937167399596
BETA = 14.769656459379492


@lru_cache(maxsize=16)
def _resampler(source_rate: int, sampling_rate: int) -> Resample:
    return Resample(
        source_rate,
        sampling_rate,
        resampling_method="sinc_interp_kaiser",
        lowpass_filter_width=ZERO_CROSSINGS,
        rolloff=ROLLOFF,
        beta=BETA,
    )


def _resample_directly(
    waveform: torch.Tensor, source_rate: int, sampling_rate: int
) -> torch.Tensor:
    """The same filter, its coefficients looked up for each sample instead of kept in a bank
    (Smith, section "Windowed sinc interpolation"), so that memory does not grow with rates
    that share no factor.
    """
    cutoff = min(source_rate, sampling_rate) * ROLLOFF / source_rate
    reach = math.ceil(ZERO_CROSSINGS / cutoff)
    length = -(-waveform.shape[-1] * sampling_rate // source_rate)
    padded = torch.nn.functional.pad(waveform, (reach, reach + 1))
    taps = torch.arange(-reach, reach + 1)
    half = _half_filter()
    result = waveform.new_empty(*waveform.shape[:-1], length)
    for first in range(0, length, 2048):
        ticks = torch.arange(first, min(first + 2048, length)) * source_rate
        part = (ticks % sampling_rate).double() / sampling_rate
        place = ((taps - part[:, None]).abs() * (cutoff * RESOLUTION)).float()
        below = place.int().clamp(max=len(half) - 2)
        filters = torch.lerp(half[below], half[below + 1], (place - below).clamp(max=1))
        stretch = padded[..., (ticks // sampling_rate)[:, None] + taps + reach]
        result[..., first : first + len(ticks)] = (stretch * filters).sum(-1) * cutoff
    return result


RESOLUTION = 4096
"""Points of the looked-up filter in a zero crossing: linear between them errs by 1e-7."""


@lru_cache(maxsize=1)
def _half_filter() -> torch.Tensor:
    """The windowed sinc from its middle to its end, `RESOLUTION` points a zero crossing."""
    time = torch.arange(ZERO_CROSSINGS * RESOLUTION + 1, dtype=torch.float64) / RESOLUTION
    window = torch.special.i0(BETA * (1 - (time / ZERO_CROSSINGS).square()).sqrt())
    half = torch.sinc(time) * window / window[0]
    return torch.cat([half, half.new_zeros(1)]).float()


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
