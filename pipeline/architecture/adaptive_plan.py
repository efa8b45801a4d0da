"""Layout of an adaptive model's latent vector, in exact integer arithmetic without torch."""

from dataclasses import dataclass
from math import ceil

from pipeline.architecture.layers import ArchitectureError

SUPERFRAME = 2048
"""Samples, and transform coefficients, per superframe."""

BLOCK_SPLITS = 5
"""A superframe is split into 2^s transform blocks, s from 0 to BLOCK_SPLITS − 1."""

ATOM_LEVELS = 7
"""An atom has 2^l coefficients, l from 0 to ATOM_LEVELS − 1."""

ATOM_SIZES = tuple(1 << level for level in range(ATOM_LEVELS))

NOISE_BANDS = 20
"""Noise levels per row; doubled if they still fit into `MAX_NOISE_FRACTION`."""

MAX_NOISE_FRACTION = 0.06
"""Maximum fraction of the latent vector spent on noise levels."""

MAX_LATENT_FRACTION = 0.75
"""Maximum latent size as a fraction of the clip's samples; above it, selection gains nothing."""

MAX_POSITIONS = 2**24
"""float32 represents every integer up to this exactly, so atom positions stay below it."""


@dataclass(frozen=True)
class AdaptivePlan:
    """Layout of an adaptive latent vector for clips of a fixed length.

    The vector holds, in this order (see `parts`): one split per superframe; the noise levels,
    one row of bands per `superframes_per_row` superframes; then, for each atom size from 1 to
    64, the positions of its atoms in ascending order and their values, atom by atom. The number
    of atoms of each size is learned once from the training clips; `fit_counts` rounds it so
    that the vector is filled exactly.

    Args:
        samples: length of a clip.
        numbers: length of the latent vector.

    Raises:
        ArchitectureError: `samples` or `numbers` is out of range; the message states the limits.
    """

    samples: int
    numbers: int

    def __post_init__(self) -> None:
        longest = MAX_POSITIONS // SUPERFRAME * SUPERFRAME
        if not 1 <= self.samples <= longest:
            raise ArchitectureError(
                f"adaptive models need clips of at most {longest} samples; these have "
                f"{self.samples}"
            )
        least = ceil(max(NOISE_BANDS, self.superframes) / MAX_NOISE_FRACTION)
        most = int(MAX_LATENT_FRACTION * self.samples)
        if not least <= self.numbers <= most:
            raise ArchitectureError(
                f"{self.numbers} is not an adaptive size for {self.samples}-sample clips; "
                f"valid sizes are {least} to {most}"
            )

    @property
    def latent(self) -> int:
        """Length of the latent vector."""
        return self.numbers

    @property
    def grid(self) -> tuple[int, int]:
        """(channels, frames): one channel per number, because none of them is a time series."""
        return self.numbers, 1

    @property
    def superframes(self) -> int:
        """Superframes per clip."""
        return -(-self.samples // SUPERFRAME)

    @property
    def superframes_per_row(self) -> int:
        """Superframes that share one row of noise levels."""
        superframes = 1
        while NOISE_BANDS * -(-self.superframes // superframes) > MAX_NOISE_FRACTION * self.numbers:
            superframes *= 2
        return superframes

    @property
    def noise_rows(self) -> int:
        """Rows of noise levels."""
        return -(-self.superframes // self.superframes_per_row)

    @property
    def bands(self) -> int:
        """Noise levels per row."""
        double = 2 * NOISE_BANDS * self.superframes <= MAX_NOISE_FRACTION * self.numbers
        return NOISE_BANDS * (2 if double else 1)

    @property
    def atom_budget(self) -> int:
        """Numbers left for atoms."""
        return self.numbers - self.superframes - self.noise_rows * self.bands

    def parts(self, counts: list[int]) -> list[tuple[str, int]]:
        """(name, length) of each part of the vector, in order.

        Args:
            counts: atoms of each size.
        """
        found = [("splits", self.superframes), ("levels", self.noise_rows * self.bands)]
        for size, count in zip(ATOM_SIZES, counts, strict=True):
            found += [(f"places.{size}", count), (f"values.{size}", count * size)]
        return found


def fit_counts(wanted: list[float], budget: int) -> list[int]:
    """Integer atom counts per size, in proportion to `wanted`, that cost exactly `budget`.

    An atom costs its size plus one number for its position.
    """
    cost = sum(count * (size + 1) for count, size in zip(wanted, ATOM_SIZES, strict=True))
    counts = [int(count * budget / cost) for count in wanted]
    left = budget - sum(count * (size + 1) for count, size in zip(counts, ATOM_SIZES, strict=True))
    counts[0] += left // 2
    if left % 2:  # atoms of one coefficient cost 2 numbers, so one number is left over
        level = next(level for level in range(ATOM_LEVELS) if counts[level])
        counts[level] -= 1
        if level == 0:
            counts[1] += 1
        else:
            counts[0] += ATOM_SIZES[level] // 2 + 1
    return counts
