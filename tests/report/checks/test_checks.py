"""Gates before publishing: a good study passes, and each planted defect is named."""

import base64
import getpass
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from report.checks import all_checks, page_weight
from report.checks.problem import Problem
from report.errors import ReportError
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
    assert [str(one) for one in all_checks.find_problems(build(sample)) if not one.licence] == []


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


def half(pattern: str) -> Callable[[Path], None]:
    def cut(out: Path) -> None:
        file = next((out / "site").rglob(pattern))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return cut


def file_of(name: str, content: str | bytes) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content

    def write(out: Path) -> None:
        (out / name).write_bytes(data)

    return write


def lose_script(out: Path) -> None:
    next((out / "site" / "sonidos").rglob("*.js")).unlink()


def silent_sound(out: Path) -> None:
    soundfile.write(out / "site" / "audio" / "x.wav", np.zeros(0), 22_050)


def link_out(out: Path) -> None:
    (out.parent / "private.txt").write_text("private")
    (out / "site" / "notes.txt").symlink_to(out.parent / "private.txt")


def tagged(ending: str) -> Callable[[Path], None]:
    def tag(out: Path) -> None:
        file = out / "site" / "audio" / f"tagged.{ending}"
        with soundfile.SoundFile(file, "w", 22_050, 1) as sound:
            sound.comment = HOME
            sound.write(np.sin(np.arange(22_050)))

    return tag


def tagged_in_utf_16(out: Path) -> None:
    sound = next((out / "site").rglob("*.mp3"))
    text = b"\x01" + HOME.encode("utf-16")
    frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
    sound.write_bytes(b"ID3\x03\0\0\0\0\0" + bytes([len(frame)]) + frame + sound.read_bytes())


def tagged_in_script(out: Path) -> None:
    tagged("flac")(out)
    sound = (out / "site/audio/tagged.flac").read_bytes()
    (out / "site/audio/tagged.flac").unlink()
    text = f'latentes("x","{base64.b64encode(sound).decode()}");\n'
    (out / "site/sonidos/x.js").write_text(text)


def pdf_says(out: Path) -> None:
    pdf = PdfWriter(clone_from=out / "informe.pdf")
    pdf.add_metadata({"/Author": HOME})
    pdf.write(out / "informe.pdf")


def pdf_leads(where: str) -> Callable[[Path], None]:
    def lead(out: Path) -> None:
        pdf = PdfWriter(clone_from=out / "informe.pdf")
        pdf.add_uri(0, where, RectangleObject((0, 0, 9, 9)))
        pdf.write(out / "informe.pdf")

    return lead


