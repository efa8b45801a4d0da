"""The trials of a test, drawn from its seed as the page of the tests draws them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pipeline.results.listening_stimuli import Pair, Stimuli

FIXED_TRIALS = (10, 16, 25)
"""Numbers of trials that an ABX test with a fixed size may have."""

STAIRCASE_TRIALS, REVERSALS = 40, 8
"""A staircase ends after so many trials, or changes of direction."""

SCREENS, PAIRS = 4, 20
"""Most songs of a MUSHRA test, and most pairs of a preference test."""

_Item = TypeVar("_Item")


class Mulberry32:
    """Random unsigned 32-bit integers (mulberry32, Tommy Ettinger, 2017, public domain).

    Args:
        seed: the initial state, from 0 to 2^32 - 1.
    """

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        """The next integer, from 0 to 2^32 - 1."""
        self.state = (self.state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 15)) * (mixed | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61))) & 0xFFFFFFFF
        return mixed ^ (mixed >> 14)

    def choice(self, count: int) -> int:
        """An integer from 0 to `count` - 1."""
        return self.next() * count >> 32

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        """The items in random order (Fisher–Yates, from the last place down)."""
        order = list(items)
        for place in range(len(order) - 1, 0, -1):
            other = self.choice(place + 1)
            order[place], order[other] = order[other], order[place]
        return order


class Staircase:
    """Two correct answers in a row lead to the next larger size, a wrong one to the next smaller
    (2-down 1-up, Levitt, "Transformed up-down methods in psychoacoustics", 1971): it converges to
    the size with 70.7 % correct answers.

    Args:
        sizes: in ascending order; the first trial has the smallest.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = sizes
        self.place, self.correct, self.direction = 0, 0, 0
        self.trials, self.reversals = 0, 0

    @property
    def size(self) -> int:
        """The size of the next trial."""
        return self.sizes[self.place]

    @property
    def ended(self) -> bool:
        """True after the last trial."""
        return self.trials >= STAIRCASE_TRIALS or self.reversals >= REVERSALS

    def answer(self, correct: bool) -> None:
        """Go to the next trial."""
        self.trials += 1
        self.correct = self.correct + 1 if correct else 0
        if self.correct == 2:
            self._move(1)
        elif not correct:
            self._move(-1)

    def _move(self, direction: int) -> None:
        """To the next size; only a move that the ends of the range allow can be a reversal."""
        self.correct = 0
        place = min(max(self.place + direction, 0), len(self.sizes) - 1)
        if place == self.place:
            return
        if self.direction and direction != self.direction:
            self.reversals += 1
        self.place, self.direction = place, direction


def abx_trials(seed: int, songs: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Song, place of the original and place that X repeats ("a" or "b") of each trial, endless."""
    random = Mulberry32(seed)
    while True:
        song = songs[random.choice(len(songs))]
        original = "ab"[random.choice(2)]
        yield song, original, "ab"[random.choice(2)]


def mushra_screens(seed: int, stimuli: Stimuli) -> list[tuple[str, list[str]]]:
    """The song and the order of the versions of each screen."""
    random = Mulberry32(seed)
    songs = random.shuffled(stimuli.songs)[:SCREENS]
    return [(song, random.shuffled(stimuli.mushra)) for song in songs]


def preference_pairs(seed: int, stimuli: Stimuli) -> list[Pair]:
    """The pairs of a preference test, each with its two sounds in the order played."""
    random = Mulberry32(seed)
    pairs = random.shuffled(stimuli.preference)[:PAIRS]
    return [
        pair if random.choice(2) == 0 else Pair(kind=pair.kind, a=pair.b, b=pair.a)
        for pair in pairs
    ]
