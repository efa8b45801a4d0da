"""Arrangements of electric and electronic styles.

Each function composes one piece at random: its instruments, their parts and the chord changes.
"""

from random import Random

from pipeline.data.demo import players
from pipeline.data.demo.ensemble import BARS, Ensemble, start_piece
from pipeline.data.demo.harmony import scale
from pipeline.data.demo.score import BEAT, Part, Score

SIXTEENTH = BEAT // 4


def disco(rng: Random) -> Score:
    """Four on the floor, off-beat hi-hats, octave bass, chopped guitar, strings and brass."""
    band = start_piece(rng, "disco")
    style, score, changes = band.style, band.score, band.changes
    band.drums(114)
    players.bass(band.add_part((33, 34, 36, 38), 98, reverb=5), rng, changes, style.bass, 28, 100)
    guitar = band.add_part((27, 28), 82, 36)
    chops = ("x.xox.xox.xox.xo", "..xx..xx..xx..xx", "x..xx.x.x..xx.x.")
    players.comp(guitar, rng, changes, chops, 60, 77, 80, strum=5, voices=3)
    if band.chance(60):
        keys = band.add_part((4, 7, 0, 2), 78, 92)
        players.comp(keys, rng, changes, style.comp, 53, 70, 80)
    if band.chance(75):
        players.pad(band.add_part((48, 50), 78, 74, reverb=60), changes, 64, 83, 78)
    if band.chance(45):
        brass = band.add_part((61, 62), 82, 52, reverb=45)
        stabs = ("............x.x.", "x.x.............", "......x.x-......")
        players.comp(brass, rng, changes, stabs, 60, 78, 96, vary=2)
    tune = band.add_part((48, 81, 73, 66, 51, 11), 92, 70, reverb=55)
    notes = band.scale("major", "minor")
    players.melody(tune, rng, changes, style.melody, notes, 69, 88, 94)
    return score


def hiphop(rng: Random) -> Score:
    """Boom bap: heavy swung drums, a low bass, a sampled loop of two bars, scratches."""
    band = start_piece(rng, "hiphop")
    style, score, changes = band.style, band.score, band.changes
    band.drums(118, "")
    players.bass(band.add_part((38, 33, 32, 39), 104, reverb=5), rng, changes, style.bass, 28, 102)
    loop = band.add_part((4, 5, 0, 26, 11, 48, 24), 84, 50, reverb=40)
    players.comp(loop, rng, changes, style.comp, 53, 74, 76, strum=10, vary=2)
    if band.chance(35):
        players.pad(band.add_part((48, 89, 52), 58, 80, reverb=60), changes, 60, 77, 62, 3)
    if band.chance(70):
        hook = band.add_part((11, 73, 108, 46, 75, 59, 7), 84, 84, reverb=50)
        notes = band.scale("pentatonic", "minor pentatonic")
        players.melody(hook, rng, changes, style.melody, notes, 67, 84, 84)
    if band.chance(55):
        play_rap(band.add_part((54, 85, 53), 84, 64, reverb=15), rng, changes.bars, band.key)
    return score


