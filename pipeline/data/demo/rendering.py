"""Render the embedded music: synthesize MIDI with a SoundFont, resample, encode as FLAC."""

import functools
import importlib.util
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from pipeline.data.demo.composition import SYNTHESIZER_RATE, compose_clip
from pipeline.data.demo.demo_songs import compose_song
from pipeline.data.demo.integer_resampling import Integers, resample, saturate, scale_to_peak
from pipeline.data.demo.styles import SONGS
from pipeline.errors import StudyError

CLIP_RATE, CLIP_SAMPLES = 22_050, 110_250
SONG_RATE = 44_100
SOUNDFONT = "TimGM6mb.sf2"

# libFLAC level 2 (0.25 for libsndfile): higher levels use floating-point prediction, so that the
# bytes of the file would depend on the processor.
COMPRESSION = 0.25


class DemoUnavailable(StudyError):
    """The embedded music cannot be rendered on this machine."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"the embedded music needs {missing}; run"
            ' "python -m pip install midirenderer pretty_midi" (not available on every platform),'
            " or use your own music: set data.path in study.toml to a folder with one subfolder"
            " per genre"
        )


def render_genre(name: str, clips: int, seed: int) -> dict[str, bytes]:
    """Compose and render the clips of one genre, in the GTZAN layout.

    Clip i depends on seed, genre and i only: raising `clips` does not change earlier clips.

    Args:
        name: one of `styles.GENRES`.
        clips: number of clips.
        seed: of the study.

    Returns:
        FLAC files by path, such as "blues/blues.00000.flac": mono, 22 050 Hz, 16 bits,
        110 250 samples.

    Raises:
        DemoUnavailable: the synthesizer or its SoundFont is missing.
    """
    files = {}
    for index in range(clips):
        excerpt = compose_clip(name, seed, index)
        stereo = synthesize(excerpt.midi)[excerpt.skip :]
        mastered = saturate(stereo.sum(axis=1), excerpt.ceiling)
        mono = resample(mastered, SYNTHESIZER_RATE, CLIP_RATE)[:CLIP_SAMPLES]
        content = _encode_flac(scale_to_peak(mono, excerpt.peak), CLIP_RATE)
        files[f"{name}/{name}.{index:05d}.flac"] = content
    return files


def render_songs(seed: int) -> dict[str, bytes]:
    """Compose and render the four new songs.

    Returns:
        FLAC files by name, such as "rap.flac": stereo, 44 100 Hz, 16 bits, over 20 s.

    Raises:
        DemoUnavailable: the synthesizer or its SoundFont is missing.
    """
    files = {}
    for name in SONGS:
        excerpt = compose_song(name, seed)
        stereo = synthesize(excerpt.midi)[excerpt.skip :]
        mastered = saturate(stereo, excerpt.ceiling)
        channels = [resample(channel, SYNTHESIZER_RATE, SONG_RATE) for channel in mastered.T]
        # Both channels are scaled together to preserve the stereo image.
        scaled = scale_to_peak(np.stack(channels, 1), excerpt.peak)
        files[f"{name}.flac"] = _encode_flac(scaled, SONG_RATE)
    return files


def synthesize(midi: bytes) -> Integers:
    """Render a MIDI file to 16-bit integers, shape (samples, 2), at 48 kHz.

    Raises:
        DemoUnavailable: the synthesizer or its SoundFont is missing.
    """
    try:
        from midirenderer import render_wave_from
    except ImportError as error:
        raise DemoUnavailable("the package midirenderer") from error
    samples, _ = soundfile.read(io.BytesIO(render_wave_from(load_soundfont(), midi)), dtype="int16")
    return np.asarray(samples, np.int64)


@functools.cache
def load_soundfont() -> bytes:
    """Content of the General MIDI SoundFont in the pretty_midi package, without importing it.

    Raises:
        DemoUnavailable: the package or the file is missing.
    """
    package = importlib.util.find_spec("pretty_midi")
    if package is None or package.origin is None:
        raise DemoUnavailable("the package pretty_midi")
    path = Path(package.origin).with_name(SOUNDFONT)
    try:
        return path.read_bytes()
    except OSError as error:
        raise DemoUnavailable(f"the SoundFont {SOUNDFONT} of the package pretty_midi") from error


def _encode_flac(samples: npt.NDArray[np.int16], rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(
        file, samples, rate, format="FLAC", subtype="PCM_16", compression_level=COMPRESSION
    )
    return file.getvalue()
