"""Embedded music, composed: style tables, chords, swing, MIDI, reproducibility."""

import hashlib
import io
from collections.abc import Mapping
from itertools import pairwise
from random import Random

import pytest

from pipeline.data.demo import composition, demo_songs, harmony
from pipeline.data.demo.ensemble import BARS
from pipeline.data.demo.grooves import DRUMS, FILLS, GROOVES, LOUDNESS
from pipeline.data.demo.score import BEAT, Score
from pipeline.data.demo.styles import GENRES, SONGS, STYLES

SEED = 42


def digest(*chunks: bytes) -> str:
    return hashlib.sha256(b"".join(chunks)).hexdigest()[:16]


def test_every_genre_has_rules_and_an_arrangement() -> None:
    assert len(GENRES) == 10
    assert set(STYLES) == set(composition.ARRANGEMENTS) == set(GENRES)
    assert set(GROOVES) == set(FILLS) == set(GENRES) - {"classical"}


def test_rhythms_have_valid_lengths_and_symbols() -> None:
    for name, style in STYLES.items():
        for pattern in (*style.bass, *style.comp, *style.melody):
            assert len(pattern) in (12, 16), (name, pattern)
            assert set(pattern) <= set(".-xXo12345678a"), (name, pattern)
    drummed: list[tuple[Mapping[str, str], tuple[int, int]]] = []
    for name in GROOVES:
        drummed += [(groove, (12, 16)) for groove in GROOVES[name]]
        drummed += [(fill, (6, 8)) for fill in FILLS[name]]
    for groove, lengths in drummed:
        assert set(groove) <= set(DRUMS)
        for pattern in groove.values():
            assert len(pattern) in lengths, groove
            assert set(pattern) <= {*LOUDNESS, "."}, groove


def test_every_progression_can_be_parsed() -> None:
    for style in STYLES.values():
        for text in style.changes:
            changes = harmony.Changes(text, 0, 4 * BEAT, BARS)
            assert sum(length for _, length, _ in changes.spans) == 4 * BEAT * BARS


@pytest.mark.parametrize(
    ("symbol", "key", "tones"),
    [
        ("I", 0, {0, 4, 7}),
        ("ii7", 0, {2, 5, 9, 0}),
        ("V7", 9, {4, 8, 11, 2}),  # E7 in A
        ("bVII", 2, {0, 4, 7}),  # C in D
        ("iiø", 0, {2, 5, 8, 0}),
        ("i5", 4, {4, 11}),
        ("IM9", 5, {5, 9, 0, 4, 7}),
    ],
)
def test_chords_spell_what_music_theory_says(symbol: str, key: int, tones: set[int]) -> None:
    assert harmony.chord(symbol, key).tones == tones


@pytest.mark.parametrize("symbol", ["", "Q", "I11", "IIV", "bb7", "vi13"])
def test_invalid_chords_are_rejected(symbol: str) -> None:
    with pytest.raises(ValueError, match="is not a chord"):
        harmony.chord(symbol, 0)


def test_voice_leading_is_smooth_without_minor_seconds() -> None:
    changes = harmony.Changes("ii9 V13 IM9 vi7 IVM7 iiø V7b9 i9", 3, 4 * BEAT, 8)
    before: tuple[int, ...] = ()
    for _, _, chord in changes.spans:
        after = harmony.voice(chord, before, 53, 74)
        assert {pitch % 12 for pitch in after} <= chord.tones
        assert all(53 <= pitch <= 74 for pitch in after)
        assert all(high - low > 1 for low, high in pairwise(after))
        if before:
            assert sum(min(abs(new - old) for old in before) for new in after) <= 12
        before = after


def test_scale_tones_that_clash_with_the_chord_are_excluded() -> None:
    minor, dominant = harmony.scale(9, "minor"), harmony.chord("V7", 9)
    # Over E7 in A minor the G natural would clash with the chord's G sharp.
    assert 7 in minor
    assert 7 not in dominant.within(minor)
    assert 8 in dominant.within(minor)


def test_swing_delays_off_beats_only() -> None:
    score = Score(Random(0), 120, swing=320, timing_jitter=0)
    part = score.part(0, 100)
    for eighth in range(4):
        part.note(eighth * BEAT // 2, 100, 60, 90)
    assert [start for start, _, _, _ in part.notes] == [0, 320, 480, 800]


def test_midi_matches_the_score() -> None:
    """Parse the file with pretty_midi, an independent reader."""
    pretty_midi = pytest.importorskip("pretty_midi")
    score = Score(Random(0), 100, timing_jitter=0)
    violin, kit = score.part(40, 90, 20), score.drums(8)
    violin.note(0, BEAT, 69, 80)
    violin.note(BEAT, 3 * BEAT, 71, 80)  # sounding when the excerpt begins, at the third beat
    violin.note(3 * BEAT, BEAT, 71, 80)  # same pitch again: the first note must end
    kit.note(2 * BEAT, BEAT, DRUMS["snare"], 100)
    read = pretty_midi.PrettyMIDI(io.BytesIO(score.midi(2 * BEAT, 5 * BEAT)))
    strings = next(one for one in read.instruments if not one.is_drum)
    drums = next(one for one in read.instruments if one.is_drum)
    assert (strings.program, drums.program) == (40, 8)
    beat = 60 / 100
    assert [(note.pitch, note.start, note.end) for note in strings.notes] == [
        (71, 0, pytest.approx(beat, abs=1e-3)),
        (71, pytest.approx(beat, abs=1e-3), pytest.approx(2 * beat, abs=1e-3)),
    ]
    assert [(note.pitch, note.start) for note in drums.notes] == [(DRUMS["snare"], 0)]


# Composition uses random.Random(str) and integers only, so these bytes are the same on every
# platform. Changing a style changes its digest: update it here.
MIDI_DIGESTS = {
    "blues": "38763773d3031ae9",
    "classical": "6a10abd04c7faa38",
    "country": "8f99b0a4a45ea5f8",
    "disco": "8f784254eb73064a",
    "hiphop": "c39a05cf3eec1268",
    "jazz": "1e9758e5f77f2ab3",
    "metal": "1a48d14338131b25",
    "pop": "e2e0327c576e58e1",
    "reggae": "7868f628de72eb5e",
    "rock": "e8b17290e986cd78",
    "song rap": "2a4813b4d8a2e393",
    "song trap": "a516d2c5699a15c9",
    "song disco": "783659fe1f0c2a72",
    "song house": "b998b9de79992e18",
}


@pytest.mark.parametrize("name", GENRES)
def test_clips_are_reproducible(name: str) -> None:
    assert (
        digest(*(composition.compose_clip(name, SEED, i).midi for i in range(4)))
        == MIDI_DIGESTS[name]
    )


@pytest.mark.parametrize("name", SONGS)
def test_songs_are_reproducible(name: str) -> None:
    assert digest(demo_songs.compose_song(name, SEED).midi) == MIDI_DIGESTS[f"song {name}"]


def test_seeds_and_indices_give_different_pieces() -> None:
    pieces = [composition.compose_clip("jazz", seed, i).midi for seed in (1, 2) for i in range(24)]
    assert len(set(pieces)) == len(pieces)
