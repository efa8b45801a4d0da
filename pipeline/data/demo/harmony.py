"""Chords from Roman numerals, compatible scales, and smooth voice leading."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MINOR_SECOND_COST = 24  # of a minor second within a chord, in semitones of motion

DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}

# Semitones above the root. Lower-case numerals use the minor qualities.
MAJOR_QUALITIES = {
    "": (0, 4, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "7": (0, 4, 7, 10),
    "M7": (0, 4, 7, 11),
    "9": (0, 4, 7, 10, 14),
    "M9": (0, 4, 7, 11, 14),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "sus": (0, 5, 7),
}
MINOR_QUALITIES = {
    "": (0, 3, 7),
    "5": (0, 7),
    "6": (0, 3, 7, 9),
    "7": (0, 3, 7, 10),
    "9": (0, 3, 7, 10, 14),
    "ø": (0, 3, 6, 10),
    "o7": (0, 3, 6, 9),
}

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "country": (0, 2, 3, 4, 7, 9),
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
}


def scale(key: int, name: str) -> frozenset[int]:
    """Pitch classes (0-11) of a scale on `key`."""
    return frozenset((key + step) % 12 for step in SCALES[name])


@dataclass(frozen=True)
class Chord:
    """A root (pitch class, 0-11) and intervals above it, in semitones."""

    root: int
    intervals: tuple[int, ...]

    @property
    def tones(self) -> frozenset[int]:
        """Pitch classes of the chord."""
        return frozenset((self.root + step) % 12 for step in self.intervals)

    def degree(self, number: int) -> int:
        """Semitones from the root to a scale degree (1-8), altered to match the chord."""
        usual = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10, 8: 12}[number]
        near = [step for step in self.intervals if abs(step - usual) <= 1]
        return (
            min(near, key=lambda step: abs(step - usual)) if number in (3, 5, 7) and near else usual
        )

    def within(self, pitches: frozenset[int]) -> frozenset[int]:
        """Chord tones and compatible scale tones: none a semitone from a chord tone outside the
        scale."""
        foreign = self.tones - pitches
        clash = {(tone + side) % 12 for tone in foreign for side in (-1, 1)}
        return (pitches - clash) | self.tones


def chord(symbol: str, key: int) -> Chord:
    """Parse a chord such as "I", "ii7", "bVII", "V7b9" or "iiø" in `key` (0-11).

    Raises:
        ValueError: invalid symbol.
    """
    match = re.fullmatch(r"(b?)([IV]+|[iv]+)(.*)", symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is not a chord")
    flat, numeral, quality = match.groups()
    qualities = MAJOR_QUALITIES if numeral.isupper() else MINOR_QUALITIES
    if numeral.upper() not in DEGREES or quality not in qualities:
        raise ValueError(f"{symbol!r} is not a chord")
    return Chord((key + DEGREES[numeral.upper()] - len(flat)) % 12, qualities[quality])


class Changes:
    """Chord changes of a piece: a progression repeated over its bars.

    In `text`, bars are separated by spaces, and two chords in one bar by "-".
    """

    def __init__(self, text: str, key: int, bar: int, bars: int) -> None:
        words = [[chord(one, key) for one in word.split("-")] for word in text.split()]
        self.bar, self.bars = bar, bars
        self.spans: list[tuple[int, int, Chord]] = []  # start, length (ticks), chord
        for number in range(bars):
            word = words[number % len(words)]
            length = bar // len(word)
            for place, one in enumerate(word):
                self.spans.append((number * bar + place * length, length, one))

    def at(self, tick: int) -> Chord:
        """Chord at `tick`; the piece repeats after its end."""
        tick %= self.bar * self.bars
        return next(one for start, length, one in reversed(self.spans) if start <= tick)

    def next_change(self, tick: int) -> int:
        """Tick at which the chord at `tick` ends."""
        return next(
            (start for start, _, one in self.spans if start > tick and one != self.at(tick)),
            self.bar * self.bars,
        )


def nearest(tones: Iterable[int], target: int, low: int, high: int) -> int:
    """Pitch in low..high closest to `target` whose pitch class is in `tones`."""
    tones = frozenset(tones)
    allowed = (pitch for pitch in range(low, high + 1) if pitch % 12 in tones)
    return min(allowed, key=lambda pitch: (abs(pitch - target), pitch))


def voice(
    one: Chord, before: tuple[int, ...], low: int, high: int, voices: int = 4
) -> tuple[int, ...]:
    """Close voicing in low..high with the least motion from the one `before` (may be empty).

    Chords of more than `voices` notes omit the root, which the bass plays, then the fifth.
    """
    intervals = list(one.intervals)
    for optional in (0, 7):
        if len(intervals) > voices and optional in intervals:
            intervals.remove(optional)
    tones = {(one.root + step) % 12 for step in intervals[:voices]}
    middle = (low + high) // 2

    def motion(candidate: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        rough = MINOR_SECOND_COST * sum(b - a == 1 for a, b in itertools.pairwise(candidate))
        if not before:
            return rough + abs(sum(candidate) - middle * len(candidate)), candidate
        # Distances in both directions, so that chords of different sizes are comparable.
        forth = sum(min(abs(pitch - old) for old in before) for pitch in candidate)
        back = sum(min(abs(pitch - old) for pitch in candidate) for old in before)
        return rough + forth + back, candidate

    return min(_close_positions(tones, low, high), key=motion)


def _close_positions(tones: set[int], low: int, high: int) -> Iterator[tuple[int, ...]]:
    for bottom in range(low, high):
        if bottom % 12 in tones:
            stack = sorted(bottom + (tone - bottom) % 12 for tone in tones)
            if stack[-1] <= high:
                yield tuple(stack)
