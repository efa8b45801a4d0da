"""Score on a grid of ticks, and its export to MIDI.

All values are integers (480 ticks per beat, tempo in microseconds per beat, MIDI values), so that
the same calls give the same bytes on every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

BEAT = 480  # ticks
DRUM_CHANNEL = 9  # General MIDI reserves the tenth channel for percussion
VOLUME, EXPRESSION = 7, 11  # General MIDI controllers
PAN, REVERB, CHORUS, VIBRATO = 10, 91, 93, 1
ALL_CHANNELS = tuple(range(16))


@dataclass
class Part:
    """An instrument and its notes.

    `swing` is the tick, within each `pulse`, to which the middle of the pulse is moved
    (240 of 480: straight; 320 of 480: triplets). Starts and velocities are humanised by up to
    `timing_jitter` ticks and `velocity_jitter`.
    """

    rng: Random
    program: int
    drums: bool
    settings: dict[int, int]
    swing: int
    pulse: int
    timing_jitter: int
    velocity_jitter: int = 6
    notes: list[tuple[int, int, int, int]] = field(default_factory=list)
    events: list[tuple[int, bytes]] = field(default_factory=list)

    def note(self, start: int, length: int, pitch: int, velocity: int) -> None:
        """Play `pitch` (0-127) from tick `start` for `length` ticks at `velocity` (1-127)."""
        begin, end = self._swung(start), self._swung(start + length)
        if start and self.timing_jitter:
            begin += self.rng.randint(-self.timing_jitter, self.timing_jitter)
        velocity += self.rng.randint(-self.velocity_jitter, self.velocity_jitter)
        self.notes.append((begin, max(end, begin + 20), pitch, max(1, min(127, velocity))))

    def control(self, tick: int, controller: int, value: int) -> None:
        """Set a controller (0-127) to `value` at `tick`."""
        self.events.append((self._swung(tick), bytes((0xB0, controller, max(0, min(127, value))))))

    def bend(self, tick: int, cents: int) -> None:
        """Bend the pitch of the part by `cents` (-200 to 200) from `tick` on."""
        wheel = max(0, min(16383, 8192 + cents * 8192 // 200))
        self.events.append((self._swung(tick), bytes((0xE0, wheel & 127, wheel >> 7))))

    def scoop(self, tick: int, cents: int, ticks: int = 100) -> None:
        """Slide into the note at `tick` from `cents` away."""
        for step in range(9):
            self.bend(tick + ticks * step // 8, cents * (8 - step) // 8)

    def _swung(self, tick: int) -> int:
        whole, place = divmod(tick, self.pulse)
        half = self.pulse // 2
        if place <= half:
            return whole * self.pulse + place * self.swing // half
        return whole * self.pulse + self.swing + (place - half) * (self.pulse - self.swing) // half

    def without_overlaps(self) -> Iterator[tuple[int, int, int, int]]:
        """Notes, each ended before the same pitch starts again, as MIDI requires."""
        following: dict[int, int] = {}
        for start, end, pitch, velocity in sorted(self.notes, reverse=True):
            nearest = following.get(pitch)
            if nearest == start:
                continue
            yield start, end if nearest is None else min(end, nearest), pitch, velocity
            following[pitch] = start


class Score:
    """Parts with a common tempo and metre."""

    def __init__(
        self,
        rng: Random,
        bpm: int,
        *,
        beats: int = 4,
        swing: int = BEAT // 2,
        pulse: int = BEAT,
        timing_jitter: int = 5,
    ) -> None:
        self.rng = rng
        self.microseconds = 60_000_000 // bpm
        self.bar = beats * BEAT
        self.parts: list[Part] = []
        self._feel = (swing, pulse, timing_jitter)

    def part(
        self,
        program: int,
        volume: int,
        pan: int = 64,
        reverb: int = 35,
        chorus: int = 0,
        vibrato: int = 0,
        *,
        drums: bool = False,
    ) -> Part:
        """Add a part for a General MIDI `program` (0-127), or a drum kit if `drums`."""
        settings = {VOLUME: volume, PAN: pan, REVERB: reverb, CHORUS: chorus, VIBRATO: vibrato}
        part = Part(self.rng, program, drums, settings, *self._feel)
        self.parts.append(part)
        return part

    def drums(self, kit: int, volume: int = 100, reverb: int = 25) -> Part:
        """Add a drum part; `kit` is a program of the drum bank."""
        return self.part(kit, volume, reverb=reverb, drums=True)

    def samples(self, ticks: int, rate: int) -> int:
        """Convert ticks to samples at `rate` Hz, rounded down."""
        return ticks * self.microseconds * rate // (BEAT * 1_000_000)

    def ticks(self, milliseconds: int) -> int:
        """Convert milliseconds to ticks, rounded up."""
        return -(-milliseconds * 1000 * BEAT // self.microseconds)

    def midi(self, start: int, stop: int) -> bytes:
        """Export the ticks from `start` to `stop` as a Standard MIDI File, format 0.

        Notes sounding at `start` begin there; controllers set earlier are set there.
        """
        melodic = [channel for channel in ALL_CHANNELS if channel != DRUM_CHANNEL]
        timed: list[tuple[int, int, bytes]] = []
        for part in self.parts:
            channel = DRUM_CHANNEL if part.drums else melodic.pop(0)
            timed.append((0, 0, bytes((0xC0 | channel, part.program))))
            for controller, value in part.settings.items():
                timed.append((0, 0, bytes((0xB0 | channel, controller, value))))
            for tick, (kind, first, second) in sorted(part.events, key=lambda event: event[0]):
                if tick < stop:
                    message = bytes((kind | channel, first, second))
                    timed.append((max(tick, start) - start, 1, message))
            for begin, end, pitch, velocity in part.without_overlaps():
                if end > start and begin < stop:
                    on, off = max(begin, start) - start, min(end, stop) - start
                    timed.append((on, 2, bytes((0x90 | channel, pitch, velocity))))
                    timed.append((off, 0, bytes((0x80 | channel, pitch, 0))))
        # Stable sort by time and kind: controller messages keep their order.
        timed.sort(key=lambda event: event[:2])
        track = bytearray(b"\x00\xff\x51\x03" + self.microseconds.to_bytes(3, "big"))
        now = 0
        for tick, _, message in timed:
            track += _variable_length(tick - now) + message
            now = tick
        track += _variable_length(stop - start - now) + b"\xff\x2f\x00"
        header = b"MThd" + (6).to_bytes(4, "big") + bytes((0, 0, 0, 1)) + BEAT.to_bytes(2, "big")
        return header + b"MTrk" + len(track).to_bytes(4, "big") + bytes(track)


def _variable_length(value: int) -> bytes:
    """Encode a delta time: seven bits per byte, the high bit set on all but the last."""
    digits = [value & 127]
    while value := value >> 7:
        digits.append(value & 127 | 128)
    return bytes(reversed(digits))
