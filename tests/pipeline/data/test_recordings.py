"""Copies of a recording are found however they were altered; music that shares loops is not."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray
from scipy import signal

from pipeline.audio.resample import resample
from pipeline.data import recordings
from pipeline.data.demo.rendering import render_genre
from pipeline.data.recordings import copies

RATE = 16_000

Sound = NDArray[np.float64]


def music(seed: int, seconds: float = 5, rate: int = RATE) -> Sound:
    """Chords of decaying tones, a new one every 0.15 s, with a little noise."""
    random = np.random.default_rng(seed)
    time = np.arange(round(0.15 * rate)) / rate
    chords = [
        sum(np.sin(2 * np.pi * tone * time) for tone in random.uniform(150, 3400, 5))
        * np.exp(-10 * time)
        for _ in range(int(seconds / 0.15) + 2)
    ]
    sound = np.concatenate(chords)[: round(seconds * rate)]
    return 0.15 * sound + 0.002 * random.standard_normal(len(sound))


def to_int16(*sounds: Sound) -> NDArray[np.int16]:
    return np.stack([np.round(30_000 * sound) for sound in sounds]).astype(np.int16)


def through_mp3(sound: Sound) -> Sound:
    content = io.BytesIO()
    soundfile.write(content, sound, RATE, format="MP3")
    content.seek(0)
    return soundfile.read(content)[0]


def by_way_of(sound: Sound, rate: int) -> Sound:
    there = resample(torch.from_numpy(sound).float(), RATE, rate)
    return resample(there, rate, RATE).numpy().astype(np.float64)


def filtered(sound: Sound, kind: str, frequencies: object) -> Sound:
    return signal.sosfilt(signal.butter(4, frequencies, kind, fs=RATE, output="sos"), sound)


def later(sound: Sound, seconds: float) -> Sound:
    """Shifted by a time that is no whole number of frames, with other music at the end."""
    shift = round(seconds * RATE)
    return np.concatenate([sound[shift:], music(99)[:shift]])


def earlier(sound: Sound, seconds: float) -> Sound:
    shift = round(seconds * RATE)
    return np.concatenate([music(98)[:shift], sound[:-shift]])


ALTERATIONS: dict[str, Callable[[Sound], Sound]] = {
    "identical": lambda sound: sound,
    "-6 dB": lambda sound: 0.5 * sound,
    "inverted": lambda sound: -sound,
    "MP3": through_mp3,
    "by way of 11025 Hz": lambda sound: by_way_of(sound, 11_025),
    "by way of 48000 Hz": lambda sound: by_way_of(sound, 48_000),
    "1.3 s later": lambda sound: later(sound, 1.3),
    "1.3 s earlier": lambda sound: earlier(sound, 1.3),
    "half a clip and half a frame later": lambda sound: later(sound, 2.504),
    "low-pass": lambda sound: filtered(sound, "low", 4000),
    "telephone": lambda sound: filtered(sound, "band", (300, 3400)),
    "noise": lambda sound: sound + 0.003 * np.random.default_rng(1).standard_normal(len(sound)),
    "fade-in": lambda sound: sound * np.linspace(0, 1, len(sound)),
    "silence at the end": lambda sound: np.where(np.arange(len(sound)) < 2.6 * RATE, sound, 0),
    "later, MP3": lambda sound: through_mp3(later(sound, 0.777)),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_altered_copy_is_found_among_other_recordings(name: str) -> None:
    originals = [music(seed) for seed in range(1, 5)]
    changed = [ALTERATIONS[name](sound) for sound in originals[:3]]
    assert copies(to_int16(*originals, *changed), RATE) == [(0, 4), (1, 5), (2, 6)]


@pytest.mark.parametrize("rate", [8000, 22_050, 48_000])
def test_copies_are_found_at_any_sampling_rate(rate: int) -> None:
    originals = [music(seed, 4.3, rate) for seed in range(1, 4)]
    shift, length = round(1.3 * rate), 3 * rate
    parts = [sound[:length] for sound in originals] + [
        0.5 * sound[shift:][:length] for sound in originals
    ]
    assert copies(to_int16(*parts), rate) == [(0, 3), (1, 4), (2, 5)]


def test_a_minute_later_in_long_clips() -> None:
    """Longer than a block; few of the pairs of peaks are kept."""
    one, other = (music(seed, 130, 8000) for seed in (1, 2))
    parts = [one[: 90 * 8000], other[: 90 * 8000], one[40 * 8000 - 33 :][: 90 * 8000]]
    assert copies(to_int16(*parts), 8000) == [(0, 2)]


def test_pieces_that_share_a_drum_loop_are_no_copies() -> None:
    random = np.random.default_rng(1)
    beat = random.standard_normal(RATE // 4) * np.exp(-np.arange(RATE // 4) / 800)
    drums = 0.05 * np.tile(beat, 20)
    pieces = to_int16(*[drums + 0.6 * music(seed) for seed in (1, 2, 3)])
    table = np.sort(
        np.concatenate(
            [
                recordings._entries(row, *recordings._peak_pairs(clip, RATE))
                for row, clip in enumerate(pieces)
            ]
        )
    )
    first = recordings._entries(0, *recordings._peak_pairs(pieces[0], RATE))
    assert recordings._candidates(0, first, table), "the loop should make them candidates"
    assert copies(pieces, RATE) == []


@pytest.mark.slow
def test_embedded_pieces_are_no_copies() -> None:
    files = {**render_genre("reggae", 6, 42), **render_genre("hiphop", 6, 42)}
    clips = [soundfile.read(io.BytesIO(content), dtype="int16")[0] for content in files.values()]
    assert copies(np.stack(clips), 22_050) == []
    assert copies(np.stack([*clips, clips[3] // 3]), 22_050) == [(3, 12)]


@pytest.mark.slow
def test_many_copies_are_all_connected() -> None:
    clips = to_int16(*[(0.3 + 0.05 * turn) * music(1) for turn in range(12)], music(2))
    pairs = copies(clips, RATE)
    reached = {11}
    for one, other in reversed(pairs):  # from higher to lower rows
        assert other in reached
        reached.add(one)
    assert reached == set(range(12))


@pytest.mark.parametrize("samples", [0, 1, 500, 8000])
@pytest.mark.parametrize("value", [0, 5000])
def test_clips_without_music_have_no_copies(samples: int, value: int) -> None:
    assert copies(np.full((3, samples), value, np.int16), 8000) == []


def test_no_clips() -> None:
    assert copies(np.empty((0, 8000), np.int16), 8000) == []


def test_a_corpus_on_disk_gives_the_same(tmp_path: Path) -> None:
    clips = to_int16(music(1), later(music(1), 0.4), music(2))
    on_disk = np.memmap(tmp_path / "clips", np.int16, "w+", shape=clips.shape)
    on_disk[:] = clips
    assert copies(on_disk, RATE) == copies(clips, RATE) == [(0, 1)]


def test_recordings_that_gtzan_has_twice(real_music: Path) -> None:
    """Listed by Sturm, "The GTZAN dataset" (2013)."""
    files = [
        file
        for genre in ("jazz", "pop", "reggae")
        for file in sorted((real_music / "gtzan-250").glob(f"{genre}/*"))
    ]
    clips = np.stack([soundfile.read(file, dtype="int16")[0] for file in files])
    pairs = [(files[one].stem, files[other].stem) for one, other in copies(clips, 22_050)]
    assert pairs == [
        ("jazz.00039", "jazz.00065"),
        ("pop.00087", "pop.00090"),
        ("reggae.00073", "reggae.00074"),
    ]
