"""Copies of recordings: how many altered copies are found, false pairs, and speed on one core.

    .venv/bin/python benchmarks/recordings.py [--clips 50] [--timed 1000] [--seconds 5 3]

Copies are made of clips of ../shared/data that were not used to choose the thresholds: ten
alterations of issue 15, ten others, and some that show the limits. Prints how many are found, every
pair found among the 250 clips with an independent measure (the correlation of the waveforms between
300 and 3000 Hz at the best shift), every pair in the embedded music, and the time for many
clips: the real ones at various speeds, which makes them different recordings.
"""

import argparse
import io
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import av
import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy import signal

from pipeline.audio.resample import resample
from pipeline.data.demo.rendering import render_genre
from pipeline.data.demo.styles import GENRES
from pipeline.data.recordings import copies

REAL = Path(__file__).parents[2] / "shared" / "data" / "gtzan-250"
RATE = 22_050

Sound = NDArray[np.float64]
Alteration = Callable[[Sound], Sound]


def through(sound: Sound, codec: str, container: str, kilobits: int, rate: int = RATE) -> Sound:
    """Encode at a bit rate and sampling rate, and decode."""
    content = io.BytesIO()
    with av.open(content, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout, stream.bit_rate = "mono", 1000 * kilobits
        values = np.clip(at_rate(sound, RATE, rate), -1, 1).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(values[None], format="flt", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)
    content.seek(0)
    with av.open(content, "r") as file:
        back = av.AudioResampler(format="flt", layout="mono", rate=rate)
        parts = [
            part.to_ndarray()[0] for frame in file.decode(audio=0) for part in back.resample(frame)
        ]
    return at_rate(np.concatenate(parts).astype(np.float64), rate, RATE)


def at_rate(sound: Sound, before: int, after: int) -> Sound:
    """Resample."""
    return resample(torch.from_numpy(sound).float(), before, after).numpy().astype(np.float64)


def by_way_of(sound: Sound, rate: int) -> Sound:
    """Resample and back."""
    return at_rate(at_rate(sound, RATE, rate), rate, RATE)


def butterworth(sound: Sound, order: int, frequencies: object, kind: str) -> Sound:
    """Filter."""
    return signal.sosfilt(signal.butter(order, frequencies, kind, fs=RATE, output="sos"), sound)


def equalised(sound: Sound) -> Sound:
    """5 dB more below 250 Hz, 4 dB less above 2500 Hz."""
    low, high = butterworth(sound, 1, 250, "low"), butterworth(sound, 1, 2500, "high")
    return 0.5 * (sound + 0.78 * low - 0.37 * high)


def noisy(sound: Sound, ratio: float) -> Sound:
    """Add white noise; `ratio` in dB."""
    noise = np.random.default_rng(len(sound)).standard_normal(len(sound))
    return sound + noise * np.sqrt((sound**2).mean()) * 10 ** (-ratio / 20)


def later(sound: Sound, seconds: float) -> Sound:
    """Leave out the beginning."""
    return sound[round(seconds * RATE) :]


def faded(sound: Sound, seconds: float) -> Sound:
    """Fade in."""
    return sound * np.minimum(np.arange(len(sound)) / (seconds * RATE), 1)


def compressed(sound: Sound) -> Sound:
    """Halve the dynamic range in dB, with a time constant of 30 ms."""
    decay = np.exp(-1 / (0.03 * RATE))
    envelope = signal.lfilter([1 - decay], [1, -decay], np.abs(sound)) + 1e-3
    return 0.3 * sound / np.sqrt(envelope / envelope.max())


def reverberated(sound: Sound) -> Sound:
    """Add a reverberation of 0.7 s as strong as the sound."""
    time_ = np.arange(round(0.5 * RATE)) / RATE
    room = np.random.default_rng(0).standard_normal(len(time_)) * np.exp(-time_ / 0.1)
    room *= 1 / np.sqrt((room**2).sum())
    room[0] += 1
    return signal.fftconvolve(sound, room)[: len(sound)]


def faster(sound: Sound, ratio: float) -> Sound:
    """Play at another speed, by linear interpolation."""
    return np.interp(np.arange(0, len(sound) - 1, ratio), np.arange(len(sound)), sound)


ALTERATIONS: dict[str, dict[str, Alteration]] = {
    "issue 15": {
        "MP3, 64 kbit/s": lambda x: through(x, "libmp3lame", "mp3", 64),
        "−6 dB": lambda x: 0.5 * x,
        "1.3 s later": lambda x: later(x, 1.3),
        "by way of 16 kHz": lambda x: by_way_of(x, 16_000),
        "by way of 11 kHz": lambda x: by_way_of(x, 11_025),
        "stereo to mono, 48 kHz": lambda x: by_way_of((1.3 * x + 0.7 * np.roll(x, 3)) / 2, 48_000),
        "low-pass, 4 kHz": lambda x: butterworth(x, 6, 4000, "low"),
        "equaliser": equalised,
        "noise, −30 dB": lambda x: noisy(x, 30),
        "0.41 s later, fade-in, MP3": lambda x: through(
            faded(later(x, 0.4137), 1), "libmp3lame", "mp3", 64
        ),
    },
    "others": {
        "MP3, 32 kbit/s, 44.1 kHz": lambda x: later(
            through(x, "libmp3lame", "mp3", 32, 44_100), 0.37
        ),
        "AAC, 48 kbit/s, clipped": lambda x: through(1.4 * x, "aac", "adts", 48, 44_100),
        "Opus, 24 kbit/s": lambda x: later(through(x, "libopus", "ogg", 24, 48_000), 0.2),
        "clipped by 6 dB": lambda x: np.clip(x / np.abs(x).max(), -0.5, 0.5),
        "1.3007 s later, MP3": lambda x: later(through(x, "libmp3lame", "mp3", 64), 1.3007),
        "telephone, 300–3400 Hz": lambda x: butterworth(later(x, 0.5), 4, (300, 3400), "band"),
        "noise, −20 dB": lambda x: noisy(later(x, 0.1), 20),
        "1.295 s later, equaliser, 11 kHz": lambda x: by_way_of(
            equalised(later(x, 1.2951)), 11_025
        ),
        "compressor": lambda x: compressed(later(x, 0.25)),
        "fade-in of 2 s, −12 dB": lambda x: 0.25 * faded(later(x, 0.05), 2),
    },
    "limits": {
        "noise, −10 dB": lambda x: noisy(x, 10),
        "reverberation": reverberated,
        "0.1 % faster": lambda x: faster(x, 1.001),
        "2 % faster": lambda x: faster(x, 1.02),
    },
}


def to_int16(sound: Sound) -> NDArray[np.int16]:
    """Scale down to full scale if beyond, and round."""
    return np.round(32_767 * sound / max(1, np.abs(sound).max())).astype(np.int16)


def altered(name: str, group: str, clips: NDArray[np.int16], samples: int) -> NDArray[np.int16]:
    """Copies of clips; what a shift leaves missing at the end is filled with other music."""
    torch.set_num_threads(1)
    made = []
    for row, clip in enumerate(clips):
        sound = to_int16(ALTERATIONS[group][name](clip / 32_768))
        made.append(np.concatenate([sound, clips[row - 1][::-1]])[:samples])
    return np.stack(made)


def found(clips: NDArray[np.int16], others: NDArray[np.int16]) -> int:
    """Number of clips paired with their copy."""
    pairs = set(copies(np.concatenate([clips, others]), RATE))
    return sum((row, row + len(clips)) in pairs for row in range(len(clips)))


def correlation(first: NDArray[np.int16], second: NDArray[np.int16]) -> tuple[float, float]:
    """Best shift in seconds and correlation there, of band-passed waveforms, over shifts with an
    overlap of at least a second."""
    a, b = (butterworth(x / 32_768, 4, (300, 3000), "band") for x in (first, second))
    size = len(a)
    shared = signal.fftconvolve(a, b[::-1])
    energy = [np.concatenate([[0], np.cumsum(x**2)]) for x in (a, b)]
    lags = np.arange(1 - size, size)
    begin, end = np.maximum(lags, 0), np.minimum(size, size + lags)
    norm = (energy[0][end] - energy[0][begin]) * (energy[1][end - lags] - energy[1][begin - lags])
    values = np.where(end - begin >= RATE, shared / np.sqrt(norm + 1e-12), 0)
    best = int(np.argmax(np.abs(values)))
    return lags[best] / RATE, float(values[best])


def embedded(genre: str) -> list[NDArray[np.int16]]:
    """The embedded clips of a genre, as in a study by default."""
    files = render_genre(genre, 24, 42).values()
    return [soundfile.read(io.BytesIO(content), dtype="int16")[0] for content in files]


def main() -> None:
    """Make copies, search, and print."""
    options = argparse.ArgumentParser()
    options.add_argument("--clips", type=int, default=50)
    options.add_argument("--timed", type=int, default=1000)
    options.add_argument("--seconds", type=int, nargs="+", default=[5, 3])
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    console = Console(width=100)
    with ProcessPoolExecutor(chosen.workers) as pool:
        genres = sorted(GENRES)
        demo = np.stack([clip for clips in pool.map(embedded, genres) for clip in clips])
        for seconds in chosen.seconds:
            pairs = copies(demo[:, : seconds * RATE], RATE)
            console.print(f"pairs in {len(demo)} embedded clips of {seconds} s: {pairs or 'none'}")
        if not REAL.is_dir():
            console.print("No music in ../shared/data/gtzan-250: nothing else to measure.")
            return
        files = sorted(REAL.glob("*/*.flac"))
        music = np.stack([soundfile.read(file, dtype="int16")[0] for file in files])
        # Thresholds were chosen on the first 50 of this order.
        order = np.random.default_rng(5).permutation(len(music))
        table = Table("copies found", *[f"{seconds} s" for seconds in chosen.seconds])
        for turn, (group, alterations) in enumerate(ALTERATIONS.items()):
            first = 50 + turn * chosen.clips % 200
            clips = music[order[first : first + chosen.clips]]
            counts = []
            for seconds in chosen.seconds:
                make = partial(altered, group=group, clips=clips, samples=seconds * RATE)
                made = pool.map(make, alterations)
                counts.append([found(clips[:, : seconds * RATE], others) for others in made])
            for name, row in zip(alterations, zip(*counts, strict=True), strict=True):
                table.add_row(f"{group}: {name}", *[f"{count} of {len(clips)}" for count in row])
            totals = [f"{sum(column) / len(column) / len(clips):.1%}" for column in counts]
            table.add_row(f"{group}, all", *totals, end_section=True)
        console.print(table)
    for one, other in copies(music, RATE):
        shift, value = correlation(music[one], music[other])
        console.print(
            f"pair in {len(music)} real clips: {files[one].stem}, {files[other].stem}, "
            f"shift {shift:.4f} s, correlation {value:.2f}"
        )
    speeds = 1.03 ** np.arange(-(-chosen.timed // len(music)))
    many = np.concatenate(
        [
            [to_int16(faster(np.tile(clip / 32_768, 4), s))[:110_250] for clip in music]
            for s in speeds
        ]
    )[: chosen.timed]
    began, began_cpu = time.perf_counter(), time.process_time()
    pairs = copies(many, RATE)
    console.print(
        f"{len(many)} clips of 5 s on one thread: {time.perf_counter() - began:.1f} s, "
        f"{time.process_time() - began_cpu:.1f} s of processor time, {len(pairs)} pairs"
    )


if __name__ == "__main__":
    main()
