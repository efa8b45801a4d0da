"""Compose the four new songs, with a simple form: rap, trap, disco and house.

They differ from the training set: stereo, other drum kits, other tempi. The first five seconds of
each, which are encoded, are typical of its style.
"""

from collections.abc import Sequence
from random import Random

from pipeline.data.demo import harmony, players
from pipeline.data.demo.composition import MAX_PEAK, MIN_PEAK, Excerpt
from pipeline.data.demo.electric import play_rap
from pipeline.data.demo.grooves import DRUMS, FILLS, GROOVES, Groove
from pipeline.data.demo.harmony import Changes, scale
from pipeline.data.demo.score import BEAT, EXPRESSION, Part, Score
from pipeline.data.demo.styles import STYLES

CEILING = 95  # percent, see composition.CEILINGS
TAIL_MILLISECONDS = 1_500  # for the last chord to ring

Form = Sequence[tuple[int, Groove]]  # bars, what the drums play in them


def compose_song(name: str, seed: int) -> Excerpt:
    """Compose one of `styles.SONGS`.

    Raises:
        KeyError: another name.
    """
    rng = Random(f"song/{name}/{seed}")
    score, bars = {"rap": _rap, "trap": _trap, "disco": _disco, "house": _house}[name](rng)
    stop = bars * score.bar + score.ticks(TAIL_MILLISECONDS)
    return Excerpt(score.midi(0, stop), 0, CEILING, rng.randint(MIN_PEAK, MAX_PEAK))


def _sections(part: Part, form: Form, bar: int) -> None:
    """Play each section's groove, with a crash at its first beat and at the end."""
    start = 0
    for bars, groove in form:
        if start:
            part.note(start, 2 * BEAT, DRUMS["crash"], 96)
        for _ in range(bars):
            players.strike(part, groove, start, bar)
            start += bar
    part.note(start, 3 * BEAT, DRUMS["crash"], 100)
    part.note(start, BEAT, DRUMS["kick"], 96)


