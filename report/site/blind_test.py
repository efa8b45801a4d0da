"""Data of the page Prueba a ciegas: what its tests play, and what the sounds are called."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.results.listening_stimuli import ANCHORS, Stimuli, folder_digest, stimuli
from report.language import spanish
from report.language.words import Words
from report.queries.results import Results
from report.site.comparator import ComparedSong, VersionRow, label
from report.site.generated_sounds import bundle
from report.site.sound_files import sound_key, write_data_script


def write(results: Results, songs: Sequence[ComparedSong], words: Words, site: Path) -> Stimuli:
    """Write `datos/prueba.js`, and return the stimuli.

    It holds {study, stimuli, songs: {name: {title, keys: {version: key}}}, labels: {version: text},
    sounds: {name in a pair: [label, what it is of, key, bundle]}, level: [key, LUFS] of the loudest
    original}. A sound without a bundle is in a file of its own.
    """
    found = stimuli(results)
    used = [item for item in songs if item.song.name in found.songs]
    originals = [item.original.sound for item in used]
    levels = [(sound.loudness or 0.0) + sound.gain for sound in originals]
    loudest = max(range(len(levels)), key=levels.__getitem__, default=None)
    labels = {version: _anchor(version, words) for version in found.mushra if version in ANCHORS}
    for item in used:
        labels |= {row.sound.version: _label(row, words) for row in item.rows}
    named = {
        "original",
        *found.mushra,
        *(f"{f}.{s}" for f, sizes in found.abx.items() for s in sizes),
    }
    data = {
        "study": folder_digest(results, results.folder),
        "stimuli": found.model_dump(),
        "songs": {
            item.song.name: {
                "title": item.song.title,
                "keys": {
                    row.sound.version: row.sound.key
                    for row in item.rows
                    if row.sound.version in named
                },
            }
            for item in songs
        },
        "labels": {version: text for version, text in labels.items() if version in named},
        "sounds": _pair_sounds(results, songs, found, words),
        "level": None if loudest is None
        else [originals[loudest].key, round(levels[loudest], 2)],
    }  # fmt: skip
    write_data_script(site / "datos" / "prueba.js", "prueba", data)
    return found


def _pair_sounds(
    results: Results, songs: Sequence[ComparedSong], found: Stimuli, words: Words
) -> dict[str, list[str]]:
    """Return [label, what it is of, key, bundle] of each sound to choose from, by its name."""
    sounds = {
        f"{item.song.name}/{row.sound.version}": [
            label(row, words),
            f"{item.song.title}, {row.size} {row.unit}",
            row.sound.key,
            "",
        ]
        for item in songs
        for row in item.rows
    } | {
        clip.number: [
            words(f"heard.{clip.model}"),
            words.get(f"genres.{clip.genre}", clip.genre),
            sound_key(clip.audio),
            bundle(clip),
        ]
        for clip in results.new_music
    }
    return {name: sounds[name] for pair in found.preference for name in (pair.a, pair.b)}


def _label(row: VersionRow, words: Words) -> str:
    if not row.size:
        return label(row, words)
    return words.fill("site.sized", label=label(row, words), size=spanish.integer(row.size))


def _anchor(version: str, words: Words) -> str:
    return words.fill("site.anchor", kHz=spanish.decimal(ANCHORS[version] / 1000, 1))
