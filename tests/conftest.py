"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest

from tests.building import STUDY, latentes
from tests.pipeline import music

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def real_music() -> Path:
    """The folder of real music beside the checkout: gtzan-250/ and new-songs/."""
    if not SHARED.is_dir():
        pytest.skip("no folder of real music beside the checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny study in it, built once; tests leave its build/ as it is."""
    folder = tmp_path_factory.mktemp("study")
    music.folder(folder / "music", {"pop": 7, "rock": 7})
    music.write(folder / "music" / "rock" / "brief.wav", music.pluck(9, 0.2, 8000), 8000)
    music.write(folder / "song.flac", music.pluck(99, 3, 44_100, 2), 44_100)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    run = latentes("build", cwd=folder)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "PDF:  build/informe.pdf\nSite: build/site/index.html\n"
    assert "training.small.3200" in run.stderr
    assert "\x1b" not in run.stderr
    assert "  rock/brief.wav: 0.20 s, 1 s needed\n" in run.stderr
    return folder