def _roll(part: Part, drum: str, start: int, bar: int) -> None:
    """Play a roll that doubles in rate and gets louder over two bars, before a drop."""
    for half, strokes in enumerate((4, 8, 8, 16)):
        for stroke in range(strokes):
            tick = start + half * bar // 2 + stroke * bar // 2 // strokes
            loud = 50 + 14 * half + 10 * stroke // strokes
            part.note(tick, BEAT // 8, DRUMS[drum], loud)


def _final_chord(changes: Changes, parts: Sequence[Part], low: int) -> None:
    """Play the tonic chord after the last bar."""
    end, home = changes.bar * changes.bars, changes.spans[0][2]
    for part in parts:
        for pitch in harmony.voice(home, (), low, low + 21):
            part.note(end, 4 * BEAT, pitch, 84)


def _rap(rng: Random) -> tuple[Score, int]:
    """Boom bap at 90: a bar of loop and scratch, four bars of verse, four of hook."""
    score, key, bars = Score(rng, 90, swing=146, pulse=BEAT // 2), rng.choice((0, 2, 5, 9)), 9
    changes = Changes("i9 iv9 i9 bVI v7", key, score.bar, bars)
    verse = GROOVES["hiphop"][0]
    hook = {
        **GROOVES["hiphop"][2],
        "clap": "....X.......X...",
        "tambourine": "..x...x...x...x.",
    }
    intro = {"closed": "x.x.x.xox.x.x.x.", "kick": "X......x..X.....", "snare": "....X.......X.xX"}
    _sections(score.drums(25, 112), ((1, intro), (4, verse), (4, hook)), score.bar)
    bass = score.part(38, 104, reverb=0)
    players.bass(bass, rng, changes, ("1--.......1--.5.", "1-.1....7-1-...."), 28, 102)
    keys = score.part(4, 92, 40, reverb=45, chorus=30)
    players.comp(keys, rng, changes, ("x--x--....x-....",), 53, 72, 80, strum=10)
    vibes = score.part(11, 84, 100, reverb=60)
    minor = scale(key, "minor pentatonic")
    cells = ("x..x..x...x.....", "..x.x.x-....x-..")
    players.melody(vibes, rng, changes, cells, minor, 69, 86, 80, bars=(0, 1, 3, 5, 6, 7, 8))
    strings = score.part(48, 78, 84, reverb=70)
    players.pad(strings, changes, 60, 76, 76, 3)
    strings.control(0, EXPRESSION, 70)
    strings.control(5 * score.bar, EXPRESSION, 118)
    play_rap(score.part(54, 92, 64, reverb=15), rng, bars, key)
    brass = score.part(61, 84, 26, reverb=40)
    for bar in range(5, bars):
        for tick in (bar * score.bar, bar * score.bar + 3 * BEAT // 2):
            for pitch in harmony.voice(changes.at(tick), (), 58, 76, 3):
                brass.note(tick, BEAT // 3, pitch, 100)
    _final_chord(changes, (keys, strings), 55)
    return score, bars


def _trap(rng: Random) -> tuple[Score, int]:
    """Half time at 140: bells and rolling hi-hats, a gliding 808, a build, a drop."""
    score, key, bars = Score(rng, 140, timing_jitter=2), rng.choice((0, 1, 3, 10)), 14
    changes = Changes("i i bVI V", key, score.bar, bars)
    light = {"clap": "........X.......", "closed": "x.x.x.x.xxx.x.xx", "kick": "X.....x........."}
    full = {
        "clap": "........X.......", "snare": "........x.......", "kick": "X.....x...x..X..",
        "closed": "x.x.xxx.x.x.x.x.", "open": "..............x.",
    }  # fmt: skip
    build = {"kick": "X...X...X...X...", "closed": "x.x.x.x.x.x.x.x."}
    kit = score.drums(25, 114)
    _sections(kit, ((2, light), (2, full), (2, build), (8, full)), score.bar)
    _roll(kit, "snare", 4 * score.bar, score.bar)
    for bar in (1, 3, 7, 9, 11, 13):
        # Hi-hat rolls in thirty-seconds or triplets into the next bar.
        strokes = rng.choice((6, 8, 12))
        for stroke in range(strokes):
            tick = (bar + 1) * score.bar - BEAT + stroke * BEAT // strokes
            kit.note(tick, 20, DRUMS["closed"], 70 + 40 * stroke // strokes)
    sub = score.part(39, 112, reverb=0)
    for bar in [*range(4), *range(6, bars)]:
        start = bar * score.bar
        root = 28 + (changes.at(start).root - 28) % 12
        for offset, length in ((0, 700), (720, 420), (1200, 330), (1560, 330)):
            sub.bend(start + offset, 0)
            sub.note(start + offset, length, root, 108)
        if bar % 2:
            for step in range(9):
                sub.bend(start + 1620 + 30 * step, -25 * step)
    bells = score.part(14 if rng.randrange(2) else 10, 92, 84, reverb=75)
    cells = ("x-x-x---x-x-....", "x--x--x-x---x---")
    players.melody(bells, rng, changes, cells, scale(key, "harmonic"), 67, 84, 88)
    plucks = score.part(46, 84, 36, reverb=60)
    players.arpeggio(plucks, changes, "0-1-2-1-3-1-2-1-", 60, 77, 74, 3)
    choir = score.part(52, 80, 64, reverb=80)
    players.pad(choir, changes, 55, 74, 78, 3)
    players.swell(choir, 0, 4 * score.bar, 84, 96)
    players.swell(choir, 4 * score.bar, 6 * score.bar, 80, 127)
    brass = score.part(62, 82, 100, reverb=45)
    for bar in range(6, bars):
        for offset in (0, 3 * BEAT // 2):
            tick = bar * score.bar + offset
            for pitch in harmony.voice(changes.at(tick), (), 52, 70, 3):
                brass.note(tick, BEAT // 2, pitch, 96)
    _final_chord(changes, (choir, plucks), 55)
    return score, bars


def _disco(rng: Random) -> tuple[Score, int]:
    """Four on the floor at 118: a bar of groove, verse, chorus with strings and brass."""
    score, key, bars = Score(rng, 118), rng.choice((2, 4, 7, 9)), 12
    changes = Changes("i7 i7 iv7 bVII i7 bVI iv7 V7", key, score.bar, bars)
    style = STYLES["disco"]
    players.drums(score.drums(0, 114), rng, GROOVES["disco"][0], FILLS["disco"], changes)
    players.bass(score.part(33, 100, reverb=5), rng, changes, style.bass[:2], 28, 100)
    guitar = score.part(28, 90, 22, reverb=25)
    players.comp(guitar, rng, changes, ("x.xox.xox.xox.xo",), 60, 77, 82, strum=5, voices=3)
    piano = score.part(2, 86, 100, reverb=35)
    players.comp(piano, rng, changes, ("..x...x...x...x.", "x..x..x...x..x.."), 53, 71, 82)
    strings = score.part(48, 88, 74, reverb=65)
    players.pad(strings, changes, 64, 84, 82)
    minor = scale(key, "minor")
    lead = score.part(73, 92, 54, reverb=55)
    players.melody(lead, rng, changes, style.melody, minor, 72, 90, 92, bars=range(1, 5))
    violins = score.part(50, 96, 84, reverb=60)
    players.melody(violins, rng, changes, style.melody, minor, 70, 89, 96, bars=range(5, bars))
    brass = score.part(61, 86, 44, reverb=45)
    for bar in range(4, bars):
        for offset in (0, 3 * BEAT // 2) if bar % 2 == 0 else (3 * BEAT, 7 * BEAT // 2):
            tick = bar * score.bar + offset
            for pitch in harmony.voice(changes.at(tick), (), 60, 78):
                brass.note(tick, BEAT // 3, pitch, 100)
    _final_chord(changes, (strings, piano), 60)
    return score, bars


def _house(rng: Random) -> tuple[Score, int]:
    """Four on the floor at 124: piano stabs, pads ducked by the kick, a build, a drop."""
    score, key, bars = Score(rng, 124, timing_jitter=2), rng.choice((0, 5, 7, 9)), 12
    changes = Changes("i9 bVIM7 bIIIM7 bVII", key, score.bar, bars)
    groove = {
        "kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..x...x...x...x.",
        "closed": "xoxoxoxoxoxoxoxo", "shaker": "o.oxo.oxo.oxo.ox",
    }  # fmt: skip
    build = {"closed": "x.x.x.x.x.x.x.x.", "clap": "X...X...X...X..."}
    kit = score.drums(24, 112)
    _sections(kit, ((4, groove), (2, build), (6, groove)), score.bar)
    _roll(kit, "snare", 4 * score.bar, score.bar)
    bass = score.part(38, 100, reverb=0)
    players.bass(bass, rng, changes, ("..1-..1-..1-..8-", "..1-.11-..1-.58-"), 28, 102)
    piano = score.part(1, 96, 44, reverb=45)
    players.comp(piano, rng, changes, ("x..x..x..x..x.x.", "x..x..x...x.x..."), 57, 76, 88)
    pads = score.part(50, 88, 84, reverb=70, chorus=40)
    players.pad(pads, changes, 60, 79, 84)
    for beat in range(4 * bars):
        # Side-chain compression: each bass drum ducks the pads.
        if not 16 <= beat < 24:
            players.swell(pads, beat * BEAT, beat * BEAT + BEAT * 3 // 4, 48, 118)
    players.swell(pads, 4 * score.bar, 6 * score.bar, 70, 127)
    plucks = score.part(81, 84, 96, reverb=60)
    hook = ("x..x..x..x..x-x-", "x..x..x-..x-....")
    minor = scale(key, "minor pentatonic")
    drop = (2, 3, *range(6, bars))
    players.melody(plucks, rng, changes, hook, minor, 69, 86, 88, bars=drop)
    voices = score.part(54, 82, 30, reverb=70)
    players.melody(voices, rng, changes, ("....x-......x-..",), minor, 64, 79, 88)
    _final_chord(changes, (piano, pads), 57)
    return score, bars
