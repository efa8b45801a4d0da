"""What a comparator shows of a song: a row a version, with its sound and its fidelity."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report.music import Song
from report.prose import spanish
from report.prose.words import Words
from report.results import Number, Results
from report.site.sound_files import Sound, call

MEASURES = {"snr": 1, "log_mel": 2, "visqol": 2}
"""What is told of a version, and with how many decimals."""


@dataclass(frozen=True)
class VersionRow:
    """A version; `group` is the family or method that made it, "" for the original."""

    sound: Sound
    group: str
    baseline: bool
    size: int | None
    measures: dict[str, Number | None]


@dataclass(frozen=True)
class ComparedSong:
    """A song and all its versions that are aligned to the sample; `excerpt` is not."""

    song: Song
    place: int
    rows: tuple[VersionRow, ...]
    excerpt: Sound | None

    @property
    def original(self) -> VersionRow:
        """The version that the others are compared with."""
        return next(row for row in self.rows if not row.group)

    @property
    def groups(self) -> list[tuple[str, bool]]:
        """Families and methods, in the order of the rows, and whether each is a baseline."""
        return list(dict.fromkeys((row.group, row.baseline) for row in self.rows if row.group))


def compared(results: Results, sounds: dict[str, list[Sound]]) -> list[ComparedSong]:
    """Every song of the results, to be compared."""
    return [
        ComparedSong(
            song,
            place,
            tuple(_row(results, song, sound) for sound in _ordered(sounds[song.name])),
            next((sound for sound in sounds[song.name] if sound.version == "excerpt"), None),
        )
        for place, song in enumerate(results.songs)
    ]


def label(row: VersionRow, words: Words) -> str:
    """What made a version, in words."""
    if not row.group:
        return words("figures.original")
    if row.baseline:
        return words.known(f"methods.{row.group}", row.group)
    return words("site.network").format(family=words.known(f"families.{row.group}", row.group))


def write(songs: list[ComparedSong], words: Words, site: Path) -> None:
    """Write `datos/canciones.js`: for each song, what its comparator needs of each version."""
    data = [[_stated(row, words) for row in item.rows] for item in songs]
    call(site / "datos" / "canciones.js", "canciones", data)


def _stated(row: VersionRow, words: Words) -> dict[str, Any]:
    sound = row.sound
    said = {
        name: spanish.decimal(number.value, MEASURES[name])
        for name, number in row.measures.items()
        if number is not None
    }
    if sound.loudness is not None:
        said["loudness"] = spanish.decimal(sound.loudness, 1)
    said["gain"] = signed(sound.gain)
    return {
        "key": sound.key,
        "group": row.group,
        "label": label(row, words),
        "size": row.size or 0,
        "matched": round(sound.gain, 3),
        "residual": None if sound.residual is None else round(sound.residual, 3),
        "measures": said,
    }


def signed(value: float) -> str:
    """A gain in dB, one decimal, with its sign."""
    return ("+" if round(value, 1) > 0 else "") + spanish.decimal(value, 1)


def _ordered(sounds: Sequence[Sound]) -> list[Sound]:
    """The original, then families, then methods, each from its largest size."""
    aligned = [sound for sound in sounds if sound.version != "excerpt"]
    groups = list(dict.fromkeys(_group(sound.version) for sound in aligned))
    return sorted(
        aligned, key=lambda sound: (groups.index(_group(sound.version)), -(_size(sound) or 0))
    )


def _row(results: Results, song: Song, sound: Sound) -> VersionRow:
    version = sound.version
    names = {measure: f"song.{song.name}.{version}.{measure}" for measure in MEASURES}
    return VersionRow(
        sound,
        _group(version),
        version.startswith("baseline."),
        _size(sound),
        {measure: results.numbers.get(name) for measure, name in names.items()},
    )


def _group(version: str) -> str:
    return "" if version == "original" else version.removeprefix("baseline.").rpartition(".")[0]


def _size(sound: Sound) -> int | None:
    return None if sound.version == "original" else int(sound.version.rpartition(".")[2])
