"""A clip to be: a piece of a genre and the place where five seconds are cut out of it."""

from dataclasses import dataclass
from random import Random

from pipeline.data.demo import acoustic, electric
from pipeline.data.demo.ensemble import BARS
from pipeline.data.demo.score import BEAT, Score

ARRANGEMENTS = {
    "blues": acoustic.blues,
    "classical": acoustic.classical,
    "country": acoustic.country,
    "disco": electric.disco,
    "hiphop": electric.hiphop,
    "jazz": acoustic.jazz,
    "metal": electric.metal,
    "pop": electric.pop,
    "reggae": acoustic.reggae,
    "rock": electric.rock,
}
SYNTHESIZER_RATE = 48_000  # Hz; the synthesizer knows no other
CLIP_MILLISECONDS = 5_000
MARGIN_MILLISECONDS = 100  # sounded past the cut, for the resampling filter

# A clip begins on the downbeat more often than elsewhere, as a hand that cuts music does.
OFFSETS = (0, 0, 0, 0, 2 * BEAT, 2 * BEAT, BEAT, BEAT * 3 // 2)
# How hard a style is mastered, see resampling.saturated: percent, less is louder. The others
# keep their dynamics.
CEILINGS = {
    "blues": 115, "country": 130, "disco": 105, "hiphop": 85, "metal": 100, "pop": 90,
    "reggae": 95, "rock": 105,
}  # fmt: skip

# Peaks from -3 to -1 dBFS, of 32 768.
QUIETEST, LOUDEST = 23_198, 29_204


@dataclass(frozen=True)
class Excerpt:
    """A running piece as MIDI, and which of its samples to keep."""

    midi: bytes
    skip: int  # samples at 48 kHz before the cut
    ceiling: int  # percent of the peak, see CEILINGS; 0: no mastering
    level: int  # the peak to scale to, of 32 768


def clip(genre: str, seed: int, index: int) -> Excerpt:
    """Compose clip `index` of a genre; it depends on the three arguments and nothing else.

    Raises KeyError for a genre that is not in styles.GENRES.
    """
    rng = Random(f"{genre}/{seed}/{index}")
    score = ARRANGEMENTS[genre](rng)
    return _cut(score, rng, CEILINGS.get(genre, 0))


def _cut(score: Score, rng: Random, ceiling: int) -> Excerpt:
    """Choose where the five seconds begin; the bar before them is played, not kept.

    So the clip opens on sounding chords and room, like a cut from a record.
    """
    length = score.ticks(CLIP_MILLISECONDS + MARGIN_MILLISECONDS)
    last = (BARS * score.bar - length - max(OFFSETS)) // score.bar
    start = rng.randint(1, last) * score.bar + rng.choice(OFFSETS)
    lead = start - score.bar
    midi = score.midi(lead, start + length)
    skip = score.samples(score.bar, SYNTHESIZER_RATE)
    return Excerpt(midi, skip, ceiling, rng.randint(QUIETEST, LOUDEST))
