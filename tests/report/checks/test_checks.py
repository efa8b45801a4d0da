"""Checks before publishing: a valid study passes, and each planted defect is reported."""

import getpass
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from report import byte_text, manifest
from report.checks import all_checks, file_integrity, html, page_weight, pdf_validity, privacy
from report.checks import licences as licence_check
from report.checks.problem import Problem
from report.errors import ReportError
from report.render import Rendered
from tests.study_builds import ROOT, latentes_in_process

Build = Callable[[str], Path]


@pytest.fixture
def build(
    rendered: Callable[[str], Rendered], results_folder: Callable[[str], Path], tmp_path: Path
) -> Build:
    """Copy a sample's output folder, which tests then damage."""

    def of(name: str) -> Path:
        made = rendered(name)
        shutil.copytree(made.site, tmp_path / "site")
        shutil.copytree(results_folder(name), tmp_path / "results")
        shutil.copyfile(made.pdf, tmp_path / "informe.pdf")
        manifest.write(tmp_path, "")
        return tmp_path

    return of


@pytest.mark.parametrize(
    "sample",
    ["whole", *(pytest.param(each, marks=pytest.mark.slow) for each in ("small", "hostile"))],
)
def test_a_valid_study_passes(build: Build, sample: str) -> None:
    assert [str(one) for one in all_checks.find_problems(build(sample)) if not one.licence] == []


