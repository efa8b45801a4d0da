"""Arrangements of acoustic styles.

Each function composes one piece at random: its instruments, their parts and the chord changes.
"""

from random import Random

from pipeline.data.demo import players
from pipeline.data.demo.ensemble import BARS, Ensemble, start_piece
from pipeline.data.demo.grooves import FILLS, Groove
from pipeline.data.demo.score import BEAT, Score

BOSSA_GUITAR = "x-.x-..x-.x-..x."
BOSSA: Groove = {
    "closed": "xoxoxoxoxoxoxoxo",
    "rim": "x..x..x...x..x..",
    "kick": "x..xx..xx..xx..x",
}


def blues(rng: Random) -> Score:
    """Twelve-bar shuffle: walking or riff bass, comped seventh chords, call-and-response lead."""
    band = start_piece(rng, "blues")
    style, score, changes = band.style, band.score, band.changes
    band.drums(104, rng.choice(("crash", "")))
    players.bass(band.add_part((32, 33, 33), 96, reverb=10), rng, changes, style.bass, 28, 96)
    if band.chance(55):
        _shuffle(band)
    if band.chance(65):
        piano = band.add_part((0, 1, 3, 16, 17), 78, 40)
        players.comp(piano, rng, changes, style.comp, 53, 72, 74)
    program = rng.choice((22, 29, 66, 26, 27, 67, 3))
    lead = band.add_part((program,), 98, 72, reverb=50, vibrato=0 if program == 3 else 18)
    scoop = 0 if program == 3 else 150
    scale = band.scale("blues", "blues")
    answers = [bar for bar in range(BARS) if bar % 4 != 2] if band.chance(60) else None
    players.melody(lead, rng, changes, style.melody, scale, 60, 82, 92, scoop=scoop, bars=answers)
    return score


def _shuffle(band: Ensemble) -> None:
    """Guitar boogie: alternating fifth and sixth above each root."""
    guitar = band.add_part((25, 27, 29), 74, 88)
    for bar in range(BARS):
        for beat in range(4):
            tick = bar * band.changes.bar + beat * BEAT
            root = 40 + (band.changes.at(tick).root - 40) % 12
            for late, length, loud in ((0, 300, 84), (320, 140, 68)):
                guitar.note(tick + late, length, root, band.rng.randint(-4, 4) + loud)
                guitar.note(tick + late, length, root + (7 if beat % 2 == 0 else 9), loud)


def classical(rng: Random) -> Score:
    """Functional harmony, no drums, in one of five textures."""
    beats = rng.choice((4, 4, 3))
    band = start_piece(rng, "classical", beats=beats)
    rng.choice((_sonata, _strings, _baroque, _orchestra, _nocturne))(band)
    return band.score


def _bar(band: Ensemble, pattern: str) -> str:
    """Repeat or truncate a pattern of sixteenths to fill a bar."""
    sixteenths = band.changes.bar // (BEAT // 4)
    return (pattern * sixteenths)[:sixteenths]


def _tune(
    band: Ensemble, programs: tuple[int, ...], low: int, high: int, volume: int = 104
) -> None:
    """Melody with a crescendo to the middle of each phrase and a diminuendo to its end."""
    lead = band.add_part(programs, volume, 70, reverb=65, vibrato=8)
    bar = band.changes.bar
    for start in range(0, BARS, 4):
        players.swell(lead, start * bar, (start + 2) * bar, 92, 122)
        players.swell(lead, (start + 2) * bar, (start + 4) * bar, 122, 92)
    cells = [_bar(band, cell) for cell in band.style.melody]
    scale = band.scale("major", "harmonic")
    players.melody(lead, band.rng, band.changes, cells, scale, low, high, 92)


def _sonata(band: Ensemble) -> None:
    """Melody over an Alberti bass on one keyboard."""
    keyboard = band.rng.choice(((0,), (6,), (0,)))
    left = band.add_part(keyboard, 88, 56, reverb=55)
    players.arpeggio(left, band.changes, _bar(band, "0-2-1-2-"), 45, 64, 62, 3)
    _tune(band, keyboard, 67, 88)


def _strings(band: Ensemble) -> None:
    """String quartet: sustained or pulsing inner voices, cello on the roots."""
    inner = band.add_part((48, 41), 86, 60, reverb=70)
    if band.chance(50):
        players.pad(inner, band.changes, 53, 72, 74, 3)
    else:
        pulse = [_bar(band, "x-")]
        players.comp(inner, band.rng, band.changes, pulse, 53, 72, 68, voices=3)
    cello = band.add_part((42,), 100, 84, reverb=70, vibrato=10)
    roots = band.rng.choice(band.style.bass)
    players.bass(cello, band.rng, band.changes, [_bar(band, roots)], 36, 84)
    _tune(band, (40, 48, 40), 67, 88)


def _baroque(band: Ensemble) -> None:
    """Keyboard in running sixteenths over a walking cello, with a solo."""
    keyboard = band.add_part((6, 19), 84, 50, reverb=50)
    figure = band.rng.choice(("01234321", "0102", "0242", "02132432"))
    players.arpeggio(keyboard, band.changes, _bar(band, figure), 52, 69, 72, 3)
    cello = band.add_part((42, 70), 100, 80, reverb=50)
    players.walk(cello, band.rng, band.changes, 38, 57, 86)
    _tune(band, (40, 73, 68, 56), 67, 86, 98)


