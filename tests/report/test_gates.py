"""Gates before publishing: a good study passes, and each planted defect is named."""

import getpass
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from report import gates
from report.errors import ReportError
from report.gates import sizes
from report.gates.problem import Problem
from report.render import Rendered

Build = Callable[[str], Path]


@pytest.fixture
def build(
    rendered: Callable[[str], Rendered], results_folder: Callable[[str], Path], tmp_path: Path
) -> Build:
    """A copy of a sample's output folder, to be spoilt."""

    def of(name: str) -> Path:
        made = rendered(name)
        shutil.copytree(made.site, tmp_path / "site")
        shutil.copytree(results_folder(name), tmp_path / "results")
        shutil.copyfile(made.pdf, tmp_path / "informe.pdf")
        return tmp_path

    return of


@pytest.mark.parametrize("sample", ["whole", "small", "hostile"])
def test_a_good_study_passes(build: Build, sample: str) -> None:
    assert [str(one) for one in gates.problems(build(sample)) if not one.licence] == []


def edit(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def before_end(extra: str) -> Callable[[Path], None]:
    return lambda out: edit(out / "site" / "index.html", "</body>", f"{extra}</body>")


def cut_sound(out: Path) -> None:
    sound = next((out / "site").rglob("*.mp3"))
    sound.write_bytes(sound.read_bytes()[:20])


def lose_sound(out: Path) -> None:
    page = (out / "site" / "escuchar.html").read_text(encoding="utf-8")
    sound = next(s for s in (out / "site").rglob("*.mp3") if s.name in page)
    sound.unlink()


def cut_pdf(out: Path) -> None:
    (out / "informe.pdf").write_bytes(b"%PDF-1.7\n")


DEFECTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link to nowhere": (before_end('<p><a href="gone.html">x</a></p>'), "leads nowhere"),
    "a link out of the site": (before_end('<p><a href="../x">x</a></p>'), "leads out of the site"),
    "a place that is not there": (before_end('<p><a href="#gone">x</a></p>'), "no such place"),
    "a sound that is not there": (before_end('<audio src="audio/gone.flac"></audio>'), "nowhere"),
    "a page that lost a sound": (lose_sound, "leads nowhere"),
    "a sound cut short": (cut_sound, "cannot be decoded"),
    "a picture without words": (before_end('<img src="icon.svg">'), "no text alternative"),
    "tags that cross": (before_end("<p><b>x</p></b>"), "not valid HTML"),
    "an id twice": (before_end('<p id="x1"></p><p id="x1"></p>'), 'the id "x1" stands twice'),
    "a path of Linux": (before_end("<p>/home/ana/music/a.wav</p>"), "absolute path"),
    "a path of Windows": (before_end(r"<p>C:\Users\Ana\a.wav</p>"), "absolute path"),
    "a secret": (before_end("<p>AKIA" + "A1B2" * 4 + "</p>"), "secret"),
    "a large page": (before_end("x" * sizes.PAGE), "kB"),
    "a PDF cut short": (cut_pdf, "cannot be read"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_named(build: Build, defect: str) -> None:
    out = build("whole")
    plant, expected = DEFECTS[defect]
    plant(out)
    told = [str(problem) for problem in gates.problems(out)]
    assert any(expected in line for line in told), told
    assert all("\n" not in line and line.count("; ") >= 1 for line in told)


def test_the_users_own_name_in_a_path_is_seen(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "anaperez")
    assert getpass.getuser() == "anaperez"
    out = build("whole")
    before_end("<p>Sobre anaperez, la autora</p>")(out)
    assert not gates.problems(out)
    before_end("<p>anaperez/canciones</p>")(out)
    assert [problem.what for problem in gates.problems(out)] == [
        "holds the name of this user or machine (anap…)"
    ]


def licences(out: Path) -> list[Problem]:
    return [problem for problem in gates.problems(out) if problem.licence]


def test_songs_without_a_licence_are_named(build: Build) -> None:
    out = build("full")  # a user's own music
    assert licences(out)
    assert all("has no stated licence; state it in study.toml: " in str(p) for p in licences(out))
    results = out / "results" / "results.json"
    facts = json.loads(results.read_text(encoding="utf-8"))
    facts["study"]["data"]["licence"] = "CC0"
    results.write_text(json.dumps(facts), encoding="utf-8")
    assert not any("[data]" in str(problem) for problem in licences(out))
    facts["study"]["publish_unlicensed"] = True
    results.write_text(json.dumps(facts), encoding="utf-8")
    assert not licences(out)


def test_what_was_not_built_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="run latentes build first"):
        gates.problems(tmp_path)


def latentes(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command."""
    return subprocess.run(
        [sys.executable, "-m", "report.cli", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_publish_runs_the_gates_first(build: Build, tmp_path: Path) -> None:
    out, archive = build("whole"), tmp_path / "site.zip"
    before_end('<p><a href="gone.html">x</a></p>')(out)
    stopped = latentes("publish", "--zip", archive, "--out", out)
    assert stopped.returncode == 1
    assert 'site/index.html: "gone.html" leads nowhere' in stopped.stdout
    assert stopped.stderr == f"latentes: 1 reason not to publish {out / 'site'}\n"
    assert not archive.exists()
    edit(out / "site" / "index.html", '<a href="gone.html">x</a>', "x")
    sent = latentes("publish", "--zip", archive, "--out", out)
    assert sent.returncode == 0, sent.stderr
    with zipfile.ZipFile(archive) as held:
        assert "index.html" in held.namelist()