def play_rap(voice: Part, rng: Random, bars: int, key: int) -> None:
    """Rap imitation: sixteenths around one pitch with falling bends."""
    tonic = 52 + (key - 52) % 12
    verses = [
        rng.choice(("xxxxx.xxxx.xx.x-", "x.xxxxx.xxxxx.x-", "xx.xxx.xxx.xx-..")) for _ in "ab"
    ]
    for bar in range(bars):
        for offset, length, _ in players.steps(verses[bar % 2], 16 * SIXTEENTH):
            tick = bar * 16 * SIXTEENTH + offset
            stressed = offset % BEAT == 0
            pitch = tonic + rng.choice((0, 0, 3, -2) if not stressed else (0, 3, 5))
            # Spoken vowels fall in pitch.
            voice.bend(tick, rng.choice((60, 100)))
            voice.bend(tick + length // 2, rng.choice((-40, -120)))
            voice.note(tick, length * 3 // 4, pitch, 100 if stressed else 84)


def metal(rng: Random) -> Score:
    """Two panned distorted guitars on one riff, bass, double kick drums."""
    band = start_piece(rng, "metal")
    score, changes, key = band.score, band.changes, band.key
    band.drums(102, rng.choice(("crash", "china")))
    low = rng.choice((35, 38, 40))  # drop B, drop D or E: the lowest string
    riff = _riff(band)
    for pan in (18, 110):
        guitar = score.part(rng.choice((30, 30, 29)), 104, pan, reverb=20)
        _play_riff(guitar, band, riff, low, (0, 7, 12))
    bass = band.add_part((34, 33), 92, reverb=5)
    _play_riff(bass, band, riff, low - 12 if low > 38 else low, (0,))
    if band.chance(60):
        solo = band.add_part((30, 29, 81), 104, 64, reverb=55, vibrato=14)
        notes = scale(key, rng.choice(("harmonic", "phrygian", "minor")))
        bars = [bar for bar in range(BARS) if (bar // 2) % 2 == 0] if band.chance(50) else None
        style = band.style
        players.melody(solo, rng, changes, style.melody, notes, 64, 88, 98, scoop=200, bars=bars)
    elif band.chance(50):
        players.pad(band.add_part((52, 48), 64, 64, reverb=70), changes, 60, 79, 70, 2)
    return score


def _riff(band: Ensemble) -> list[tuple[int, int, int, bool]]:
    """Two bars of (offset, length, semitones above the chord, palm-muted)."""
    rng = band.rng
    chug = rng.choice(
        ("x.xxx.xxx.xxx.xx", "xxxxxxxxxxxxxxxx", "x.x.xxx.x.xxx.x.", "xx.xx.xx.xx.xxx.")
    )
    shouts = rng.choice((("....X-", 4), ("..X.X-", 10), ("X-X-X-", 10), ("X---", 12), ("X.X-", 6)))
    degrees = rng.choice(((0, 1, 3), (3, 5, 6), (8, 7, 5), (3, 1, 0), (6, 5, 3)))
    riff = []
    for bar, (accents, place) in enumerate((shouts, ("X-X-X---", 8))):
        accent_stop = place + len(accents)
        pattern = (chug[:place] + accents + chug[accent_stop:])[:16]
        shout = 0
        for offset, length, symbol in players.steps(pattern, 16 * SIXTEENTH):
            semitones = 0
            if symbol == "X":
                semitones, shout = degrees[shout % 3], shout + 1
            riff.append((bar * 16 * SIXTEENTH + offset, length, semitones, symbol == "x"))
    return riff


def _play_riff(
    part: Part,
    band: Ensemble,
    riff: list[tuple[int, int, int, bool]],
    low: int,
    shape: tuple[int, ...],
) -> None:
    """Play the riff transposed to each chord; palm-muted notes are short, single and softer."""
    changes, cycle = band.changes, 2 * band.changes.bar
    for start in range(0, changes.bar * changes.bars, cycle):
        for offset, length, semitones, damped in riff:
            tick = start + offset
            pitch = low + (changes.at(tick).root - low) % 12 + semitones
            for step in shape[:2] if damped else shape:
                held = SIXTEENTH * 2 // 3 if damped else length * 15 // 16
                part.note(tick, held, pitch + step, 78 if damped else 104)


def pop(rng: Random) -> Score:
    """Four chords, a recurring hook, bright keys or strummed guitar, pads."""
    band = start_piece(rng, "pop")
    style, score, changes = band.style, band.score, band.changes
    band.drums(112)
    players.bass(band.add_part((33, 38, 39, 34), 94, reverb=5), rng, changes, style.bass, 28, 94)
    if band.chance(70):
        keys = band.add_part((0, 1, 4, 5, 90), 88, 46, chorus=20)
        players.comp(keys, rng, changes, style.comp, 55, 74, 82)
    else:
        guitar = band.add_part((25, 27), 94, 42)
        strums = ("x-..x-xo.ox-x-xo", "x-o-x-oxo-x-x-ox")
        players.comp(guitar, rng, changes, strums, 52, 76, 82, strum=10)
    if band.chance(65):
        pads = band.add_part((89, 50, 95, 48, 91), 70, 76, reverb=60, chorus=30)
        players.pad(pads, changes, 58, 76, 72)
    if band.chance(45):
        figure = rng.choice(("0-1-2-3-2-1-0-1-", "0123012301230123", "0.2.1.3.0.2.1.3."))
        plucks = band.add_part((27, 46, 99, 10, 98), 72, 96, reverb=50)
        players.arpeggio(plucks, changes, figure, 64, 81, 74, 3)
    hook = band.add_part((80, 81, 85, 53, 73, 54, 0, 82), 90, 64, reverb=50, vibrato=6)
    notes = band.scale("pentatonic", "minor")
    players.melody(hook, rng, changes, style.melody, notes, 67, 84, 94)
    return score


def rock(rng: Random) -> Score:
    """Overdriven power chords left and right, eighths in the bass, a pentatonic lead."""
    band = start_piece(rng, "rock")
    style, score, changes = band.style, band.score, band.changes
    band.drums(110)
    players.bass(band.add_part((33, 34), 104, reverb=5), rng, changes, style.bass, 28, 100)
    rhythm = (rng.choice(style.comp),)
    for pan in (26, 102):
        guitar = score.part(rng.choice((29, 29, 30)), 90, pan, reverb=25)
        players.comp(guitar, rng, changes, rhythm, 40, 59, 90, strum=4)
    if band.chance(35):
        organ = band.add_part((18, 16, 0, 1), 74, 50)
        players.comp(organ, rng, changes, ("x---------------", "x-------x-------"), 57, 74, 76)
    if band.chance(35):
        figure = rng.choice(("0-2-1-2-0-2-1-2-", "0-1-2-3-2-1-2-1-"))
        players.arpeggio(band.add_part((25, 27), 80, 84), changes, figure, 55, 71, 84)
    lead = band.add_part((29, 30, 29, 27), 92, 64, reverb=50, vibrato=16)
    notes = band.scale("country", "minor pentatonic")
    bars = [bar for bar in range(BARS) if bar % 4 > 1] if band.chance(35) else None
    players.melody(lead, rng, changes, style.melody, notes, 62, 86, 98, scoop=200, bars=bars)
    return score