def _orchestra(band: Ensemble) -> None:
    """Pizzicato and sustained strings, horns, a wind solo, timpani on downbeats."""
    plucked = band.add_part((45,), 104, 46, reverb=60)
    after = [_bar(band, "....x-..x-..x-..")]
    players.comp(plucked, band.rng, band.changes, after, 55, 74, 84)
    players.pad(band.add_part((48, 49), 78, 74, reverb=75), band.changes, 52, 70, 70)
    double_bass = band.add_part((43,), 104, 64, reverb=60)
    players.bass(double_bass, band.rng, band.changes, [_bar(band, "1---....5---....")], 28, 90)
    if band.chance(60):
        players.pad(band.add_part((60,), 70, 54, reverb=75), band.changes, 48, 65, 70, 3)
    timpani = band.add_part((47,), 88, 64, reverb=60)
    for start, _, one in band.changes.spans:
        if start % (2 * band.changes.bar) == 0:
            timpani.note(start, BEAT, 40 + (one.root - 40) % 12, 80)
    _tune(band, (73, 68, 71, 40, 56), 70, 89, 108)


def _nocturne(band: Ensemble) -> None:
    """Wide piano or harp arpeggios under a cantabile melody."""
    left = band.add_part((0, 46, 0), 92, 54, reverb=75)
    players.arpeggio(left, band.changes, _bar(band, "0-1-2-3-4-3-2-1-"), 43, 60, 64, 3)
    _tune(band, (0, 42, 73, 68, 71), 65, 86)


def country(rng: Random) -> Score:
    """Two-beat bass, boom-chick guitar, train-beat brushes; banjo, fiddle or steel guitar lead."""
    band = start_piece(rng, "country")
    style, score, changes = band.style, band.score, band.changes
    band.drums(102, "")
    players.bass(band.add_part((32, 33), 104, reverb=10), rng, changes, style.bass, 28, 96)
    guitar = band.add_part((25, 24, 25), 92, 44)
    players.comp(guitar, rng, changes, style.comp, 52, 71, 80, strum=14)
    if band.chance(55):
        banjo = band.add_part((105, 25), 84, 90)
        roll = rng.choice(("0213021302130213", "2013201320132031", "0.2.1.3.0.2.1.3."))
        players.arpeggio(banjo, changes, roll, 60, 77, 74, 3)
    if band.chance(40):
        players.pad(band.add_part((21, 48), 58, 60), changes, 55, 72, 66)
    program = rng.choice((110, 40, 27, 25, 22, 105, 3))
    bent = program in (27, 25, 22)
    lead = band.add_part((program,), 96, 74, reverb=45, vibrato=0 if program in (105, 3) else 10)
    scale = band.scale("country", "minor pentatonic")
    scoop = 200 if bent else 0
    players.melody(lead, rng, changes, style.melody, scale, 64, 84, 92, scoop=scoop)
    return score


def jazz(rng: Random) -> Score:
    """Swing over a walking bass, or bossa nova; comped extended chords, an improvising horn."""
    bossa = rng.randrange(4) == 0
    band = (
        start_piece(rng, "jazz", tempo=(112, 144), swing=BEAT // 2)
        if bossa
        else start_piece(rng, "jazz")
    )
    style, score, changes = band.style, band.score, band.changes
    bass = band.add_part((32,), 108, reverb=15)
    if bossa:
        players.bass(bass, rng, changes, ["1-----5-5-----1-"], 28, 88)
        players.drums(score.drums(0, 80), rng, BOSSA, FILLS["jazz"][:1], changes, crash="")
    else:
        players.walk(bass, rng, changes, 30, 52, 92)
        band.drums(98, "")
    rhythm = (BOSSA_GUITAR,) if bossa else style.comp
    program = 24 if bossa else rng.choice((0, 0, 26, 11, 16))
    comping = band.add_part((program,), 84, 44)
    players.comp(comping, rng, changes, rhythm, 53, 72, 72, strum=6, vary=2)
    horn = rng.choice((66, 64, 56, 59, 64, 11, 26, 0, 73, 57))
    low = 52 if horn in (66, 57) else 60
    solo = band.add_part((horn,), 102, 76, reverb=50, vibrato=12)
    scale = band.scale("major", "dorian")
    scoop = 80 if horn in (66, 64, 56, 57) else 0
    # The soloist rests in about one bar in eight.
    bars = [bar for bar in range(BARS) if rng.randrange(8)]
    players.melody(
        solo, rng, changes, style.melody, scale, low, low + 24, 92, scoop=scoop, bars=bars
    )
    return score


def reggae(rng: Random) -> Score:
    """One drop or steppers: heavy bass with rests, off-beat skank, bubbling organ."""
    band = start_piece(rng, "reggae")
    style, score, changes = band.style, band.score, band.changes
    band.drums(112, "crash" if band.chance(60) else "")
    players.bass(band.add_part((33, 32, 39), 110, reverb=5), rng, changes, style.bass, 28, 104)
    skank = band.add_part((27, 28, 28), 104, 40, reverb=30)
    players.comp(skank, rng, changes, style.comp, 57, 74, 88, strum=8, voices=3)
    if band.chance(75):
        organ = band.add_part((16, 17, 18, 0), 80, 86)
        bubble = rng.choice(("..x.x.x...x.x.x.", "..xox.....xox...", "....x.x.....x.x."))
        players.comp(organ, rng, changes, [bubble], 53, 70, 70, voices=3)
    if band.chance(30):
        players.pad(band.add_part((48, 50, 52), 56, 64), changes, 60, 77, 64, 3)
    lead = band.add_part((22, 21, 56, 57, 66, 17, 73, 75), 92, 70, reverb=60, vibrato=10)
    scale = band.scale("pentatonic", "minor pentatonic")
    phrases = range(BARS) if band.chance(50) else [bar for bar in range(BARS) if bar % 4 < 2]
    players.melody(lead, rng, changes, style.melody, scale, 62, 81, 90, bars=phrases)
    return score