def edit(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def before_end(extra: str) -> Callable[[Path], None]:
    return lambda out: edit(out / "site" / "index.html", "</body>", f"{extra}</body>")


def truncate_sound(out: Path) -> None:
    sound = next((out / "site").rglob("*.mp3"))
    sound.write_bytes(sound.read_bytes()[:20])


def delete_sound(out: Path) -> None:
    page = (out / "site" / "escuchar.html").read_text(encoding="utf-8")
    sound = next(s for s in (out / "site").rglob("*.mp3") if s.name in page)
    sound.unlink()


def truncate_pdf(out: Path) -> None:
    (out / "informe.pdf").write_bytes(b"%PDF-1.7\n")


def cut_in_half(pattern: str) -> Callable[[Path], None]:
    def cut(out: Path) -> None:
        file = next((out / "site").rglob(pattern))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return cut


def add_file(name: str, content: str | bytes) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content

    def write(out: Path) -> None:
        (out / name).write_bytes(data)

    return write


def delete_sound_script(out: Path) -> None:
    next((out / "site" / "sonidos").rglob("*.js")).unlink()


def empty_sound(out: Path) -> None:
    soundfile.write(out / "site" / "audio" / "x.wav", np.zeros(0), 22_050)


def add_symlink(out: Path) -> None:
    (out.parent / "private.txt").write_text("private")
    (out / "site" / "notes.txt").symlink_to(out.parent / "private.txt")


def add_tagged_sound(suffix: str) -> Callable[[Path], None]:
    def tag(out: Path) -> None:
        file = out / "site" / "audio" / f"tagged.{suffix}"
        with soundfile.SoundFile(file, "w", 22_050, 1) as sound:
            sound.comment = HOME
            sound.write(np.sin(np.arange(22_050)))

    return tag


def tag_in_utf_16(out: Path) -> None:
    sound = next((out / "site").rglob("*.mp3"))
    text = b"\x01" + HOME.encode("utf-16")
    frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
    sound.write_bytes(b"ID3\x03\0\0\0\0\0" + bytes([len(frame)]) + frame + sound.read_bytes())


def add_tagged_sound_script(out: Path) -> None:
    add_tagged_sound("flac")(out)
    sound = (out / "site/audio/tagged.flac").read_bytes()
    (out / "site/audio/tagged.flac").unlink()
    text = f'latentes("x","{byte_text.encode(sound)}");\n'
    (out / "site/sonidos/x.js").write_text(text)


def add_pdf_author(out: Path) -> None:
    pdf = PdfWriter(clone_from=out / "informe.pdf")
    pdf.add_metadata({"/Author": HOME})
    pdf.write(out / "informe.pdf")


def add_pdf_link(url: str) -> Callable[[Path], None]:
    def add(out: Path) -> None:
        pdf = PdfWriter(clone_from=out / "informe.pdf")
        pdf.add_uri(0, url, RectangleObject((0, 0, 9, 9)))
        pdf.write(out / "informe.pdf")

    return add


HOME = "/home/ana/Música"
TOKEN = "ghp_" + "a1B2" * 9
DEFECTS: dict[str, tuple[ModuleType, Callable[[Path], None], str]] = {
    "a broken link": (html, before_end('<p><a href="gone.html">x</a></p>'), "broken link"),
    "a link out of the site": (
        html,
        before_end('<p><a href="../x">x</a></p>'),
        "points outside the site",
    ),
    "a link to a missing id": (html, before_end('<p><a href="#gone">x</a></p>'), "no such id"),
    "a missing sound": (html, before_end('<audio src="audio/gone.flac"></audio>'), "broken link"),
    "a deleted sound": (html, delete_sound, "broken link"),
    "a truncated sound": (file_integrity, truncate_sound, "cannot be decoded"),
    "an image without text": (html, before_end('<img src="icon.svg">'), "no text alternative"),
    "misnested tags": (html, before_end("<p><b>x</p></b>"), "not valid HTML"),
    "a duplicate id": (html, before_end('<p id="x1"></p><p id="x1"></p>'), 'duplicate id "x1"'),
    "a Linux path": (privacy, before_end("<p>/home/ana/music/a.wav</p>"), "absolute path"),
    "a Windows path": (privacy, before_end(r"<p>C:\Users\Ana\a.wav</p>"), "absolute path"),
    "a secret": (privacy, before_end("<p>AKIA" + "A1B2" * 4 + "</p>"), "secret"),
    "a large page": (page_weight, before_end("x" * page_weight.MAX_PAGE), "the limit is 1,000 kB"),
    "a truncated PDF": (pdf_validity, truncate_pdf, "cannot be read"),
    "a file: link": (html, before_end('<a href="file:x.wav">x</a>'), "not a web address"),
    "a javascript: link": (html, before_end('<a href="javascript:x()">x</a>'), "not a web address"),
    "an external image": (
        html,
        before_end('<img alt="x" src="https://example.org/x.png">'),
        "another server",
    ),
    "an external srcset": (
        html,
        before_end('<img alt="x" src="icon.svg" srcset="icon.svg 1x, //x.org/y.svg 2x">'),
        "another server",
    ),
    "an external style sheet": (
        html,
        add_file("site/more.css", '@import "https://example.org/x.css";'),
        "another server",
    ),
    "a missing font": (
        html,
        add_file("site/more.css", "@font-face { src: url(fonts/gone.woff2) }"),
        "broken link",
    ),
    "an image with empty text": (html, before_end('<img src="icon.svg" alt=" ">'), "alternative"),
    "a player without a label": (
        html,
        before_end('<audio src="informe.pdf"></audio>'),
        "no text alternative",
    ),
    "a page in another encoding": (
        html,
        add_file("site/x.html", "ñ".encode("latin-1")),
        "not UTF-8",
    ),
    "an empty sound file": (file_integrity, add_file("site/audio/x.mp3", ""), "cannot be decoded"),
    "a sound without samples": (file_integrity, empty_sound, "contains no audio"),
    "half of a sound": (file_integrity, cut_in_half("*.mp3"), "is truncated"),
    "half of a sound script": (file_integrity, cut_in_half("sonidos/**/*.js"), "is not valid JS"),
    "a deleted sound script": (file_integrity, delete_sound_script, "is missing"),
    "broken page data": (file_integrity, cut_in_half("datos/canciones.js"), "is not valid JS"),
    "broken JSON": (file_integrity, cut_in_half("modelos/*.json"), "is not valid JSON"),
    "broken results": (licence_check, cut_in_half("../results/results.json"), "is not valid JSON"),
    "a broken figure": (file_integrity, cut_in_half("figures/*.svg"), "is not valid SVG"),
    "an edited page": (file_integrity, before_end("x"), "index.html: has changed since latentes"),
    "an edited result": (
        file_integrity,
        cut_in_half("../results/results.json"),
        "results/results.json: has changed since latentes",
    ),
    "a deleted page": (
        file_integrity,
        lambda out: (out / "site" / "datos.html").unlink(),
        "site/datos.html: is missing",
    ),
    "an added file": (file_integrity, add_file("site/x.html", ""), "x.html: was not written by"),
    "no manifest": (
        file_integrity,
        lambda out: (out / manifest.NAME).unlink(),
        ".rendered: is missing or damaged",
    ),
    "a symbolic link": (file_integrity, add_symlink, "is a symbolic link"),
    "a Windows path in JSON": (
        privacy,
        add_file("site/x.json", r'{"file": "D:\\Music\\a.wav"}'),
        "absolute path",
    ),
    "a path with a tilde": (privacy, before_end("<p>~/music/a.wav</p>"), "absolute path"),
    "a file URL": (privacy, before_end("<p>file:///data/a.wav</p>"), "absolute path"),
    "a password in JSON": (privacy, add_file("site/x.json", '{"password": "hunter2!"}'), "secret"),
    "a token in a hidden file": (privacy, add_file("site/.env", f"KEY={TOKEN}"), "secret"),
    "a password in a URL": (privacy, before_end("<p>https://ana:abcd@x.org</p>"), "secret"),
    "a home folder in FLAC tags": (privacy, add_tagged_sound("flac"), "absolute path (/home/ana)"),
    "a home folder in MP3 tags": (privacy, add_tagged_sound("mp3"), "absolute path (/home/ana)"),
    "a home folder in UTF-16 tags": (privacy, tag_in_utf_16, "absolute path (/home/ana)"),
    "a home folder in a sound script": (
        privacy,
        add_tagged_sound_script,
        "absolute path (/home/ana)",
    ),
    "a home folder in the PDF": (
        privacy,
        add_pdf_author,
        "informe.pdf: contains an absolute path (/home/ana",
    ),
    "a file: link in the PDF": (pdf_validity, add_pdf_link("file:///x"), "is not a web address"),
    "a broken link in the PDF": (
        pdf_validity,
        add_pdf_link("site/gone.html"),
        'broken link "site/gone.html"',
    ),
    "a PDF link to a missing id": (
        pdf_validity,
        add_pdf_link("site/index.html#gone"),
        "no such id",
    ),
    "a PDF link outside the site": (
        pdf_validity,
        add_pdf_link("results/results.json"),
        "broken link",
    ),
}


def reports_of(problems: Iterable[Problem]) -> list[str]:
    reports = [str(problem) for problem in problems]
    assert all("\n" not in line and line.count("; ") >= 1 for line in reports)
    return reports


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_reported(build: Build, defect: str) -> None:
    out = build("small")
    check, plant, expected = DEFECTS[defect]
    plant(out)
    reports = reports_of(check.find_problems(out))
    assert any(expected in line for line in reports), reports


def test_several_defects_are_reported_together(build: Build) -> None:
    out = build("small")
    planted = [
        DEFECTS[name]
        for name in (
            "a broken link", "a duplicate id", "an empty sound file", "half of a sound script",
            "a file: link in the PDF", "a home folder in FLAC tags", "a large page",
        )
    ]  # fmt: skip
    for _, plant, _ in planted:
        plant(out)
    problems = all_checks.find_problems(out)
    reports = reports_of(problems)
    for _, _, expected in planted:
        assert any(expected in line for line in reports), reports
    assert any(problem.licence for problem in problems)


def test_the_users_name_in_a_path_is_reported(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "anaperez")
    assert getpass.getuser() == "anaperez"
    out = build("small")
    before_end("<p>Sobre anaperez, la autora</p>")(out)
    assert not list(privacy.find_problems(out))
    before_end("<p>anaperez/canciones</p>")(out)
    assert [problem.what for problem in privacy.find_problems(out)] == [
        "contains the name of this user or machine (anap…)"
    ]


def licences(out: Path) -> list[Problem]:
    return [problem for problem in licence_check.find_problems(out) if problem.licence]


@pytest.mark.slow
def test_each_new_song_needs_a_licence(build: Build) -> None:
    out = build("full")
    results = out / "results" / "results.json"
    facts = json.loads(results.read_text(encoding="utf-8"))
    names = [song["name"] for song in facts["songs"] if song["role"] == "new"]
    for song in facts["songs"]:
        song["licence"] = " " if song["name"] == names[1] else "CC0"
    facts["study"] |= {"new_songs": [{"name": name} for name in names]}
    results.write_text(json.dumps(facts), encoding="utf-8")
    reports = [str(problem) for problem in licences(out) if "[[new_songs]]" in str(problem)]
    assert len(reports) == 1
    assert f'"{names[1]}" has no stated licence' in reports[0]


def test_the_path_of_the_output_folder_is_reported(build: Build) -> None:
    out = build("small")
    before_end(f"<p>{out}/music</p>")(out)
    assert [
        problem for problem in privacy.find_problems(out) if "absolute path" not in problem.what
    ]


def test_songs_without_a_licence_are_reported(build: Build) -> None:
    out = build("full")  # with the user's own music
    assert licences(out)
    assert all("has no stated licence; set " in str(p) for p in licences(out))
    results = out / "results" / "results.json"
    facts = json.loads(results.read_text(encoding="utf-8"))
    facts["study"]["data"]["licence"] = "CC0"
    results.write_text(json.dumps(facts), encoding="utf-8")
    assert not any("[data]" in str(problem) for problem in licences(out))
    facts["study"]["publish_unlicensed"] = True
    results.write_text(json.dumps(facts), encoding="utf-8")
    assert not licences(out)


@pytest.mark.parametrize("kind", ["generated", "new_music"])
def test_generated_music_needs_the_licence_of_the_data(build: Build, kind: str) -> None:
    out = build("full")
    results = out / "results" / "results.json"
    facts = json.loads(results.read_text(encoding="utf-8"))
    facts |= {"songs": [], "generated": [], "new_music": []} | {kind: facts[kind]}
    for licence, override, expected in ((None, False, 1), ("CC0", False, 0), (None, True, 0)):
        facts["study"]["data"]["licence"] = licence
        facts["study"]["publish_unlicensed"] = override
        results.write_text(json.dumps(facts), encoding="utf-8")
        assert len(licences(out)) == expected
    facts["study"]["publish_unlicensed"] = False
    facts["data"]["synthetic"] = True
    results.write_text(json.dumps(facts), encoding="utf-8")
    assert not licences(out)


def test_an_output_folder_without_a_build(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="run latentes build first"):
        all_checks.find_problems(tmp_path)


def test_explain_reports_truncated_results(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"numbers": {')
    study = ROOT / "study.toml"
    run = latentes_in_process("explain", "no.such", "--study", study, "--out", tmp_path, cwd=ROOT)
    assert run.returncode == 1
    assert run.stderr.endswith(
        "results.json: incomplete or corrupt file; run latentes build again\n"
    )
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
def test_publish_runs_the_checks_first(build: Build, tmp_path: Path) -> None:
    out, archive = build("whole"), tmp_path / "site.zip"
    before_end('<p><a href="gone.html">x</a></p>')(out)
    manifest.write(out, "")
    refused = latentes_in_process("publish", "--zip", archive, "--out", out, cwd=tmp_path)
    assert refused.returncode == 1
    assert 'site/index.html: broken link "gone.html"' in refused.stdout
    assert refused.stderr == f"latentes: 1 problem; {out / 'site'} is not ready to publish\n"
    assert not archive.exists()
    edit(out / "site" / "index.html", '<a href="gone.html">x</a>', "x")
    manifest.write(out, "")
    published = latentes_in_process("publish", "--zip", archive, "--out", out, cwd=tmp_path)
    assert published.returncode == 0, published.stderr
    with zipfile.ZipFile(archive) as contents:
        assert "index.html" in contents.namelist()
