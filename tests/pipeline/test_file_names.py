"""Names whose accents are composed in either way, in any part of a path."""

import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.file_names import composed, on_disk
from pipeline.settings.load import load_study
from tests.study_builds import latentes_in_process

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "canción ñ") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(("typed", "named"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_path_is_found_however_its_accents_are_composed(
    tmp_path: Path, typed: str, named: str
) -> None:
    (tmp_path / named).mkdir()
    (tmp_path / named / f"{typed}.wav").touch()
    assert on_disk(tmp_path / typed / f"{named}.wav") == tmp_path / named / f"{typed}.wav"
    assert on_disk(tmp_path / typed) == tmp_path / named
    assert on_disk(tmp_path / typed / ".." / typed) == tmp_path / named / ".." / named


def test_a_relative_path_stays_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(DECOMPOSED).touch()
    assert on_disk(Path(COMPOSED)) == Path(DECOMPOSED)


def test_the_name_as_typed_is_preferred(tmp_path: Path) -> None:
    for name in (COMPOSED, DECOMPOSED):
        (tmp_path / name).touch()
    assert on_disk(tmp_path / COMPOSED).name == COMPOSED
    assert on_disk(tmp_path / DECOMPOSED).name == DECOMPOSED


def test_missing_names_stay_as_typed(tmp_path: Path) -> None:
    (tmp_path / "cancion ñ").touch()
    for path in (tmp_path / COMPOSED, tmp_path / "x" / COMPOSED, tmp_path / "cancion ñ" / COMPOSED):
        assert on_disk(path) == path
    broken = tmp_path / COMPOSED
    os.symlink("nowhere", tmp_path / DECOMPOSED)
    assert on_disk(broken).name == DECOMPOSED


def test_composition_keeps_every_other_difference() -> None:
    assert composed(DECOMPOSED) == COMPOSED
    assert composed("ﬁ²") == "ﬁ²"
    name = os.fsdecode(b"\xff.wav")
    assert composed(name) == name


def test_a_song_to_encode_is_found_however_its_accents_are_composed(tmp_path: Path) -> None:
    (tmp_path / f"{DECOMPOSED}.wav").touch()
    run = latentes_in_process("encode", f"{COMPOSED}.wav", "--model", "x.1", cwd=tmp_path)
    assert run.stderr.startswith("latentes: x.1.json: no such file")
    run = latentes_in_process("encode", "otra.wav", "--model", "x.1", cwd=tmp_path)
    assert run.stderr == "latentes: otra.wav: no such file\n"


def test_a_study_is_found_however_its_accents_are_composed(tmp_path: Path) -> None:
    (tmp_path / f"{DECOMPOSED}.toml").write_text("seed = 3")
    assert load_study(tmp_path / f"{COMPOSED}.toml").seed == 3
