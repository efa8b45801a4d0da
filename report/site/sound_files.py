"""Writes the site's sounds; the versions of a song are matched in loudness.

Each version of a song is written to two files, where KEY is its path under the results' `audio/`
without the suffix:

    sonidos/KEY.js   FLAC file in a script, loaded on demand by the comparator: a page opened with
                     file:// cannot fetch other files
    audio/KEY.mp3    for native players, without scripts, and for links

To keep the site small, baseline methods and untrained networks are only written for the song of the
test set, and test clips are MP3 in both files. So are generated sounds (see generated_sounds.py).

Encoded files and measured levels are kept between renders, each under a digest of what it depends
on.
"""

import functools
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.engine.pool import cpu_count
from pipeline.results.schema import Song
from report import byte_text
from report.errors import ReportError
from report.page_cache import Kept
from report.queries.results import Results

Samples = NDArray[np.float64]

MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
SONG_COMPRESSION = 0.6
"""Compression level of the MP3 encoder, from 0 (best quality) to 1 (smallest file)."""

MAX_PEAK = 0.99
"""Maximum absolute sample value after loudness matching."""

MIN_LOUDNESS_SECONDS = 0.4
"""Minimum duration for measuring loudness: the gating block of ITU-R BS.1770."""

MAX_GAIN = 40.0
"""Maximum gain in dB, so that near-silent versions stay quiet."""

MIN_RESIDUAL_PEAK = 1 / 32768
"""Peak below which a residual is silent: one step of 16-bit audio."""

LIBRARIES = ("soundfile", "pyloudnorm", "scipy")
"""Libraries whose version affects kept files."""


@dataclass(frozen=True)
class Sound:
    """A version of a song on the site.

    Attributes:
        version: `original`, `excerpt`, FAMILY.SIZE or `baseline.METHOD.SIZE`.
        key: base name of its files (see `sound_key`).
        loudness: integrated loudness in LUFS before matching; None if it cannot be measured.
        gain: gain in dB applied to its files.
        residual_gain: gain in dB that brings the residual (original minus version) to the
            original's loudness; None for the original and for a perfect copy.
    """

    version: str
    key: str
    loudness: float | None
    gain: float
    residual_gain: float | None


def loudness(samples: Samples, rate: int) -> float | None:
    """Return the integrated loudness in LUFS (ITU-R BS.1770-4); None if too short or silent."""
    # Imported here: it imports SciPy, which is slow and not needed when sounds are cached.
    import pyloudnorm

    if len(samples) < MIN_LOUDNESS_SECONDS * rate:
        return None
    value = float(pyloudnorm.Meter(rate).integrated_loudness(samples))
    return value if np.isfinite(value) else None


def sound_key(audio: str) -> str:
    """Return the base name of a sound's files on the site from its path in the results."""
    return audio.removeprefix("audio/").removesuffix(".flac")


def write(results: Results, kept: Kept, site: Path) -> dict[str, list[Sound]]:
    """Write songs and test clips, in a thread per core; return the songs' by the song's name.

    Songs have both files of every version; test clips are MP3 in both, without loudness matching.

    Raises:
        ReportError: a sound cannot be read.
    """
    with ThreadPoolExecutor(cpu_count()) as pool:
        songs = {song.name: pool.submit(_song, results, song, kept, site) for song in results.songs}
        clips = [
            pool.submit(_clip, results, clip.audio, kept, site)
            for clip in results.data.clips
            if clip.audio is not None
        ]
        for done in clips:
            done.result()
        return {name: song.result() for name, song in songs.items()}


def write_mp3(results: Results, audio: str, compression: float, kept: Kept, site: Path) -> bytes:
    """Write a sound of the results as MP3, and return its file.

    Raises:
        ReportError: the sound cannot be read.
    """
    mp3 = _mp3(_Recording(results.folder / audio), 0.0, compression, kept)
    _write_mp3(site, sound_key(audio), mp3)
    return mp3


def _clip(results: Results, audio: str, kept: Kept, site: Path) -> None:
    """Write a test clip as MP3, and its script."""
    _write_script(site, sound_key(audio), write_mp3(results, audio, SONG_COMPRESSION, kept, site))


def write_data_script(path: Path, name: str, *values: Any) -> None:
    """Write a script that passes `values` to the page under `name` (see site/script_loader.js).

    Bytes, also as values of an object, are written as text (see byte_text.py).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    arguments = ",".join(map(_literal, (name, *values)))
    path.write_text(f"latentes({arguments});\n", encoding="utf-8")


def _literal(value: Any) -> str:
    if isinstance(value, bytes):
        return f'"{byte_text.encode(value)}"'
    if isinstance(value, dict):
        members = (f"{json.dumps(str(key))}:{_literal(each)}" for key, each in value.items())
        return f"{{{','.join(members)}}}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Recording:
    """A sound of the results, decoded only if something has to be made from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.content = path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from None
        self.digest = hashlib.sha256(self.content).hexdigest()

    @functools.cached_property
    def decoded(self) -> tuple[Samples, int]:
        """Samples and sampling rate."""
        try:
            samples, rate = soundfile.read(io.BytesIO(self.content))
        except soundfile.SoundFileError as error:
            raise self._unreadable(error) from None
        return samples, rate

    def _unreadable(self, error: Exception) -> ReportError:
        return ReportError(f"{self.path}: cannot be read ({error}); build the study again")


