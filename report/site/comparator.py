"""Data of the comparators: for each song, one row per version with its sound and fidelity."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pipeline.results.schema import Number, Song
from report.language import spanish
from report.language.words import Words
from report.page_cache import Kept
from report.queries.base import Queries
from report.queries.results import Results
from report.site.listening_notes import Note, notes
from report.site.sound_files import MIN_RESIDUAL_PEAK, Sound, write_data_script

DECIMALS = {"snr": 1, "log_mel": 2, "visqol": 2}
"""Decimal places of each fidelity measure that a comparator shows."""

OUTLINE_PIECES = 300
"""Pieces of a song whose extremes draw its waveform before it is loaded."""


@dataclass(frozen=True)
class VersionRow:
    """One version; `group` is its model family, "untrained.FAMILY" before training, its baseline
    method or "coding.CODEC", "" for the original. `size` is in kbit/s for codecs. `note` tells what
    to listen for."""

    sound: Sound
    group: str
    baseline: bool
    size: int | None
    measures: dict[str, Number | None]
    note: Note

    @property
    def unit(self) -> str:
        """Unit of `size`, empty if it counts numbers."""
        return "kbit/s" if self.group.startswith("coding.") else ""


@dataclass(frozen=True)
class ComparedSong:
    """A song and its sample-aligned versions.

    `index` is its position in the results. `excerpt` is the excerpt as it is in the song's file,
    which is not sample-aligned; None if there is none.
    """

    song: Song
    index: int
    rows: tuple[VersionRow, ...]
    excerpt: Sound | None

    @property
    def original(self) -> VersionRow:
        """The reference version."""
        return next(row for row in self.rows if not row.group)

    @property
    def groups(self) -> list[tuple[str, bool]]:
        """Families and baseline methods in row order, as (name, is baseline)."""
        return list(dict.fromkeys((row.group, row.baseline) for row in self.rows if row.group))


def compare_songs(
    results: Results, sounds: dict[str, list[Sound]], kept: Kept
) -> list[ComparedSong]:
    """Return the comparator rows of every song in the results."""
    best = Queries(results).best_model.family
    families = sorted(results.families, key=lambda family: family != best)
    songs = []
    for index, song in enumerate(results.songs):
        found, written = notes(results, song, kept), sounds[song.name]
        rows = tuple(
            _row(results, song, sound, found[sound.version]) for sound in _sorted(written, families)
        )
        excerpt = next((sound for sound in written if sound.version == "excerpt"), None)
        songs.append(ComparedSong(song, index, rows, excerpt))
    return songs


def label(row: VersionRow, words: Words) -> str:
    """Return a version's label in Spanish."""
    if not row.group:
        return words("figures.original")
    if row.baseline:
        return words.get(f"methods.{row.group}", row.group)
    before, _, family = row.group.rpartition(".")
    if before == "coding":
        return words.get(f"codecs.{family}", family)
    name = "site.untrained" if before else "site.network"
    return words.fill(name, family=words.get(f"families.{family}", family))


def write(results: Results, songs: list[ComparedSong], words: Words, site: Path) -> None:
    """Write `datos/canciones.js`: the data of each version of each song, and of each song.

    See site/comparator.js.
    """
    versions = [[_version_data(row, words) for row in item.rows] for item in songs]
    about = [
        {
            "name": item.song.name,
            "title": item.song.title,
            "page": "escuchar.html" if item.song.role == "test" else "canciones.html",
            "seconds": item.song.seconds,
            "outline": _outline(results.folder / item.song.audio("original")),
        }
        for item in songs
    ]
    write_data_script(site / "datos" / "canciones.js", "canciones", versions, about)


def _outline(path: Path) -> list[int]:
    """Return the lowest and the highest sample of each piece of a sound, in percent of its peak."""
    samples, _ = soundfile.read(path)
    scale = 100 / max(float(np.abs(samples).max()), MIN_RESIDUAL_PEAK)
    pieces = np.array_split(samples, min(len(samples), OUTLINE_PIECES))
    return [round(scale * edge) for piece in pieces for edge in (piece.min(), piece.max())]


def _version_data(row: VersionRow, words: Words) -> dict[str, Any]:
    sound = row.sound
    measures = {
        name: spanish.decimal(number.value, DECIMALS[name])
        for name, number in row.measures.items()
        if number is not None
    }
    if sound.loudness is not None:
        measures["loudness"] = spanish.decimal(sound.loudness, 1)
    measures["gain"] = signed_decimal(sound.gain)
    return {
        "key": sound.key,
        "version": sound.version,
        "group": row.group,
        "label": label(row, words),
        "size": row.size or 0,
        "unit": row.unit,
        "matched": round(sound.gain, 3),
        "residual": None if sound.residual_gain is None else round(sound.residual_gain, 3),
        "measures": measures,
        "note": row.note.text(words),
    }


def signed_decimal(value: float) -> str:
    """Format a gain in dB with one decimal and an explicit sign."""
    return ("+" if round(value, 1) > 0 else "") + spanish.decimal(value, 1)


def _sorted(sounds: Sequence[Sound], families: list[str]) -> list[Sound]:
    """Return the aligned sounds: original, families in the order given, other groups in theirs;
    largest size first in each."""
    aligned = [sound for sound in sounds if sound.version != "excerpt"]
    groups = list(dict.fromkeys(["", *families, *(_group(sound.version) for sound in aligned)]))
    return sorted(
        aligned, key=lambda sound: (groups.index(_group(sound.version)), -(_size(sound) or 0))
    )


def _row(results: Results, song: Song, sound: Sound, note: Note) -> VersionRow:
    version = sound.version
    names = {measure: f"song.{song.name}.{version}.{measure}" for measure in DECIMALS}
    return VersionRow(
        sound,
        _group(version),
        version.startswith("baseline."),
        _size(sound),
        {
            measure: None if note.kind == "silent" else results.numbers.get(name)
            for measure, name in names.items()
        },
        note,
    )


def _group(version: str) -> str:
    return "" if version == "original" else version.removeprefix("baseline.").rpartition(".")[0]


def _size(sound: Sound) -> int | None:
    return None if sound.version == "original" else int(sound.version.rpartition(".")[2])
