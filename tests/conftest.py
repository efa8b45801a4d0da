"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_music() -> Path:
    """The folder of real music beside the checkout: gtzan-250/ and new-songs/."""
    if not SHARED.is_dir():
        pytest.skip("no folder of real music beside the checkout (../shared/data)")
    return SHARED
