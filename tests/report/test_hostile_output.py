"""A real study whose every name attacks HTML, scripts, Markdown, Typst, CSV, paths and eyes: in a
real browser nothing of it runs, and all of it stands as text on the pages and in the PDF."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser, Dialog, Page
from pypdf import PdfReader

from pipeline.control_characters import escape_invisible, one_line
from report.checks import all_checks
from report.figures.font_coverage import drawable
from tests.conftest import Shared
from tests.pipeline import plucked_notes
from tests.report.browser_pages import opened
from tests.study_builds import latentes

pytestmark = pytest.mark.slow

SCRIPT = "</script><script>self.hacked=1</script>"
MARKS = '{{ 7*7 }} {% raw %} <# x #> #eval("1") $x$ *b* _i_ ~~s~~ `code`{=typst} ``'
LINKS = "[x](javascript:self.hacked=1) @cite @fig-x <https://evil.example/> ![y](https://evil.example/y.png)"
ENDS = '--> ]]> */ \\ \\" \' " ::: | --- |'
PATHS = "../../etc/passwd"
EYES = "turn\u202egpj zero\u200bwidth\ufeff esc\x1b[31m nul\u0000 🎵 東京 😀 שלום"
CALL = '#escuchable("https://evil.example/", "../../evil.svg") #import "/etc/passwd"'
FORMULA = '=HYPERLINK("https://evil.example/","x")'

GENRES = (
    '"><img src=x onerror=self.hacked=1>',
    f"{FORMULA} $\\frac{{".replace("/", "\u2215"),
    "_<script>self.hacked=1<!--\n\n# h1 `b` 東京\u202e",
)
FILES = (
    "plain", MARKS, ENDS.replace("/", "\u2215"), "a\n\n# title\n\n- b" + EYES.replace("\0", ""),
    CALL.replace("/", "\u2215"), "a..", "'\"><svg onload=self.hacked=1>",
)  # fmt: skip
TITLE = f"{SCRIPT} {MARKS} {EYES}"
TAG = f"{SCRIPT} secret-of-the-tag"

STUDY = """
publish_unlicensed = false

[report]
title = {title}
subtitle = {subtitle}
authors = [{author}, {script}]
institution = {institution}
genre = {genre}
site = "https://ejemplo.org/a?b=c&d='x'"

[data]
path = "music"
licence = {licence}
seconds = 1.0
sampling_rate = 8000
test = 0.2

[[models.small]]
channels = [4]
kernels = [20]
strides = [10]
paddings = [5]

[training]
epochs = 1

[tuning]
trials = 0

[generation]
batches = 4

[choice]
size = 3200
reason = {reason}

[[new_songs]]
file = {file}
name = {song}
genre = {song_genre}
licence = {licence}

[[new_songs]]
file = {file}
name = "東京"
licence = "CC0"

