"""Play parts over chord changes: drums, bass, chords, arpeggios, melody."""

from collections.abc import Iterator, Sequence
from random import Random

from pipeline.data.demo.grooves import BALANCE, DRUMS, KIT_BALANCE, LOUDNESS, Groove
from pipeline.data.demo.harmony import Changes, nearest, voice
from pipeline.data.demo.score import BEAT, EXPRESSION, Part


def steps(pattern: str, span: int) -> Iterator[tuple[int, int, str]]:
    """Offset and length (ticks) and symbol of each event of a rhythm over `span` ticks."""
    step = span // len(pattern)
    for place, symbol in enumerate(pattern):
        if symbol not in ".-":
            held = len(pattern[place + 1 :]) - len(pattern[place + 1 :].lstrip("-"))
            yield place * step, (1 + held) * step, symbol


def strike(part: Part, groove: Groove, start: int, span: int, until: int | None = None) -> None:
    """Play a groove once over `span` ticks, up to the offset `until`."""
    balance = BALANCE | KIT_BALANCE.get(part.program, {})
    for drum, pattern in groove.items():
        for offset, length, symbol in steps(pattern, span):
            loud = LOUDNESS[symbol] + balance.get(drum, 0)
            if until is None or offset < until:
                part.note(start + offset, length, DRUMS[drum], loud)


def drums(
    part: Part,
    rng: Random,
    groove: Groove,
    fills: Sequence[Groove],
    changes: Changes,
    *,
    phrase: int = 4,
    crash: str = "crash",
) -> None:
    """Repeat a groove, with a fill at the end of each phrase and a crash after it."""
    half = changes.bar // 2
    for number in range(changes.bars):
        start = number * changes.bar
        last = number % phrase == phrase - 1
        strike(part, groove, start, changes.bar, half if last else None)
        if last:
            strike(part, rng.choice(fills), start + half, half)
        if number % phrase == 0 and crash:
            part.note(start, 2 * BEAT, DRUMS[crash], 100)


