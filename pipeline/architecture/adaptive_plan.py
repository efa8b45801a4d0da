"""The latent vector of an adaptive model as exact integer arithmetic; knows nothing of torch."""

from dataclasses import dataclass
from math import ceil

from pipeline.architecture.layers import ArchitectureError

SUPERFRAME = 2048
"""Samples in a superframe, and coefficients."""

SPLITS = 5
"""A superframe has 2^s blocks, s from 0 to SPLITS − 1."""

LEVELS = 7
"""Atoms have 2^l coefficients, l from 0 to LEVELS − 1."""

SIZES = tuple(1 << level for level in range(LEVELS))

BANDS = 20
"""Noise levels side by side; twice as many where `SHARE` has room for them."""

SHARE = 0.06
"""At most this share of the numbers says how loud the noise is."""

MOST = 0.75
"""A latent has at most this share of a clip's samples; nearer to all, choosing is no gain."""

PLACES = 2**24
"""A float32 names so many places exactly."""


@dataclass(frozen=True)
class AdaptivePlan:
    """What the numbers of an adaptive latent vector are, for clips of a fixed length.

    In order (see `parts`): a split for each superframe; noise levels, a row of bands for each
    block of `hold` superframes; then for each size of atom, 1 to 64, the places of its atoms in
    ascending order and their values, an atom after another. How many atoms of each size there
    are is learned once from the training clips (`fit_counts` makes it come out even).

    Args:
        samples: length of a clip.
        numbers: of the latent vector.

    Raises:
        ArchitectureError: too few or too many numbers for such clips; the message has the
            limits.
    """

    samples: int
    numbers: int

    def __post_init__(self) -> None:
        longest = PLACES // SUPERFRAME * SUPERFRAME
        if not 1 <= self.samples <= longest:
            raise ArchitectureError(
                f"an adaptive model takes clips of up to {longest} samples, these have "
                f"{self.samples}"
            )
        least, most = ceil(max(BANDS, self.superframes) / SHARE), int(MOST * self.samples)
        if not least <= self.numbers <= most:
            raise ArchitectureError(
                f"{self.numbers} is no size for an adaptive model of clips of {self.samples} "
                f"samples; it takes from {least} to {most} numbers"
            )

    @property
    def latent(self) -> int:
        """Numbers in a latent vector."""
        return self.numbers

    @property
    def grid(self) -> tuple[int, int]:
        """(channels, frames): every number has a meaning of its own and none is a time series."""
        return self.numbers, 1

    @property
    def superframes(self) -> int:
        """Superframes that hold a clip."""
        return -(-self.samples // SUPERFRAME)

    @property
    def hold(self) -> int:
        """Superframes that share their noise levels."""
        hold = 1
        while BANDS * -(-self.superframes // hold) > SHARE * self.numbers:
            hold *= 2
        return hold

    @property
    def blocks(self) -> int:
        """Rows of noise levels."""
        return -(-self.superframes // self.hold)

    @property
    def bands(self) -> int:
        """Noise levels in a row."""
        return BANDS * (2 if 2 * BANDS * self.superframes <= SHARE * self.numbers else 1)

    @property
    def budget(self) -> int:
        """Numbers that are left for atoms."""
        return self.numbers - self.superframes - self.blocks * self.bands

    def parts(self, counts: list[int]) -> list[tuple[str, int]]:
        """Name and count of numbers of each part of the vector, in order.

        Args:
            counts: atoms of each size.
        """
        found = [("splits", self.superframes), ("levels", self.blocks * self.bands)]
        for size, count in zip(SIZES, counts, strict=True):
            found += [(f"places.{size}", count), (f"values.{size}", count * size)]
        return found


def fit_counts(wanted: list[float], budget: int) -> list[int]:
    """Counts of atoms of each size, in proportion to `wanted`, that cost exactly `budget`.

    An atom costs its size and one number for its place.
    """
    cost = sum(count * (size + 1) for count, size in zip(wanted, SIZES, strict=True))
    counts = [int(count * budget / cost) for count in wanted]
    left = budget - sum(count * (size + 1) for count, size in zip(counts, SIZES, strict=True))
    counts[0] += left // 2
    if left % 2:  # one number too many for atoms of one coefficient, which cost 2
        level = next(level for level in range(LEVELS) if counts[level])
        counts[level] -= 1
        if level == 0:
            counts[1] += 1
        else:
            counts[0] += SIZES[level] // 2 + 1
    return counts
