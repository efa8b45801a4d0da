"""What the blind listening tests play, and the digest of a study's sounds.

The page of the tests, the reader of answers and the report take their stimuli from here, so that
they agree on the songs, the versions and their order. This module does not import torch.
"""

import hashlib
import json
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from pipeline.results.base_record import Record
from pipeline.results.schema import Results, Song

ORIGINAL = "original"

ANCHORS = {"anchor.3500": 3500, "anchor.7000": 7000}
"""Low-pass filtered versions of a MUSHRA test and their cut-off in Hz: the low and the mid anchor
of ITU-R BS.1534-3."""

MAX_VERSIONS = 8
"""Versions on a screen of the MUSHRA test, the hidden reference and the anchors among them."""

GENRES_PER_PAIR = 2
"""Genres in which two generative models are compared."""

OURS, OPPONENTS = "latente", ("opus", "mp3")


class Pair(Record):
    """Two sounds to choose from.

    `a` and `b` are "SONG/coding.CODEC.RATE" of one song and rate, or names of generated clips of
    one genre (see `NewMusic.number`).
    """

    kind: Literal["generated", "coding"]
    a: str
    b: str


class Stimuli(Record):
    """The stimuli of a study's tests.

    `songs` are names; `abx` has the sizes of each family, in ascending order; `mushra` the
    versions of each song to rate. What a study lacks is empty.
    """

    songs: list[str]
    abx: dict[str, list[int]]
    mushra: list[str]
    preference: list[Pair]


def stimuli(results: Results) -> Stimuli:
    """The stimuli of a study: a function of its songs, models and sounds, not of its numbers."""
    models = [model.version for model in results.models]
    songs = [song for song in results.songs if {ORIGINAL, *models} <= _versions(song)]
    families: dict[str, list[int]] = {}
    for model in results.models:
        families.setdefault(model.family, []).append(model.size)
    families = {family: sorted(sizes) for family, sizes in families.items()}
    if not songs:
        return Stimuli(songs=[], abx={}, mushra=[], preference=_generated_pairs(results))
    anchors = [a for a, cutoff in ANCHORS.items() if 2 * cutoff <= results.data.sampling_rate]
    room = MAX_VERSIONS - 1 - len(anchors)
    return Stimuli(
        songs=[song.name for song in songs],
        abx=families,
        mushra=[ORIGINAL, *anchors, *_rated(families, room)],
        preference=[*_generated_pairs(results), *_coding_pairs(results)],
    )


def study_digest(found: Stimuli, digests: Iterable[str]) -> str:
    """SHA-256 of the stimuli and of their files.

    Args:
        digests: SHA-256 of each file of `audio_files`, in that order.
    """
    content = {"stimuli": found.model_dump(), "files": list(digests)}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def folder_digest(results: Results, folder: Path) -> str:
    """The `study_digest` of a results folder."""
    found = stimuli(results)
    files = [folder / path for path in audio_files(results, found)]
    return study_digest(found, [hashlib.sha256(file.read_bytes()).hexdigest() for file in files])


def audio_files(results: Results, found: Stimuli) -> list[str]:
    """Paths of the stimuli's files in the results folder, each once."""
    songs = {song.name: song for song in results.songs}
    clips = {clip.number: clip.audio for clip in results.new_music}
    models = [f"{family}.{size}" for family, sizes in found.abx.items() for size in sizes]
    paths = [songs[name].audio(version) for name in found.songs for version in [ORIGINAL, *models]]
    for pair in found.preference:
        for sound in (pair.a, pair.b):
            song, _, version = sound.rpartition("/")
            paths.append(clips[sound] if pair.kind == "generated" else songs[song].audio(version))
    return list(dict.fromkeys(paths))


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _versions(song: Song) -> set[str]:
    return {version.version for version in song.versions}


def _rated(families: dict[str, list[int]], room: int) -> list[str]:
    """As many models as there is room for, shared among the families: sizes from smallest to
    largest, evenly spaced."""
    shares = dict.fromkeys(families, 0)
    for _ in range(min(room, sum(map(len, families.values())))):
        fullest = min(families, key=lambda family: shares[family] / len(families[family]))
        shares[fullest] += 1
    return [
        f"{family}.{size}"
        for family, sizes in families.items()
        for size in _evenly_spaced(sizes, shares[family])
    ]


def _evenly_spaced(sizes: list[int], count: int) -> list[int]:
    """`count` of the sizes, the smallest and the largest among them."""
    if count < 2:
        return sizes[len(sizes) // 2 :][:count]
    last = len(sizes) - 1
    return [sizes[(2 * place * last + count - 1) // (2 * (count - 1))] for place in range(count)]


def _generated_pairs(results: Results) -> list[Pair]:
    """Each two generative models in `GENRES_PER_PAIR` genres, which differ from pair to pair."""
    first = {(clip.model, clip.genre): clip for clip in results.new_music if clip.index == 0}
    models = list(dict.fromkeys(clip.model for clip in results.new_music))
    genres = list(dict.fromkeys(clip.genre for clip in results.new_music))
    pairs = []
    for place, (a, b) in enumerate(combinations(models, 2)):
        turns = [(GENRES_PER_PAIR * place + turn) % len(genres) for turn in range(GENRES_PER_PAIR)]
        for genre in dict.fromkeys(genres[turn] for turn in turns):
            if (a, genre) in first and (b, genre) in first:
                sounds = [first[model, genre].number for model in (a, b)]
                pairs.append(Pair(kind="generated", a=sounds[0], b=sounds[1]))
    return pairs


def _coding_pairs(results: Results) -> list[Pair]:
    """Our coder and each opponent at each rate that a song has both of."""
    pairs = []
    for song in results.songs:
        versions = _versions(song)
        for ours in sorted(versions):
            rate = ours.rpartition(".")[2]
            if ours == f"coding.{OURS}.{rate}":
                for codec in OPPONENTS:
                    if (theirs := f"coding.{codec}.{rate}") in versions:
                        a, b = f"{song.name}/{ours}", f"{song.name}/{theirs}"
                        pairs.append(Pair(kind="coding", a=a, b=b))
    return pairs
