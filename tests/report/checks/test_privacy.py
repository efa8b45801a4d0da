"""Privacy check of data scripts and sounds."""

import random
from pathlib import Path

import pytest

from report import byte_text
from report.checks import privacy


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("datos", "sonidos/new", "audio"):
        (tmp_path / "site" / name).mkdir(parents=True)
    return tmp_path / "site"


def reports(site: Path) -> list[str]:
    return [str(problem) for problem in privacy.find_problems(site.parent)]


def noise(length: int) -> bytes:
    return random.Random(1).randbytes(length)


def test_the_names_in_data_scripts_are_read(site: Path) -> None:
    clips = f'latentes("mapa",{{"clips":[["{"a" * 70}",0,null]]}});\n'
    (site / "datos" / "mapa.js").write_text(clips)
    assert reports(site) == []
    (site / "datos" / "mapa.js").write_text(clips.replace('[["', '[["/home/ana/'))
    (line,) = reports(site)
    assert "datos/mapa.js:1: contains an absolute path (/home/ana" in line


@pytest.mark.parametrize("name", ["home", "media", "root", "tmp", "site"])
def test_a_song_may_have_the_name_of_a_system_folder(site: Path, name: str) -> None:
    key = f"new/{name}/original"
    (site / "datos" / "canciones.js").write_text(f'latentes("canciones",[[{{"key":"{key}"}}]]);\n')
    sound = byte_text.encode(noise(9000))
    (site / "sonidos" / "new" / name).mkdir()
    (site / "sonidos" / f"{key}.js").write_text(f'latentes("{key}","{sound}");\n')
    assert reports(site) == []


@pytest.mark.parametrize("within", ["a sound", "a script"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_the_home_folder_is_found_in_tags(
    site: Path, monkeypatch: pytest.MonkeyPatch, within: str, encoding: str
) -> None:
    monkeypatch.setenv("HOME", "/data/u1/cuenta")
    data = noise(40_000) + "/data/u1/cuenta/a.wav".encode(encoding) + noise(40_000)
    if within == "a sound":
        (site / "audio" / "a.mp3").write_bytes(data)
    else:
        script = f'latentes("a","{byte_text.encode(data)}");\n'
        (site / "sonidos" / "a.js").write_text(script)
    assert any("the name of this user or machine (/" in line for line in reports(site))


def test_random_bytes_are_not_reported(site: Path) -> None:
    (site / "audio" / "a.mp3").write_bytes(noise(2_000_000))
    sound = byte_text.encode(noise(2_000_000))
    (site / "sonidos" / "a.js").write_text(f'latentes("a","{sound}");\n', encoding="utf-8")
    assert reports(site) == []


def test_a_user_without_a_home_folder(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    # pathlib raises this if neither the environment nor the password database has a home.
    monkeypatch.setattr(Path, "home", no_home)
    assert reports(site) == []
