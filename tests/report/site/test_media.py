"""The site's media are cached until the results change."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from report.queries.results import read
from report.site import media


def test_media_are_cached(
    results_folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(results_folder("small"), tmp_path / "results"))
    first = media.write(read(folder), tmp_path / "cache", tmp_path / "one")
    written = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.mp3")}
    assert written
    with monkeypatch.context() as patched:
        patched.setattr(media, "_compute", lambda *_: pytest.fail("computed again"))
        assert media.write(read(folder), tmp_path / "cache", tmp_path / "two") == first
    assert {
        path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*.mp3")
    } == written
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    content["songs"][0]["name"] = "another"
    (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")
    songs, _ = media.write(read(folder), tmp_path / "cache", tmp_path / "three")
    assert [item.song.name for item in songs] == ["another"]
    assert len(list((tmp_path / "cache").iterdir())) == 1
