import numpy as np
import pytest
from visqol.patch_selector import find_most_optimal_deg_patches

from pipeline.evaluation.patch_search import Array, find_patches

BANDS, FRAMES, SIZE = 8, 90, 10
STARTS = list(range(4, FRAMES - SIZE, SIZE))
RNG = np.random.default_rng(0)
ORIGINAL = RNG.random((BANDS, FRAMES)) * 40

COPIES = {
    "the same": ORIGINAL,
    "noisy": ORIGINAL + RNG.random((BANDS, FRAMES)) * 30,
    "late": np.roll(ORIGINAL, 13, axis=1),
    "cut": np.where(np.arange(FRAMES) < 40, ORIGINAL, 0),
    "in another order": np.concatenate([ORIGINAL[:, 45:], ORIGINAL[:, :45]], axis=1),
    "another": RNG.random((BANDS, FRAMES)) * 40,
    "silent": np.zeros((BANDS, FRAMES)),
    "in Fortran order": np.asfortranarray(ORIGINAL),
}


def by_package(original: Array, copy: Array, radius: int) -> list[int | None]:
    """An end of 0 stands for a patch that is skipped; a match ends after it begins."""
    patches = [original[:, start : start + SIZE] for start in STARTS]
    found = find_most_optimal_deg_patches(
        patches, STARTS, np.ascontiguousarray(copy), 1.0, radius // SIZE
    )
    return [
        round(patch.deg_patch_start_time) if patch.deg_patch_end_time else None for patch in found
    ]


def by_us(original: Array, copy: Array, radius: int) -> list[int | None]:
    patches = np.stack([original[:, start : start + SIZE] for start in STARTS])
    return find_patches(patches, STARTS, copy, radius)


@pytest.mark.parametrize("radius", [20, 600])
@pytest.mark.parametrize("name", COPIES)
def test_patches_are_those_of_the_package(name: str, radius: int) -> None:
    found = by_us(ORIGINAL, COPIES[name], radius)
    assert found == by_package(ORIGINAL, COPIES[name], radius)
    if name in ("the same", "in Fortran order"):
        assert found == STARTS


def test_patches_without_a_match_are_skipped() -> None:
    original, copy = ORIGINAL + 1, np.zeros((BANDS, FRAMES))
    original[:, 5 : STARTS[1]] = 0
    copy[:, -1] = original[:, 4]  # little follows the match of the first patch
    found = by_us(original, copy, 600)
    assert None in found
    assert found == by_package(original, copy, 600)
