"""The sounds of the site: versions of a song brought to one loudness, each in two files.

A version of a song, KEY being its path under the results' `audio/` without ending, becomes

    sonidos/KEY.js   the FLAC file as base64 in a call, loaded by the comparator when asked for:
                     a page opened from a folder can read no other file's samples
    audio/KEY.mp3    for the browser's own player, without scripts, and for links

A site is published, so it must be small: methods without a network are heard in the song of the
test set, not in the new ones. Test clips are MP3 in both files.
Generated sounds, which nothing is compared with, are MP3 alone.
"""

import base64
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from report.errors import ReportError
from report.music import Song
from report.results import Results

Samples = NDArray[np.float64]

MP3_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
FINE, COARSE = 0.4, 0.95
"""How far from its best the MP3 encoder goes (0 to 1): for songs and their versions, for what
networks made of no song."""

PEAK = 0.99
"""Highest sample of a file once loudness is matched."""

BLOCK = 0.4
"""Seconds that loudness needs: the gating block of ITU-R BS.1770."""

MOST = 40.0
"""Most that a version is raised, in dB: what is nearly silent stays quiet."""


@dataclass(frozen=True)
class Sound:
    """A version of a song as the site has it.

    `loudness` is in LUFS as the study made it, None where it cannot be measured; `gain` is what
    its files were raised, in dB; `residual` is what original minus version must be raised to
    be as loud, None for the original itself and for a perfect copy.
    """

    version: str
    key: str
    loudness: float | None
    gain: float
    residual: float | None


def loudness(samples: Samples, rate: int) -> float | None:
    """Integrated loudness in LUFS (ITU-R BS.1770-4); None for what is too short or silent."""
    # Here, because SciPy takes longer to import than the rest of a render whose sounds are kept.
    import pyloudnorm

    if len(samples) < BLOCK * rate:
        return None
    value = float(pyloudnorm.Meter(rate).integrated_loudness(samples))
    return value if np.isfinite(value) else None


def key(audio: str) -> str:
    """The name of a sound's files on the site, from its path in the results."""
    return audio.removeprefix("audio/").removesuffix(".flac")


def write_songs(results: Results, site: Path) -> dict[str, list[Sound]]:
    """Write both files of every version of every song; what was written, by the song's name."""
    return {song.name: _song(results, song, site) for song in results.songs}


def write_rest(results: Results, site: Path) -> None:
    """Write generated sounds as MP3, and test clips in both ways, at their own loudness."""
    for generated in results.generated:
        samples, rate = _read(results.folder / generated.audio)
        _native(site, key(generated.audio), samples, rate, COARSE)
    for clip in results.data.clips:
        if clip.audio is not None:
            samples, rate = _read(results.folder / clip.audio)
            path = _native(site, key(clip.audio), samples, rate, FINE)
            _script(site, key(clip.audio), path.read_bytes())


def call(path: Path, name: str, *values: Any) -> None:
    """Write a script that hands `values` to the page under `name` (see site/script_loader.js)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = ",".join(json.dumps(value, ensure_ascii=False, separators=(",", ":"))
                    for value in (name, *values))  # fmt: skip
    path.write_text(f"latentes({said});\n", encoding="utf-8")


def _song(results: Results, song: Song, site: Path) -> list[Sound]:
    listed = [
        each for each in song.versions
        if song.role == "test" or not each.version.startswith("baseline.")
    ]  # fmt: skip
    read = {each.version: _read(results.folder / each.audio) for each in listed}
    levels = {version: loudness(*sound) for version, sound in read.items()}
    gains = _gains(read, levels)
    original, rate = read["original"]
    made = []
    for each in listed:
        samples, own_rate = read[each.version]
        raised = samples * _ratio(gains[each.version])
        _native(site, key(each.audio), raised, own_rate, FINE)
        residual = None
        if each.version != "excerpt":
            _script(site, key(each.audio), _flac(raised, rate))
        if each.version not in ("excerpt", "original"):
            left = original - samples
            residual = _residual(left, rate, levels["original"], gains["original"])
        level, gain = levels[each.version], gains[each.version]
        made.append(Sound(each.version, key(each.audio), level, gain, residual))
    return made


def _gains(
    read: dict[str, tuple[Samples, int]], levels: dict[str, float | None]
) -> dict[str, float]:
    """The gain in dB that brings each version to the original's loudness, less what all must
    give up so that none clips."""
    target = levels["original"]
    gains = {
        version: 0.0 if level is None or target is None else min(MOST, target - level)
        for version, level in levels.items()
    }
    peaks = [
        float(np.abs(samples).max()) * _ratio(gains[version])
        for version, (samples, _) in read.items()
    ]
    room = min(0.0, 20 * float(np.log10(PEAK / max(*peaks, PEAK))))
    return {version: gain + room for version, gain in gains.items()}


def _residual(left: Samples, rate: int, target: float | None, original: float) -> float | None:
    """The gain in dB that makes what is left as loud as the original's file, without clipping."""
    peak = float(np.abs(left).max(initial=0.0))
    if peak < 1 / 32768:
        return None
    level = loudness(left, rate)
    wanted = 0.0 if level is None or target is None else target - level + original
    return min(wanted, MOST, 20 * float(np.log10(PEAK / peak)))


def _ratio(decibels: float) -> float:
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


def _script(site: Path, name: str, file: bytes) -> None:
    call(site / "sonidos" / f"{name}.js", name, base64.b64encode(file).decode("ascii"))


def _native(site: Path, name: str, samples: Samples, rate: int, quality: float) -> Path:
    path = site / "audio" / f"{name}.mp3"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = _nearest(rate, MP3_RATES)
    if known != rate:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, known, rate, axis=0)
    if samples.ndim == 2 and samples.shape[1] > 2:
        samples = samples.mean(axis=1)
    soundfile.write(
        path, samples, known, format="MP3", subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE", compression_level=quality,
    )  # fmt: skip
    return path


def _nearest(rate: int, rates: Iterable[int]) -> int:
    """The least of `rates` that loses nothing of `rate`, or the highest."""
    return min((each for each in rates if each >= rate), default=max(rates))
