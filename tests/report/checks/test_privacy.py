"""What the gate against leaks reads in scripts that carry data, and in sounds."""

import base64
import random
import string
from pathlib import Path

import pytest

from report.checks import privacy


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("datos", "sonidos/new", "audio"):
        (tmp_path / "site" / name).mkdir(parents=True)
    return tmp_path / "site"


def told(site: Path) -> list[str]:
    return [str(problem) for problem in privacy.find_problems(site.parent)]


def noise(length: int) -> bytes:
    return random.Random(1).randbytes(length)


@pytest.mark.parametrize("length", range(62, 70))
def test_a_name_may_be_a_run_of_letters(site: Path, length: int) -> None:
    clips = f'latentes("mapa",{{"clips":[["{"a" * length}",0,null]]}});\n'
    (site / "datos" / "mapa.js").write_text(clips)
    assert told(site) == []
    (site / "datos" / "mapa.js").write_text(clips.replace('[["', '[["/home/ana/'))
    (line,) = told(site)
    assert "datos/mapa.js:1: holds an absolute path (/home/ana" in line


@pytest.mark.parametrize("name", ["home", "media", "root", "tmp", "site"])
def test_a_song_may_be_called_as_a_folder_of_the_system(site: Path, name: str) -> None:
    key = f"new/{name}/original"
    (site / "datos" / "canciones.js").write_text(f'latentes("canciones",[[{{"key":"{key}"}}]]);\n')
    sound = base64.b64encode(noise(9000)).decode()
    (site / "sonidos" / "new" / name).mkdir()
    (site / "sonidos" / f"{key}.js").write_text(f'latentes("{key}","{sound}");\n')
    assert told(site) == []


@pytest.mark.parametrize("within", ["a sound", "a script"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le"])
def test_a_folder_of_ones_own_is_seen_in_tags_wherever_it_lies(
    site: Path, monkeypatch: pytest.MonkeyPatch, within: str, coding: str
) -> None:
    monkeypatch.setenv("HOME", "/data/u1/cuenta")
    data = noise(40_000) + "/data/u1/cuenta/a.wav".encode(coding) + noise(40_000)
    if within == "a sound":
        (site / "audio" / "a.mp3").write_bytes(data)
    else:
        script = f'latentes("a","{base64.b64encode(data).decode()}");\n'
        (site / "sonidos" / "a.js").write_text(script)
    assert any("the name of this user or machine (/" in line for line in told(site))


def test_noise_says_nothing(site: Path) -> None:
    (site / "audio" / "a.mp3").write_bytes(noise(2_000_000))
    letters = "".join(random.Random(2).choices(string.ascii_letters + string.digits, k=500_000))
    (site / "sonidos" / "a.js").write_text(f'latentes("a","{letters}");\n')
    assert told(site) == []


def test_a_user_without_a_home_may_publish(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    # As pathlib has it where neither the environment nor the system's list knows one.
    monkeypatch.setattr(Path, "home", homeless)
    assert told(site) == []
