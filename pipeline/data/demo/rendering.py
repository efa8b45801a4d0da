"""From scores to sound: a General MIDI SoundFont, exact resampling, FLAC files in memory."""

import functools
import importlib.util
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from pipeline.data.demo import composition
from pipeline.data.demo import demo_songs as new_songs
from pipeline.data.demo.composition import SYNTHESIZER_RATE
from pipeline.data.demo.integer_resampling import Integers, resampled, saturated, scaled
from pipeline.data.demo.styles import SONGS
from pipeline.errors import StudyError

CLIP_RATE, CLIP_SAMPLES = 22_050, 110_250
SONG_RATE = 44_100
SOUNDFONT = "TimGM6mb.sf2"

# libFLAC's second level predicts in integers; higher ones use floats, whose last bits, and so
# the file's bytes, depend on the processor. 0.25 is that level for libsndfile.
COMPRESSION = 0.25


class DemoUnavailable(StudyError):
    """The embedded music cannot be rendered on this machine."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"The embedded music needs {missing}: install it with"
            ' "python -m pip install midirenderer pretty_midi" (there may be no build for this'
            " platform), or use your own music: set path under [data] in study.toml to a folder"
            " that holds a folder of audio files for each genre."
        )


def genre(name: str, clips: int, seed: int) -> dict[str, bytes]:
    """Compose and render the clips of one genre, in the GTZAN layout.

    Returns FLAC files by path, such as "blues/blues.00000.flac": mono, 22 050 Hz, 16 bits,
    110 250 samples. Clip i depends on seed, genre and i alone, so more clips keep the earlier.

    Raises DemoUnavailable where the synthesizer or its SoundFont is missing.
    """
    files = {}
    for index in range(clips):
        excerpt = composition.clip(name, seed, index)
        stereo = synthesized(excerpt.midi)[excerpt.skip :]
        played = saturated(stereo.sum(axis=1), excerpt.ceiling)
        mono = resampled(played, SYNTHESIZER_RATE, CLIP_RATE)[:CLIP_SAMPLES]
        files[f"{name}/{name}.{index:05d}.flac"] = _flac(scaled(mono, excerpt.level), CLIP_RATE)
    return files


def songs(seed: int) -> dict[str, bytes]:
    """Compose and render the four new songs.

    Returns FLAC files by name, such as "rap.flac": stereo, 44 100 Hz, 16 bits, over 20 s.

    Raises DemoUnavailable where the synthesizer or its SoundFont is missing.
    """
    files = {}
    for name in SONGS:
        excerpt = new_songs.song(name, seed)
        stereo = synthesized(excerpt.midi)[excerpt.skip :]
        played = saturated(stereo, excerpt.ceiling)
        channels = [resampled(channel, SYNTHESIZER_RATE, SONG_RATE) for channel in played.T]
        # One scale for both sides keeps the picture where it was mixed.
        files[f"{name}.flac"] = _flac(scaled(np.stack(channels, 1), excerpt.level), SONG_RATE)
    return files


def synthesized(midi: bytes) -> Integers:
    """Render a MIDI file: whole numbers of 16 bits, shape (samples, 2), at 48 kHz.

    Raises DemoUnavailable where the synthesizer or its SoundFont is missing.
    """
    try:
        from midirenderer import render_wave_from
    except ImportError as error:
        raise DemoUnavailable("the package midirenderer") from error
    samples, _ = soundfile.read(io.BytesIO(render_wave_from(soundfont(), midi)), dtype="int16")
    return np.asarray(samples, np.int64)


@functools.cache
def soundfont() -> bytes:
    """The General MIDI SoundFont inside the pretty_midi package, which need not be imported.

    Raises DemoUnavailable where there is none.
    """
    package = importlib.util.find_spec("pretty_midi")
    if package is None or package.origin is None:
        raise DemoUnavailable("the package pretty_midi")
    path = Path(package.origin).with_name(SOUNDFONT)
    try:
        return path.read_bytes()
    except OSError as error:
        raise DemoUnavailable(f"the SoundFont {SOUNDFONT} of the package pretty_midi") from error


def _flac(samples: npt.NDArray[np.int16], rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(
        file, samples, rate, format="FLAC", subtype="PCM_16", compression_level=COMPRESSION
    )
    return file.getvalue()
