"""What every arrangement starts from: a score in a style's tempo and feel, a key, its changes."""

import re
from dataclasses import dataclass
from random import Random

from pipeline.data.demo import harmony, players
from pipeline.data.demo.grooves import FILLS, GROOVES
from pipeline.data.demo.score import Part, Score
from pipeline.data.demo.styles import STYLES, Style

BARS = 12  # of each piece a clip is cut from


@dataclass
class Ensemble:
    """A style at work: the draws that a piece makes once, and the players it hires."""

    rng: Random
    genre: str
    style: Style
    score: Score
    key: int  # pitch class, 0-11
    minor: bool  # whether its home chord is
    changes: harmony.Changes

    def scale(self, major: str, minor: str) -> frozenset[int]:
        """The scale of the piece: one name for a major home, one for a minor."""
        return harmony.scale(self.key, minor if self.minor else major)

    def hire(
        self,
        programs: tuple[int, ...],
        volume: int,
        pan: int = 64,
        reverb: int = 35,
        chorus: int = 0,
        vibrato: int = 0,
    ) -> Part:
        """One of several instruments, a little louder or softer than `volume`."""
        loudness = volume + self.rng.randint(-5, 5)
        program = self.rng.choice(programs)
        return self.score.part(program, loudness, pan, reverb, chorus, vibrato)

    def drums(self, volume: int, crash: str = "crash") -> None:
        """A drummer on one of the style's grooves and kits."""
        part = self.score.drums(self.rng.choice(self.style.kits), volume)
        groove = self.rng.choice(GROOVES[self.genre])
        players.drums(part, self.rng, groove, FILLS[self.genre], self.changes, crash=crash)

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred pieces."""
        return self.rng.randrange(100) < percent


def gather(
    rng: Random, genre: str, *, beats: int = 4, tempo: tuple[int, int] = (0, 0), swing: int = 0
) -> Ensemble:
    """Draw tempo, feel, key and changes of a piece in a style.

    `tempo` and `swing`, where given, replace the style's own.
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