[[new_songs]]
file = {file}
licence = "CC0"
"""
SONG_FILE = f"{EYES} <b>\n.flac".replace("\0", "")
SONG = f"{PATHS} {SCRIPT} {LINKS} {ENDS} {CALL}"
SAID = {
    "title": TITLE, "subtitle": f"{LINKS} {ENDS}", "author": CALL, "script": SCRIPT,
    "institution": PATHS + MARKS, "genre": GENRES[0], "licence": f"CC0 {SCRIPT} {MARKS}",
    "reason": f"{MARKS}\n\n# h1 {SCRIPT}", "file": SONG_FILE, "song": SONG,
    "song_genre": f"{SCRIPT} {FORMULA}",
}  # fmt: skip


@pytest.fixture(scope="session")
def study(shared: Shared) -> Path:
    """A folder with that study, built by the real command."""
    return shared("hostile", build_study)


def build_study(folder: Path) -> None:
    for place, genre in enumerate(GENRES):
        for seed, name in enumerate(FILES):
            path = folder / "music" / genre / f"{name}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
                file.title = file.artist = TAG
                file.write(plucked_notes.pluck(100 * place + seed, 1, 8000))
        (folder / "music" / genre / f"bad {FILES[place + 1]}.wav").write_bytes(b"RIFF")
    plucked_notes.write(folder / SONG_FILE, plucked_notes.pluck(99, 3, 44_100, 2), 44_100)
    # JSON's strings are TOML's.
    said = {name: json.dumps(value, ensure_ascii=False) for name, value in SAID.items()}
    (folder / "study.toml").write_text(STUDY.format(**said), encoding="utf-8")
    run = latentes("build", cwd=folder)
    assert run.returncode == 0, run.stderr
    assert "font" not in run.stderr
    # Nor does the terminal obey a name.
    assert not set(run.stderr + run.stdout) & set("\x1b\u202e\ufeff")
    for name in FILES[1:4]:
        assert f"{one_line(f'bad {name}.wav')}: cannot be decoded" in run.stderr


@pytest.fixture(scope="session")
def site(study: Path) -> Path:
    """The site of that study."""
    return study / "build" / "site"


def shown(text: str) -> str:
    """Text as it stands on a page: what hides told by its code point, white space left out."""
    return escape_invisible("".join(text.split())).replace("\u200b", "")


@pytest.fixture
def watched(browser: Browser, site: Path) -> Iterator[Page]:
    """A page that tells of every dialog, script, message and request that should not be."""
    alarms: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alarms.append(dialog.message)
        dialog.dismiss()

    with opened(browser, f"{site.as_uri()}/") as page:
        page.on("dialog", dismiss)
        page.on("popup", lambda popup: alarms.append(popup.url))
        yield page
        unharmed(page)
    assert alarms == []


def unharmed(page: Page) -> None:
    """Nothing of the study's words ran, nor became an element."""
    assert page.evaluate("self.hacked") is None
    names = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
    assert not [name for name in page.evaluate(names) if name.startswith("on")]
    scripts = "[...document.scripts].filter(s => !s.src && s.type !== 'application/ld+json')"
    assert page.evaluate(f"{scripts}.length") == 0
    links = page.evaluate("[...document.links].map(a => a.href)")
    assert [link for link in links if not link.startswith(("file:", "https://doi.org/"))] == []


def test_every_page_says_the_names_and_runs_nothing(watched: Page, site: Path) -> None:
    said = ""
    for path in sorted(site.glob("[!4]*.html")):  # 404.html asks for published addresses
        watched.goto(path.as_uri())
        unharmed(watched)
        said += watched.evaluate("document.body.textContent") + watched.title()
        said += watched.evaluate("[...document.images].map(i => i.alt).join()")
    said = shown(said)
    for name in [*SAID.values(), *GENRES, *FILES]:
        if name not in (SAID["institution"], SAID["file"]):  # the PDF and results.json have them
            assert shown(name) in said, name


def test_listening_runs_nothing(watched: Page, site: Path) -> None:
    watched.goto((site / "escuchar.html").as_uri())
    view = watched.locator(".comparador").first
    view.locator(".tocar").click()
    view.locator(".tocar.sonando").wait_for()
    for radio in view.get_by_role("radio").all():
        radio.check()
    watched.keyboard.press("1")
    view.locator(".residuo").check()
    clips = watched.locator("#otra option")
    watched.locator("#otra").select_option(index=1)
    watched.locator(".calculado .mando").wait_for()
    labels = shown("".join(clips.all_text_contents()))
    assert any(shown(f"({genre})") in labels for genre in GENRES)
    watched.goto((site / "canciones.html").as_uri())
    for button in watched.locator(".mando .tocar").all():
        button.click()
        watched.locator(".tocar.sonando").wait_for()
    assert shown(SONG) in shown(watched.locator("h2").first.inner_text())