def bass(
    part: Part, rng: Random, changes: Changes, patterns: Sequence[str], low: int, velocity: int = 92
) -> None:
    """Play a bass line from patterns of degrees; the fourth bar may use another pattern."""
    pair = (rng.choice(patterns), rng.choice(patterns))
    for number in range(changes.bars):
        start = number * changes.bar
        for offset, length, symbol in steps(pair[number % 4 == 3], changes.bar):
            tick = start + offset
            one = changes.at(tick)
            root = low + (one.root - low) % 12
            if symbol == "a":
                following = changes.at(changes.next_change(tick))
                pitch = low + (following.root - low) % 12 - 1
            else:
                pitch = root + one.degree(int(symbol))
            stop = min(tick + length, _end(changes, tick, pitch))
            part.note(tick, (stop - tick) * 15 // 16, pitch, velocity + 6 * (offset % BEAT == 0))


def walk(part: Part, rng: Random, changes: Changes, low: int, high: int, velocity: int) -> None:
    """Walking bass: roots on changes, chord tones between, a semitone approach to the next."""
    pitch, direction = nearest({changes.at(0).root}, (low + high) // 2, low, high), 1
    for tick in range(0, changes.bar * changes.bars, BEAT):
        one, change = changes.at(tick), changes.next_change(tick)
        if any(start == tick for start, _, _ in changes.spans):
            pitch = nearest({one.root}, pitch, low, high)
        elif change - tick == BEAT:
            root = nearest({changes.at(change).root}, pitch, low + 1, high - 1)
            pitch = root + (1 if pitch > root else -1)
        else:
            if pitch + 4 > high or pitch - 4 < low:
                direction = 1 if pitch - 4 < low else -1
            elif rng.randrange(4) == 0:
                direction = -direction
            pitch = nearest(one.tones, pitch + 4 * direction, low, high)
        part.note(tick, BEAT * 9 // 10, pitch, velocity)
        if rng.randrange(8) == 0:
            part.note(tick + BEAT // 2, BEAT // 5, pitch, velocity - 22)


def comp(
    part: Part,
    rng: Random,
    changes: Changes,
    patterns: Sequence[str],
    low: int,
    high: int,
    velocity: int,
    *,
    strum: int = 0,
    voices: int = 4,
    vary: int = 4,
) -> None:
    """Play chords in a rhythm with smooth voice leading; every `vary` bars in another rhythm."""
    usual, other = rng.choice(patterns), rng.choice(patterns)
    before: tuple[int, ...] = ()
    for number in range(changes.bars):
        pattern = other if number % vary == vary - 1 else usual
        for place, (offset, length, symbol) in enumerate(steps(pattern, changes.bar)):
            tick = number * changes.bar + offset
            before = voice(changes.at(tick), before, low, high, voices)
            stop = min(tick + length, changes.next_change(tick))
            # Alternate down and up strums.
            order = before if place % 2 == 0 else before[::-1]
            for string, pitch in enumerate(order):
                late = string * strum
                loud = velocity + (10 if symbol == "X" else -14 if symbol == "o" else 0)
                part.note(tick + late, max(40, (stop - tick) * 15 // 16 - late), pitch, loud)


def arpeggio(
    part: Part, changes: Changes, pattern: str, low: int, high: int, velocity: int, voices: int = 4
) -> None:
    """Broken chords: a digit is a voice of the chord, counted upwards across octaves."""
    before: tuple[int, ...] = ()
    for number in range(changes.bars):
        for offset, length, symbol in steps(pattern, changes.bar):
            tick = number * changes.bar + offset
            before = voice(changes.at(tick), before, low, high, voices)
            octave, place = divmod(int(symbol), len(before))
            part.note(tick, length, before[place] + 12 * octave, velocity + 8 * (offset == 0))


def pad(part: Part, changes: Changes, low: int, high: int, velocity: int, voices: int = 4) -> None:
    """Sustained chords; common tones are not repeated."""
    before: tuple[int, ...] = ()
    held: dict[int, int] = {}
    for start, _, one in changes.spans:
        before = voice(one, before, low, high, voices)
        for pitch in sorted(held.keys() - set(before)):
            begin = held.pop(pitch)
            part.note(begin, start - begin, pitch, velocity)
        for pitch in before:
            held.setdefault(pitch, start)
    for pitch, begin in held.items():
        part.note(begin, changes.bar * changes.bars - begin, pitch, velocity)


def melody(
    part: Part,
    rng: Random,
    changes: Changes,
    cells: Sequence[str],
    scale: frozenset[int],
    low: int,
    high: int,
    velocity: int,
    *,
    scoop: int = 0,
    bars: Sequence[int] | None = None,
) -> None:
    """Melody in phrases of four bars: a motif of two bars, then the motif with another ending.

    Notes on beats and long notes are chord tones, others come from `scale`.

    Args:
        part: the part that plays.
        rng: random generator of the piece.
        changes: chords.
        cells: rhythms of one bar.
        scale: pitch classes (0-11).
        low, high: range of pitches.
        velocity: 1-127.
        scoop: cents by which some long notes are approached from below.
        bars: bars with melody; None for all.
    """
    motif = [(rng.choice(cells), _contour(rng)) for _ in range(2)]
    ending = (rng.choice(cells), _contour(rng))
    home = (low + high) // 2 + rng.randint(-3, 3)
    pitch = home
    for number in range(changes.bars):
        cell, contour = ending if number % 4 == 3 else motif[number % 2]
        if number % 4 in (0, 2):
            pitch = home
        if bars is not None and number not in bars:
            continue
        for (offset, length, symbol), move in zip(steps(cell, changes.bar), contour, strict=False):
            tick = number * changes.bar + offset
            one = changes.at(tick)
            strong = offset % BEAT == 0 or length >= BEAT
            target = pitch + move
            if not low <= target <= high:
                target = pitch - move
            tones = one.tones if strong else one.within(scale)
            pitch = nearest(tones, target, low, high)
            stop = min(tick + length, _end(changes, tick, pitch))
            if scoop and length >= BEAT // 2 and rng.randrange(3) == 0:
                part.scoop(tick, -scoop)
            accent = 8 * (offset % BEAT == 0) + 8 * (symbol == "X")
            part.note(tick, (stop - tick) * 15 // 16, pitch, velocity + accent)


def swell(part: Part, start: int, stop: int, first: int, last: int) -> None:
    """Change the expression of a part (0-127) linearly from `first` to `last`."""
    for step in range(17):
        tick = start + (stop - start) * step // 16
        part.control(tick, EXPRESSION, first + (last - first) * step // 16)


def _contour(rng: Random) -> list[int]:
    """Random intervals in semitones that tend to keep their direction, with occasional leaps."""
    direction, moves = rng.choice((-1, 1)), []
    for _ in range(16):
        if rng.randrange(3) == 0:
            direction = -direction
        moves.append(direction * rng.choice((1, 2, 2, 2, 3, 4, 5)))
    return moves


def _end(changes: Changes, tick: int, pitch: int) -> int:
    """Tick until which a note from `tick` is a chord tone: the next chord without it."""
    change = changes.next_change(tick)
    while change < changes.bar * changes.bars and pitch % 12 in changes.at(change).tones:
        change = changes.next_change(change)
    return change
