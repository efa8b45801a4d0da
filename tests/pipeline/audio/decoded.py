"""Decode whole files in tests, and find where a piece of them is in their source."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import correlate

from pipeline.audio.decode import Damage, open_audio
from tests.pipeline.data.users_files import Sound

PIECE = 0.3
"""Length in seconds of the pieces that are looked for in the source: more than a note."""


@dataclass
class Decoded:
    """A whole decoded file."""

    sound: Sound
    rate: int
    damage: list[Damage]

    @property
    def seconds(self) -> float:
        return len(self.sound) / self.rate

    def piece(self, start: float) -> Sound:
        first = max(0, round(start * self.rate))
        return self.sound[first : first + round(PIECE * self.rate)]


def decoded(data: bytes | Path) -> Decoded:
    with open_audio(data) as sound:
        blocks = list(sound.blocks(1 << 16))
        return Decoded(np.concatenate(blocks), sound.rate, sound.damage)


def position(
    piece: Sound, source: Sound, rate: int, near: float | None = None
) -> tuple[float, float]:
    """Second of the source at which a piece is most alike, and its correlation there.

    Searches the whole source, or within a second of `near`.
    """
    if near is not None:
        first = max(0, round((near - 1.0) * rate))
        at, alike = position(piece, source[first : first + 2 * rate + len(piece)], rate)
        return first / rate + at, alike
    one, other = piece.mean(axis=1), source.mean(axis=1)
    products = correlate(other, one, "valid", method="fft")
    power = np.cumsum(np.concatenate([[0.0], np.square(other, dtype=np.float64)]))
    norms = np.sqrt(np.maximum(power[len(one) :] - power[: -len(one)], 1e-6))
    alike = products / norms / max(float(np.linalg.norm(one)), 1e-6)
    best = int(np.argmax(alike))
    return best / rate, float(alike[best])


def assert_whole(found: Decoded, source: Sound, padding: float, likeness: float = 0.99) -> None:
    """All of the source and nothing else, from its beginning to its end."""
    seconds = len(source) / found.rate
    assert found.damage == []
    assert abs(found.seconds - seconds) <= padding + 0.001
    for start in (0.1, seconds / 2, seconds - PIECE - 0.1):
        at, alike = position(found.piece(start), source, found.rate, start)
        assert alike > likeness
        assert abs(at - start) <= max(padding, 0.05)
