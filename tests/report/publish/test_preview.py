"""The preview: parts of files, and a real browser whose page loads anew when a style changes."""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from report.publish import preview
from tests.study_builds import eventually, latentes, start

ROOT = Path(__file__).parents[3]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "sound.mp3").write_bytes(bytes(range(100)))
    (tmp_path / "index.html").write_text(
        "<head><meta content=\"default-src 'none'; script-src 'self'\"></head>", encoding="utf-8"
    )
    with preview.serving(tmp_path, preview.Changes()) as address:
        yield address


def ask(address: str, path: str, **headers: str) -> HTTPResponse:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", f"/{path}", headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize(
    ("wanted", "given", "stated"),
    [
        ("bytes=0-9", range(10), "bytes 0-9/100"),
        ("bytes=90-", range(90, 100), "bytes 90-99/100"),
        ("bytes=-5", range(95, 100), "bytes 95-99/100"),
        ("bytes=98-500", range(98, 100), "bytes 98-99/100"),
    ],
)
def test_parts_of_a_file(address: str, wanted: str, given: range, stated: str) -> None:
    answer = ask(address, "sound.mp3", Range=wanted)
    assert answer.status == 206
    assert answer.read() == bytes(given)
    assert answer.headers["Content-Range"] == stated


def test_a_part_beyond_the_end_is_refused(address: str) -> None:
    answer = ask(address, "sound.mp3", Range="bytes=100-")
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */100")


@pytest.mark.parametrize("wanted", ["", "bytes=0-1,5-6", "bytes=-", "lines=1-2"])
def test_else_the_whole_file_is_given(address: str, wanted: str) -> None:
    answer = ask(address, "sound.mp3", Range=wanted)
    assert (answer.status, len(answer.read())) == (200, 100)


def test_pages_hear_of_changes_and_nothing_else(address: str) -> None:
    page = ask(address, "").read().decode()
    assert "default-src 'none'; connect-src 'self'; script-src 'self'" in page
    assert page.count("<script") == 1
    assert b"EventSource" in ask(address, "recarga.js").read()
    assert ask(address, "none.html").status == 404
    assert ask(address, "../../etc/passwd").status == 404


def test_a_page_hears_of_a_change_that_came_while_it_loaded(tmp_path: Path) -> None:
    changes = preview.Changes()
    with preview.serving(tmp_path, changes) as address:
        changes.tell()
        assert ask(address, "cambios?0").readline() == b"data: again\n"


def test_pages_that_come_and_go_leave_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head></head>", encoding="utf-8")
    changes = preview.Changes()

    def held() -> tuple[int, int]:
        """Threads and open files of this process."""
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    def as_before() -> bool:
        changes.tell()  # who is gone is noticed when there is something to tell
        return all(now <= then for now, then in zip(held(), before, strict=True))

    with preview.serving(tmp_path, changes) as address:
        before = held()  # nobody was here yet
        for _ in range(200):
            assert f'recarga.js?{changes.count}"' in ask(address, "").read().decode()
            pages = [ask(address, f"cambios?{changes.count}") for _ in range(3)]
            changes.tell()
            for page in pages:
                assert page.readline() == b"data: again\n"
                page.close()
        assert eventually(as_before), (held(), before)


def test_a_studys_own_words_are_watched_those_of_a_changed_study_too(tmp_path: Path) -> None:
    for name in ("propias", "otras"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "resumen.md").write_text("Un resumen.\n")
    (tmp_path / "libros.bib").write_text("")
    study = tmp_path / "study.toml"
    settings = '[report]\ntemplates = "{}"\nbibliography = "libros.bib"\n'
    study.write_text(settings.format("propias"))
    said: list[str] = []
    stop = threading.Event()
    watching = threading.Thread(
        target=preview.watch, args=(study, tmp_path, preview.Changes(), said.append, stop)
    )

    def rendered_after(change: Callable[[], object], what: str) -> None:
        before = len(said)
        change()
        # What is done, and that it failed: there are no results.
        assert eventually(lambda: len(said) >= before + 2)
        assert said[before] == f"Something changed: latentes {what} ..."

    watching.start()
    try:
        time.sleep(1)
        customization = tmp_path / "propias"
        rendered_after(
            lambda: (customization / "resumen.md").write_text("Un resumen propio.\n"), "render"
        )
        rendered_after(lambda: (customization / "nueva.md").write_text("Otro.\n"), "render")
        rendered_after(lambda: (tmp_path / "libros.bib").write_text("@book{a}"), "render")
        broken = settings.format("otras") + 'chapters = ["no-hay"]\n'  # fails before it computes
        rendered_after(lambda: study.write_text(broken), "build")
        other = tmp_path / "otras" / "resumen.md"
        rendered_after(lambda: other.write_text("Un resumen propio.\n"), "render")
    finally:
        stop.set()
        watching.join()


def test_a_changed_style_is_seen_at_once(
    browser: Browser, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    for name in ("pipeline", "report", "templates", "site"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(results_folder("small"), tmp_path / "build" / "results")
    shutil.copy(ROOT / "study.toml", tmp_path)
    run = latentes("render", cwd=tmp_path, home=tmp_path)
    assert run.returncode == 0, run.stderr
    served = start(tmp_path, "serve", "--port", "0", home=tmp_path)
    try:
        assert served.stdout is not None
        match = re.search(r"http://\S+", served.stdout.readline())
        assert match is not None
        page = browser.new_page()
        page.goto(f"{match[0]}datos.html")
        colour = "getComputedStyle(document.querySelector('h1')).color"
        assert page.evaluate(colour) != "rgb(1, 2, 3)"
        style = tmp_path / "site" / "style.css"
        with page.expect_event("load", timeout=180_000), style.open("a", encoding="utf-8") as end:
            end.write("h1 { color: rgb(1, 2, 3) !important; }\n")
        assert page.evaluate(colour) == "rgb(1, 2, 3)"
        page.close()
    finally:
        served.terminate()
        served.wait(60)
