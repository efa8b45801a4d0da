"""Writes the site's sounds; the versions of a song are matched in loudness.

Each version of a song is written to two files, where KEY is its path under the results' `audio/`
without the suffix:

    sonidos/KEY.js   FLAC file as base64 in a script, loaded on demand by the comparator: a page
                     opened with file:// cannot fetch other files
    audio/KEY.mp3    for native players, without scripts, and for links

To keep the site small, baseline methods are only written for the song of the test set, test clips
are MP3 in both files, and generated sounds are MP3 only.
"""

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from pipeline.results.schema import Song
from report.errors import ReportError
from report.queries.results import Results

Samples = NDArray[np.float64]

MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
SONG_COMPRESSION, GENERATED_COMPRESSION = 0.4, 0.95
"""Compression level of the MP3 encoder, from 0 (best quality) to 1 (smallest file)."""

MAX_PEAK = 0.99
"""Maximum absolute sample value after loudness matching."""

MIN_LOUDNESS_SECONDS = 0.4
"""Minimum duration for measuring loudness: the gating block of ITU-R BS.1770."""

MAX_GAIN = 40.0
"""Maximum gain in dB, so that near-silent versions stay quiet."""

MIN_RESIDUAL_PEAK = 1 / 32768
"""Peak below which a residual is silent: one step of 16-bit audio."""


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


def write_songs(results: Results, site: Path) -> dict[str, list[Sound]]:
    """Write both files of every version of every song; return the sounds by song name."""
    return {song.name: _song(results, song, site) for song in results.songs}


def write_clips(results: Results, site: Path) -> None:
    """Write generated sounds and test clips as MP3, without loudness matching."""
    for generated in results.generated:
        samples, rate = _read(results.folder / generated.audio)
        _write_mp3(site, sound_key(generated.audio), samples, rate, GENERATED_COMPRESSION)
    for clip in results.data.clips:
        if clip.audio is not None:
            samples, rate = _read(results.folder / clip.audio)
            key = sound_key(clip.audio)
            path = _write_mp3(site, key, samples, rate, SONG_COMPRESSION)
            _write_script(site, key, path.read_bytes())


def write_data_script(path: Path, name: str, *values: Any) -> None:
    """Write a script that passes `values` to the page under `name` (see site/script_loader.js)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arguments = ",".join(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in (name, *values)
    )
    path.write_text(f"latentes({arguments});\n", encoding="utf-8")


def _song(results: Results, song: Song, site: Path) -> list[Sound]:
    versions = [
        each for each in song.versions
        if song.role == "test" or not each.version.startswith("baseline.")
    ]  # fmt: skip
    sounds = {each.version: _read(results.folder / each.audio) for each in versions}
    levels = {version: loudness(*sound) for version, sound in sounds.items()}
    gains = _gains(sounds, levels)
    original, rate = sounds["original"]
    written = []
    for each in versions:
        samples, sampling_rate = sounds[each.version]
        matched = samples * _amplitude_ratio(gains[each.version])
        key = sound_key(each.audio)
        _write_mp3(site, key, matched, sampling_rate, SONG_COMPRESSION)
        residual_gain = None
        if each.version != "excerpt":
            _write_script(site, key, _flac(matched, rate))
        if each.version not in ("excerpt", "original"):
            residual_gain = _residual_gain(
                original - samples, rate, levels["original"], gains["original"]
            )
        level, gain = levels[each.version], gains[each.version]
        written.append(Sound(each.version, key, level, gain, residual_gain))
    return written


def _gains(
    sounds: dict[str, tuple[Samples, int]], levels: dict[str, float | None]
) -> dict[str, float]:
    """Return the gain in dB that brings each version to the original's loudness.

    All gains are lowered by the same amount if any version would clip.
    """
    target = levels["original"]
    gains = {
        version: 0.0 if level is None or target is None else min(MAX_GAIN, target - level)
        for version, level in levels.items()
    }
    peaks = [
        float(np.abs(samples).max()) * _amplitude_ratio(gains[version])
        for version, (samples, _) in sounds.items()
    ]
    attenuation = min(0.0, 20 * float(np.log10(MAX_PEAK / max(*peaks, MAX_PEAK))))
    return {version: gain + attenuation for version, gain in gains.items()}


def _residual_gain(
    residual: Samples, rate: int, target: float | None, original_gain: float
) -> float | None:
    """Return the gain in dB that matches a residual to the original's file without clipping."""
    peak = float(np.abs(residual).max(initial=0.0))
    if peak < MIN_RESIDUAL_PEAK:
        return None
    level = loudness(residual, rate)
    wanted = 0.0 if level is None or target is None else target - level + original_gain
    return min(wanted, MAX_GAIN, 20 * float(np.log10(MAX_PEAK / peak)))


def _amplitude_ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _read(path: Path) -> tuple[Samples, int]:
    try:
        samples, rate = soundfile.read(path)
    except soundfile.SoundFileError as error:
        raise ReportError(f"{path}: cannot be read ({error}); build the study again") from None
    return samples, rate


def _flac(samples: Samples, rate: int) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="FLAC", subtype="PCM_16", compression_level=1.0)
    return buffer.getvalue()


def _write_script(site: Path, name: str, file: bytes) -> None:
    write_data_script(site / "sonidos" / f"{name}.js", name, base64.b64encode(file).decode("ascii"))


def _write_mp3(site: Path, name: str, samples: Samples, rate: int, compression: float) -> Path:
    path = site / "audio" / f"{name}.mp3"
    path.parent.mkdir(parents=True, exist_ok=True)
    mp3_rate = _mp3_rate(rate)
    if mp3_rate != rate:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, mp3_rate, rate, axis=0)
    if samples.ndim == 2 and samples.shape[1] > 2:
        samples = samples.mean(axis=1)
    soundfile.write(
        path, samples, mp3_rate, format="MP3", subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE", compression_level=compression,
    )  # fmt: skip
    return path


def _mp3_rate(rate: int) -> int:
    """Return the lowest MP3 sampling rate that is at least `rate`, or the highest."""
    return min((each for each in MP3_RATES if each >= rate), default=MP3_RATES[-1])