def test_the_map_runs_nothing(watched: Page, site: Path) -> None:
    watched.goto((site / "explorar.html").as_uri())
    for option in watched.locator("#vector option").all():
        watched.locator("#vector").select_option(option.get_attribute("value"))
    for view in watched.locator("[data-vista]").all():
        view.click()
    for summary in watched.locator("details[data-genero] summary").all():
        summary.click()
    for item in watched.locator(".fragmentos li:has(button)").all():
        item.get_by_role("button").click()
        name = shown(item.locator("a").text_content() or "")
        assert name in shown(watched.locator(".quien").inner_text())
    box = watched.locator(".nube canvas").bounding_box()
    assert box is not None
    for x in range(5, 100, 5):
        for y in range(5, 100, 10):
            place = box["x"] + x * box["width"] / 100, box["y"] + y * box["height"] / 100
            watched.mouse.move(*place)
            if watched.locator(".rotulo-punto").is_visible():
                watched.mouse.click(*place)
    for genre in watched.locator("fieldset.leyenda input").all():
        genre.uncheck()


def test_the_laboratory_runs_nothing(watched: Page, site: Path, tmp_path: Path) -> None:
    song = plucked_notes.write(
        tmp_path / f"{FILES[-1]} {FILES[1]}.wav", plucked_notes.pluck(5, 2, 8000), 8000
    )
    watched.goto((site / "laboratorio.html").as_uri())
    for option in watched.locator("#agregar option[value]:not([value=''])").all():
        watched.locator("#agregar").select_option(option.get_attribute("value"))
    box = watched.locator(".mezclar")
    box.locator(".tocar").click()
    box.locator(".tocar.sonando").wait_for()
    for kind in ("uniforme", "normal"):
        watched.locator("#fuente").select_option(kind)
        box.locator(".azar").click()
    for button in box.locator(".mezcla button").all()[::-1]:
        button.click()
    watched.locator("#archivo").set_input_files(song)
    watched.locator(".codificar").click()
    watched.locator(".tu-cancion tbody tr").first.wait_for()


def test_the_pdf_says_the_names(study: Path) -> None:
    reader = PdfReader(study / "build" / "informe.pdf")
    said = bare("".join(page.extract_text() for page in reader.pages))
    for name in [*SAID.values(), *GENRES, *FILES[1:4]]:  # as those files are listed as faults
        if name not in (SAID["licence"], SAID["file"]):  # the site and results.json have them
            assert bare(drawable(escape_invisible(name))) in said, name
    assert reader.metadata is not None
    assert reader.metadata.title == escape_invisible(TITLE)
    assert reader.metadata.author == ", ".join((CALL, SCRIPT))
    described = reader.metadata.subject
    assert described == SAID["subtitle"]


def bare(text: str) -> str:
    """Letters and signs alone: lines break anywhere, hyphens are repeated where they do, and names
    in Hebrew are read backwards."""
    text = re.sub("-+", "-", re.sub("[\\s\u00ad\u200b]", "", text))
    return re.sub("[\u0590-\u05ff]+", lambda found: "".join(sorted(found[0])), text)


def test_no_name_leaves_its_folder(study: Path, site: Path) -> None:
    assert {path.name for path in study.iterdir()} == {"music", "study.toml", "build", SONG_FILE}
    for path in [*site.rglob("*"), *(study / "build" / "results").rglob("*")]:
        assert re.fullmatch(r"[\w.-]+", path.name, re.ASCII), path


def test_spreadsheets_find_no_formula(site: Path) -> None:
    (genre,) = [name for name in GENRES if name.startswith("=")]
    found = set()
    for path in (site / "datos").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row}
        numbers = {cell for cell in cells if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", cell)}
        assert not {cell for cell in cells - numbers if cell[:1] in "=+-@\t\r" and cell}, path
        found |= cells
    assert f"'{genre}" in found


def test_tags_of_the_music_go_nowhere(study: Path) -> None:
    with soundfile.SoundFile(study / "music" / GENRES[0] / "plain.flac") as file:
        assert file.title == TAG
    for path in (study / "build").rglob("*"):
        if path.is_file() and "cache" not in path.parts:
            assert b"secret-of-the-tag" not in path.read_bytes(), path


def test_the_gates_let_it_pass(study: Path) -> None:
    assert [str(problem) for problem in all_checks.find_problems(study / "build")] == []
