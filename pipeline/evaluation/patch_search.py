"""ViSQOL's search for the patch of a copy most like each patch of the original.

The scores of `visqol.patch_selector.find_most_optimal_deg_patches` up to rounding, in a tenth of
its time: local means and variances of the copy are computed once, not for each pair of patches,
and the inner loop runs along the copy's frames, so that it compiles to vector instructions.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from visqol.nsim import C1, C3, GAUSSIAN_WINDOW

Array = NDArray[np.float64]

LEFT, MIDDLE, RIGHT = range(3)
"""Where a frame lies in a patch: neighbours beyond its first and last frame repeat that frame."""


def find_patches(patches: Array, starts: list[int], copy: Array, radius: int) -> list[int | None]:
    """First frame of the copy's patch that matches each patch of the original, in their order.

    Dynamic programming maximises the sum of similarities over increasing frames.

    Args:
        patches: of the original, (patches, bands, frames of a patch), in ViSQOL's decibels.
        starts: first frame of each, increasing.
        copy: spectrogram, (bands, frames), followed by silence.
        radius: greatest distance between a patch and its match, in frames.

    Returns:
        None for a patch that is skipped, because the others match better without it.
    """
    frames = copy.shape[1]
    best = np.zeros((len(patches), frames))
    previous = np.full((len(patches), frames), -1)
    for number, (start, scores) in enumerate(
        zip(starts, _similarities(patches, starts, copy, radius), strict=True)
    ):
        first = max(0, start - radius)
        here = slice(first, first + len(scores))
        if number == 0:
            best[0, here] = scores
            continue
        # The best of earlier frames, the last one among equals; none before the first.
        low = max(0, starts[number - 1] - radius)
        earlier = best[number - 1, low : here.stop]
        highest = np.maximum.accumulate(earlier)
        reached = np.where(earlier == highest, np.arange(low, here.stop), 0)
        together = np.insert(highest[:-1], 0, -np.inf)[first - low :] + scores
        origin = np.insert(np.maximum.accumulate(reached)[:-1], 0, -1)[first - low :]
        skipped = best[number - 1, here] > together
        best[number, here] = np.where(skipped, best[number - 1, here], together)
        previous[number, here] = np.where(skipped, np.arange(first, here.stop), origin)
    frame = first + int(best[-1, here].argmax())
    found: list[int | None] = []
    for origins in previous[::-1]:
        found.append(None if origins[frame] == frame else frame)
        frame = int(origins[frame])
    return found[::-1]


def _similarities(patches: Array, starts: list[int], copy: Array, radius: int) -> list[Array]:
    """NSIM of each patch and those of the copy within `radius` frames: Hines and Harte,
    "Speech intelligibility prediction using a neurogram similarity index measure", 2012."""
    size = patches.shape[2]
    frames = copy.shape[1]
    # In C order, which the loop along frames needs.
    padded = np.pad(np.ascontiguousarray(copy), ((0, 0), (1, size + 1)))
    means, variances = _statistics(padded)
    found = []
    for patch, start in zip(patches, starts, strict=True):
        mean, variance = _statistics(np.pad(patch, ((0, 0), (1, 1)), mode="edge"))
        first = max(0, start - radius)
        scores = np.zeros(min(frames, start + radius + 1) - first)
        _add_similarities(
            patch, mean[MIDDLE], variance[MIDDLE], padded, means, variances, first, scores
        )
        found.append(scores / patch.size)
    return found


def _statistics(levels: Array) -> tuple[Array, Array]:
    """Weighted means and variances of 3 x 3 neighbours, (3, bands, frames), for a frame at the
    `LEFT`, `MIDDLE` and `RIGHT` of a patch.

    Args:
        levels: (bands, frames + 2).
    """

    def blur(values: Array) -> Array:
        # The window is the same forwards and backwards: outer columns, and the middle one.
        rows = np.pad(values, ((1, 1), (0, 0)), mode="edge")
        outer, inner = (
            weights[0] * (rows[:-2] + rows[2:]) + weights[1] * rows[1:-1]
            for weights in (GAUSSIAN_WINDOW[:, 0], GAUSSIAN_WINDOW[:, 1])
        )
        before, at, after = outer[:, :-2], outer[:, 1:-1], outer[:, 2:]
        return inner[:, 1:-1] + np.stack([at + after, before + after, before + at])

    means = blur(levels)
    return means, blur(levels**2) - means**2


@njit(cache=True, error_model="numpy")
def _add_similarities(
    patch: Array,
    mean: Array,
    variance: Array,
    copy: Array,
    means: Array,
    variances: Array,
    first: int,
    scores: Array,
) -> None:
    """Add up the similarities of all cells of a patch and those of the copy from frame `first`.

    Args:
        copy: (bands, 1 + frames + more), with a frame before the first.
    """
    bands, size = patch.shape
    weights = np.empty((3, 3))
    for band in range(bands):
        below, above = max(band - 1, 0), min(band + 1, bands - 1)
        for frame in range(size):
            place = LEFT if frame == 0 else RIGHT if frame == size - 1 else MIDDLE
            weights[:] = 0
            for row, near in enumerate((below, band, above)):
                for column in range(3):
                    beside = min(max(frame + column - 1, 0), size - 1)
                    weight = GAUSSIAN_WINDOW[row, column] * patch[near, beside]
                    weights[row, beside - frame + 1] += weight
            at = first + frame
            _add_cell(
                mean[band, frame],
                variance[band, frame],
                weights,
                copy[below, at:],
                copy[band, at:],
                copy[above, at:],
                means[place, band, at:],
                variances[place, band, at:],
                scores,
            )


@njit(cache=True, error_model="numpy")
def _add_cell(
    mean: float,
    variance: float,
    weights: Array,
    below: Array,
    middle: Array,
    above: Array,
    means: Array,
    variances: Array,
    scores: Array,
) -> None:
    """Add the similarity of one cell of a patch and a cell of the copy, in consecutive frames."""
    for k in range(len(scores)):
        product = (
            weights[0, 0] * below[k]
            + weights[0, 1] * below[k + 1]
            + weights[0, 2] * below[k + 2]
            + weights[1, 0] * middle[k]
            + weights[1, 1] * middle[k + 1]
            + weights[1, 2] * middle[k + 2]
            + weights[2, 0] * above[k]
            + weights[2, 1] * above[k + 1]
            + weights[2, 2] * above[k + 2]
        )
        both = mean * means[k]
        intensity = (2 * both + C1) / (mean * mean + means[k] * means[k] + C1)
        deviations = np.sqrt(max(variance * variances[k], 0.0))
        scores[k] += intensity * (product - both + C3) / (deviations + C3)
