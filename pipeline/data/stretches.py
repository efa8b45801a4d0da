"""Choose which stretches of a file become clips."""

import hashlib
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.audio.byte_source import Source
from pipeline.audio.decode import Damage, Sound, open_audio

HOP_SECONDS = 0.1
"""Resolution of levels and starts."""

QUIET_POWER = 1e-6
"""Mean power (full scale 1) of a hop below which it is silence before or after the music: -60 dB,
the default of FFmpeg's silencedetect."""

Stretch = Literal["start", "loudest", "spread", "random"]
"""Which stretches of a file to take: from where the music begins, the loudest, evenly spread, or at
random."""


@dataclass
class Levels:
    """Energy of each hop of a file (sum of squares over its channels, float64), the last of which
    may be shorter; `frames` is the length, `rate` in Hz."""

    rate: int
    channels: int
    frames: int
    energies: NDArray[np.float64]
    damage: list[Damage]

    @property
    def seconds(self) -> float:
        """Length of the file."""
        return self.frames / self.rate

    @property
    def hop(self) -> int:
        """Frames in a hop."""
        return hop_frames(self.rate)

    @property
    def has_music(self) -> bool:
        """False if all hops are silent."""
        return bool(self._loud().any())

    def _loud(self) -> NDArray[np.bool_]:
        """Whether each hop is not silent; NaN is not."""
        return ~(self.energies <= QUIET_POWER * self.hop * self.channels)

    def music(self) -> tuple[int, int]:
        """First and last frame (exclusive) of the music, without silence around it; the whole file
        if all of it is silent."""
        if not self.has_music:
            return 0, self.frames
        loud = np.flatnonzero(self._loud())
        return int(loud[0]) * self.hop, min(int(loud[-1] + 1) * self.hop, self.frames)


def hop_frames(rate: int) -> int:
    """Frames in a hop at a sampling rate in Hz."""
    return max(1, round(HOP_SECONDS * rate))


def measure_levels(source: Source, max_seconds: float = math.inf) -> Levels:
    """Decode a file once, in blocks, so that memory does not grow with its length.

    Args:
        source: the file.
        max_seconds: stop beyond this length.

    Raises:
        UnreadableFile, StudyError: as for `open_audio`.
    """
    energies: list[float] = []
    with open_audio(source) as sound:
        for block in sound.blocks(hop_frames(sound.rate)):
            if len(block):
                energies.append(float(np.square(block, dtype=np.float64).sum()))
            if sound.position > max_seconds * sound.rate:
                break
        return Levels(sound.rate, sound.channels, sound.position, np.array(energies), sound.damage)


def skip_silence(sound: Sound) -> bool:
    """Move an open file to the hop in which its music begins.

    Returns:
        False if there is none; the file is then at its end.
    """
    hop = hop_frames(sound.rate)
    for block in sound.blocks(hop):
        energy = np.square(block, dtype=np.float64).sum()
        if not energy <= QUIET_POWER * hop * sound.channels:  # louder, or NaN
            sound.unread(block)
            return True
    return False


def choose_starts(
    levels: Levels, stretch: Stretch, count: int, seconds: float, seed: int, name: str
) -> list[int]:
    """Choose up to `count` stretches that do not overlap, between the silence at the beginning and
    at the end of a file.

    Args:
        levels: of the file.
        stretch: which ones; see `Stretch`.
        count: how many; fewer if the music is shorter.
        seconds: length of a stretch.
        seed, name: of the study and the file, on which "random" depends.

    Returns:
        First frames, in order; none if the file is shorter than a stretch.
    """
    length = math.ceil(seconds * levels.rate)
    if levels.frames < length:
        return []
    first, last = levels.music()
    if last - first < length:
        first = min(first, levels.frames - length)
        last = first + length
    count = min(count, (last - first) // length)
    slack = last - first - count * length
    if stretch == "loudest":
        return _loudest(levels, first, last, count, length)
    gaps: NDArray[np.generic]
    if stretch == "random":
        digest = hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogateescape")).digest()
        random = np.random.default_rng(int.from_bytes(digest[:8]))
        gaps = np.sort(random.integers(0, slack, count, endpoint=True))
    elif stretch == "spread":
        gaps = (np.arange(count) + 0.5) * slack / count
    else:
        gaps = np.zeros(count)
    return [first + int(gap) + index * length for index, gap in enumerate(gaps.tolist())]


def _loudest(levels: Levels, first: int, last: int, count: int, length: int) -> list[int]:
    """The loudest stretch on the grid of hops, then the loudest that does not overlap it, and so
    on while one fits."""
    hop = levels.hop
    finite = np.isfinite(levels.energies)
    total = np.concatenate([[0.0], np.cumsum(np.where(finite, levels.energies, 0.0))])
    broken = np.concatenate([[0], np.cumsum(~finite)])
    width = -(-length // hop)
    starts = np.arange(-(-first // hop), (last - length) // hop + 1)
    if not len(starts):
        return [first]
    stops = np.minimum(starts + width, len(levels.energies))
    energies = total[stops] - total[starts]
    energies[broken[stops] > broken[starts]] = -np.inf
    if not np.isfinite(energies).any():
        return [first]
    chosen: list[int] = []
    while len(chosen) < count and np.isfinite(energies).any():
        best = int(np.argmax(energies))
        chosen.append(int(starts[best]) * hop)
        energies[np.abs(starts * hop - chosen[-1]) < length] = -np.inf
    return sorted(chosen)