@dataclass(frozen=True)
class _Levels:
    """Loudness (LUFS, None if it cannot be measured) and peak of a sound and of its residual."""

    loudness: float | None
    peak: float
    residual_loudness: float | None = None
    residual_peak: float = 0.0


def _song(results: Results, song: Song, kept: Kept, site: Path) -> list[Sound]:
    versions = [
        each for each in song.versions
        if song.role == "test" or not each.version.startswith(("baseline.", "untrained."))
    ]  # fmt: skip
    sounds = {each.version: _Recording(results.folder / each.audio) for each in versions}
    original = sounds["original"]
    levels = {
        version: _levels(sound, None if version in ("excerpt", "original") else original, kept)
        for version, sound in sounds.items()
    }
    gains = _gains(levels)
    written = []
    for each in versions:
        key, sound = sound_key(each.audio), sounds[each.version]
        level, gain = levels[each.version], gains[each.version]
        _write_mp3(site, key, _mp3(sound, gain, SONG_COMPRESSION, kept))
        if each.version != "excerpt":
            _write_script(site, key, _flac(sound, gain, kept))
        residual_gain = _residual_gain(level, levels["original"].loudness, gains["original"])
        written.append(Sound(each.version, key, level.loudness, gain, residual_gain))
    return written


def _levels(sound: _Recording, original: _Recording | None, kept: Kept) -> _Levels:
    """Measure a sound, and its residual if `original` is given."""

    def measure() -> bytes:
        samples, rate = sound.decoded
        levels = _Levels(loudness(samples, rate), _peak(samples))
        if original is not None:
            residual = original.decoded[0] - samples
            peak = _peak(residual)
            level = loudness(residual, rate) if peak >= MIN_RESIDUAL_PEAK else None
            levels = _Levels(levels.loudness, levels.peak, level, peak)
        return json.dumps(asdict(levels)).encode()

    name = _name("levels", sound.digest, original.digest if original else "")
    return _Levels(**json.loads(kept.get(name, measure)))


def _gains(levels: dict[str, _Levels]) -> dict[str, float]:
    """Return the gain in dB that brings each version to the original's loudness.

    All gains are lowered by the same amount if any version would clip.
    """
    target = levels["original"].loudness
    gains = {
        version: 0.0
        if level.loudness is None or target is None
        else min(MAX_GAIN, target - level.loudness)
        for version, level in levels.items()
    }
    peaks = [level.peak * _amplitude_ratio(gains[version]) for version, level in levels.items()]
    attenuation = min(0.0, 20 * float(np.log10(MAX_PEAK / max(*peaks, MAX_PEAK))))
    return {version: gain + attenuation for version, gain in gains.items()}


def _residual_gain(level: _Levels, target: float | None, original_gain: float) -> float | None:
    """Return the gain in dB that matches a residual to the original's file without clipping."""
    if level.residual_peak < MIN_RESIDUAL_PEAK:
        return None
    measured = level.residual_loudness
    wanted = 0.0 if measured is None or target is None else target - measured + original_gain
    return min(wanted, MAX_GAIN, 20 * float(np.log10(MAX_PEAK / level.residual_peak)))


def _peak(samples: Samples) -> float:
    return float(np.abs(samples).max(initial=0.0))


def _amplitude_ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _flac(sound: _Recording, gain: float, kept: Kept) -> bytes:
    def encode() -> bytes:
        samples, rate = sound.decoded
        return _encoded(
            samples * _amplitude_ratio(gain), rate, format="FLAC", subtype="PCM_16",
            compression_level=1.0,
        )  # fmt: skip

    return kept.get(_name("flac", sound.digest, gain), encode)


def _mp3(sound: _Recording, gain: float, compression: float, kept: Kept) -> bytes:
    def encode() -> bytes:
        samples, rate = sound.decoded
        return _encoded_mp3(samples * _amplitude_ratio(gain), rate, compression)

    return kept.get(_name("mp3", sound.digest, gain, compression), encode)


def _encoded_mp3(samples: Samples, rate: int, compression: float) -> bytes:
    mp3_rate = _mp3_rate(rate)
    if mp3_rate != rate:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, mp3_rate, rate, axis=0)
    if samples.ndim == 2 and samples.shape[1] > 2:
        samples = samples.mean(axis=1)
    return _encoded(
        samples, mp3_rate, format="MP3", subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE" if compression < 0.9 else "CONSTANT", compression_level=compression,
    )  # fmt: skip


def _encoded(samples: Samples, rate: int, **how: Any) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, **how)
    return buffer.getvalue()


def _name(kind: str, *parts: str | float) -> str:
    """Return the name of a kept file: a digest of all that it depends on."""
    return hashlib.sha256(repr((_code_digest(), kind, parts)).encode()).hexdigest()[:40]


@functools.cache
def _code_digest() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def _write_script(site: Path, name: str, file: bytes) -> None:
    write_data_script(site / "sonidos" / f"{name}.js", name, file)


def _write_mp3(site: Path, name: str, mp3: bytes) -> None:
    path = site / "audio" / f"{name}.mp3"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mp3)


def _mp3_rate(rate: int) -> int:
    """Return the lowest MP3 sampling rate that is at least `rate`, or the highest."""
    return min((each for each in MP3_RATES if each >= rate), default=MP3_RATES[-1])