HOME = "/home/ana/Música"
TOKEN = "ghp_" + "a1B2" * 9
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
    "a large page": (before_end("x" * page_weight.PAGE), "kB"),
    "a PDF cut short": (cut_pdf, "cannot be read"),
    "a link to a file": (before_end('<a href="file:x.wav">x</a>'), "no address of the web"),
    "a link that runs": (before_end('<a href="javascript:x()">x</a>'), "no address of the web"),
    "a picture from elsewhere": (
        before_end('<img alt="x" src="https://example.org/x.png">'),
        "another server",
    ),
    "pictures from elsewhere": (
        before_end('<img alt="x" src="icon.svg" srcset="icon.svg 1x, //x.org/y.svg 2x">'),
        "another server",
    ),
    "a style from elsewhere": (
        file_of("site/more.css", '@import "https://example.org/x.css";'),
        "another server",
    ),
    "a font that is not there": (
        file_of("site/more.css", "@font-face { src: url(fonts/gone.woff2) }"),
        "leads nowhere",
    ),
    "a picture with empty words": (before_end('<img src="icon.svg" alt=" ">'), "alternative"),
    "a player without words": (
        before_end('<audio src="informe.pdf"></audio>'),
        "no text alternative",
    ),
    "a page in another coding": (file_of("site/x.html", "ñ".encode("latin-1")), "not UTF-8"),
    "a sound of no bytes": (file_of("site/audio/x.mp3", ""), "cannot be decoded"),
    "a sound without samples": (silent_sound, "holds no sound"),
    "half a sound": (half("*.mp3"), "is cut short"),
    "half a sound in a script": (half("sonidos/**/*.js"), "is not whole JS"),
    "a script that was lost": (lose_script, "there is no sound"),
    "broken data of a page": (half("datos/canciones.js"), "is not whole JS"),
    "broken JSON": (half("modelos/*.json"), "is not whole JSON"),
    "broken results": (half("../results/results.json"), "is not whole JSON"),
    "a broken figure": (half("figures/*.svg"), "is not whole SVG"),
    "a link out of the folder": (link_out, "is a link to another file"),
    "a Windows path in JSON": (
        file_of("site/x.json", r'{"file": "D:\\Music\\a.wav"}'),
        "absolute path",
    ),
    "a path under a tilde": (before_end("<p>~/music/a.wav</p>"), "absolute path"),
    "an address of a file": (before_end("<p>file:///data/a.wav</p>"), "absolute path"),
    "a password in JSON": (file_of("site/x.json", '{"password": "hunter2!"}'), "secret"),
    "a token in a hidden file": (file_of("site/.env", f"KEY={TOKEN}"), "secret"),
    "a password in an address": (before_end("<p>https://ana:abcd@x.org</p>"), "secret"),
    "a home folder in FLAC tags": (tagged("flac"), "absolute path (/home/ana)"),
    "a home folder in MP3 tags": (tagged("mp3"), "absolute path (/home/ana)"),
    "a home folder in two bytes a letter": (tagged_in_utf_16, "absolute path (/home/ana)"),
    "a home folder in a script's sound": (tagged_in_script, "absolute path (/home/ana)"),
    "a home folder in the PDF": (pdf_says, "informe.pdf: holds an absolute path (/home/ana"),
    "a PDF's link to a file": (pdf_leads("file:///x"), "is no address of the web"),
    "a PDF's link to nowhere": (pdf_leads("site/gone.html"), '"site/gone.html" leads nowhere'),
    "a PDF's link to no place": (pdf_leads("site/index.html#gone"), "no such place"),
    "a PDF's link out of the site": (pdf_leads("results/results.json"), "leads nowhere"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_named(build: Build, defect: str) -> None:
    out = build("small")
    plant, expected = DEFECTS[defect]
    plant(out)
    told = [str(problem) for problem in all_checks.find_problems(out)]
    assert any(expected in line for line in told), told
    assert all("\n" not in line and line.count("; ") >= 1 for line in told)


def test_the_users_own_name_in_a_path_is_seen(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "anaperez")
    assert getpass.getuser() == "anaperez"
    out = build("whole")
    before_end("<p>Sobre anaperez, la autora</p>")(out)
    assert not all_checks.find_problems(out)
    before_end("<p>anaperez/canciones</p>")(out)
    assert [problem.what for problem in all_checks.find_problems(out)] == [
        "holds the name of this user or machine (anap…)"
    ]


def licences(out: Path) -> list[Problem]:
    return [problem for problem in all_checks.find_problems(out) if problem.licence]


def test_the_licence_of_each_new_song_is_looked_for(build: Build) -> None:
    out = build("full")
    results = out / "results" / "results.json"
    facts = json.loads(results.read_text(encoding="utf-8"))
    names = [song["name"] for song in facts["songs"] if song["role"] == "new"]
    for song in facts["songs"]:
        song["licence"] = " " if song["name"] == names[1] else "CC0"
    facts["study"] |= {"new_songs": [{"name": name} for name in names]}
    results.write_text(json.dumps(facts), encoding="utf-8")
    told = [str(problem) for problem in licences(out) if "[[new_songs]]" in str(problem)]
    assert len(told) == 1
    assert f'"{names[1]}" has no stated licence' in told[0]


def test_the_folder_that_a_build_was_made_in_is_seen(build: Build) -> None:
    out = build("whole")
    before_end(f"<p>{out}/music</p>")(out)
    assert [
        problem for problem in all_checks.find_problems(out) if "absolute path" not in problem.what
    ]


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
        all_checks.find_problems(tmp_path)


def latentes(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command."""
    return subprocess.run(
        [sys.executable, "-m", "report", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_explain_tells_of_results_that_are_cut(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"numbers": {')
    run = latentes("explain", "no.such", "--out", tmp_path)
    assert run.returncode == 1
    assert run.stderr.endswith("results.json: is not whole; run latentes build again\n")
    assert run.stderr.count("\n") == 1


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
