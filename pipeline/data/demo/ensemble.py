"""Common start of every arrangement: a score with tempo and swing, a key and chord changes."""

import re
from dataclasses import dataclass
from random import Random

from pipeline.data.demo import harmony, players
from pipeline.data.demo.grooves import FILLS, GROOVES
from pipeline.data.demo.score import Part, Score
from pipeline.data.demo.styles import STYLES, Style

BARS = 12  # of the piece from which a clip is cut


@dataclass
class Ensemble:
    """Random choices made once per piece, and helpers to add parts to its score."""

    rng: Random
    genre: str
    style: Style
    score: Score
    key: int  # pitch class, 0-11
    minor: bool  # whether the tonic chord is minor
    changes: harmony.Changes

    def scale(self, major: str, minor: str) -> frozenset[int]:
        """Scale in the key of the piece, `major` or `minor` according to its tonic chord."""
        return harmony.scale(self.key, minor if self.minor else major)

    def add_part(
        self,
        programs: tuple[int, ...],
        volume: int,
        pan: int = 64,
        reverb: int = 35,
        chorus: int = 0,
        vibrato: int = 0,
    ) -> Part:
        """Add one of several instruments at random, within ±5 of `volume` (0-127)."""
        loudness = volume + self.rng.randint(-5, 5)
        program = self.rng.choice(programs)
        return self.score.part(program, loudness, pan, reverb, chorus, vibrato)

    def drums(self, volume: int, crash: str = "crash") -> None:
        """Add drums with one of the style's grooves and kits."""
        part = self.score.drums(self.rng.choice(self.style.kits), volume)
        groove = self.rng.choice(GROOVES[self.genre])
        players.drums(part, self.rng, groove, FILLS[self.genre], self.changes, crash=crash)

    def chance(self, percent: int) -> bool:
        """True with a probability of `percent` / 100."""
        return self.rng.randrange(100) < percent


def start_piece(
    rng: Random, genre: str, *, beats: int = 4, tempo: tuple[int, int] = (0, 0), swing: int = 0
) -> Ensemble:
    """Choose tempo, swing, key and changes of a piece at random from its style.

    Args:
        rng: random generator of the piece.
        genre: one of `styles.GENRES`.
        beats: per bar.
        tempo, swing: if given, replace those of the style.
    """
    style = STYLES[genre]
    score = Score(
        rng,
        rng.randint(*(tempo if any(tempo) else style.tempo)),
        beats=beats,
        swing=swing or rng.choice(style.swings),
        pulse=style.pulse,
    )
    key = rng.randrange(12)
    text = rng.choice(style.changes)
    minor = any(re.match("i(?![iv])", symbol) for symbol in re.split("[ -]", text))
    changes = harmony.Changes(text, key, score.bar, BARS)
    return Ensemble(rng, genre, style, score, key, minor, changes)
