"""Compose clips: a piece of a genre, and the five seconds to cut from it."""

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
SYNTHESIZER_RATE = 48_000  # Hz; the only rate that midirenderer supports
CLIP_MILLISECONDS = 5_000
MARGIN_MILLISECONDS = 100  # rendered past the cut, for the resampling filter

# Starts relative to the bar: most often on the downbeat, like clips cut by hand.
START_OFFSETS = (0, 0, 0, 0, 2 * BEAT, 2 * BEAT, BEAT, BEAT * 3 // 2)
# Ceiling of integer_resampling.saturate per style, in percent; lower is louder. Other styles keep
# their dynamics.
CEILINGS = {
    "blues": 115, "country": 130, "disco": 105, "hiphop": 85, "metal": 100, "pop": 90,
    "reggae": 95, "rock": 105,
}  # fmt: skip

# -3 and -1 dBFS, relative to 32 768.
MIN_PEAK, MAX_PEAK = 23_198, 29_204


@dataclass(frozen=True)
class Excerpt:
    """A piece as MIDI, and how to cut and master it."""

    midi: bytes
    skip: int  # samples at 48 kHz to drop at the beginning
    ceiling: int  # see CEILINGS; 0: no mastering
    peak: int  # magnitude to scale to, relative to 32 768


def compose_clip(genre: str, seed: int, index: int) -> Excerpt:
    """Compose clip `index` of a genre; depends on the arguments only.

    Raises:
        KeyError: `genre` is not in `styles.GENRES`.
    """
    rng = Random(f"{genre}/{seed}/{index}")
    score = ARRANGEMENTS[genre](rng)
    return _cut(score, rng, CEILINGS.get(genre, 0))


def _cut(score: Score, rng: Random, ceiling: int) -> Excerpt:
    """Choose the five seconds at random; the bar before them is rendered and dropped, so that
    notes and reverberation are already sounding when the clip begins.
    """
    length = score.ticks(CLIP_MILLISECONDS + MARGIN_MILLISECONDS)
    last = (BARS * score.bar - length - max(START_OFFSETS)) // score.bar
    start = rng.randint(1, last) * score.bar + rng.choice(START_OFFSETS)
    lead = start - score.bar
    midi = score.midi(lead, start + length)
    skip = score.samples(score.bar, SYNTHESIZER_RATE)
    return Excerpt(midi, skip, ceiling, rng.randint(MIN_PEAK, MAX_PEAK))
