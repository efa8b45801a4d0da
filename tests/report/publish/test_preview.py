"""Preview server: range requests, reload events, watching, and reloading in a real browser."""

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
    with preview.serve(tmp_path, preview.SiteVersion()) as address:
        yield address


def get(address: str, path: str, **headers: str) -> HTTPResponse:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", f"/{path}", headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize(
    ("range_header", "expected", "content_range"),
    [
        ("bytes=0-9", range(10), "bytes 0-9/100"),
        ("bytes=90-", range(90, 100), "bytes 90-99/100"),
        ("bytes=-5", range(95, 100), "bytes 95-99/100"),
        ("bytes=98-500", range(98, 100), "bytes 98-99/100"),
    ],
)
def test_range_requests(
    address: str, range_header: str, expected: range, content_range: str
) -> None:
    response = get(address, "sound.mp3", Range=range_header)
    assert response.status == 206
    assert response.read() == bytes(expected)
    assert response.headers["Content-Range"] == content_range


def test_a_range_beyond_the_end_is_rejected(address: str) -> None:
    response = get(address, "sound.mp3", Range="bytes=100-")
    assert (response.status, response.headers["Content-Range"]) == (416, "bytes */100")


@pytest.mark.parametrize("range_header", ["", "bytes=0-1,5-6", "bytes=-", "lines=1-2"])
def test_other_ranges_return_the_whole_file(address: str, range_header: str) -> None:
    response = get(address, "sound.mp3", Range=range_header)
    assert (response.status, len(response.read())) == (200, 100)


def test_pages_get_only_the_reload_script(address: str) -> None:
    page = get(address, "").read().decode()
    assert "default-src 'none'; connect-src 'self'; script-src 'self'" in page
    assert page.count("<script") == 1
    assert b"EventSource" in get(address, "recarga.js").read()
    assert get(address, "none.html").status == 404
    assert get(address, "../../etc/passwd").status == 404


def test_a_change_while_a_page_loads_is_not_missed(tmp_path: Path) -> None:
    version = preview.SiteVersion()
    with preview.serve(tmp_path, version) as address:
        version.increment()
        assert get(address, "cambios?0").readline() == b"data: reload\n"


def test_closed_pages_leak_no_threads_or_files(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<head></head>", encoding="utf-8")
    version = preview.SiteVersion()

    def resources() -> tuple[int, int]:
        """Return the number of threads and open files of this process."""
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    def released() -> bool:
        version.increment()  # a closed page is noticed on the next write
        return all(now <= then for now, then in zip(resources(), before, strict=True))

    with preview.serve(tmp_path, version) as address:
        before = resources()
        for _ in range(200):
            assert f'recarga.js?{version.count}"' in get(address, "").read().decode()
            pages = [get(address, f"cambios?{version.count}") for _ in range(3)]
            version.increment()
            for page in pages:
                assert page.readline() == b"data: reload\n"
                page.close()
        assert eventually(released), (resources(), before)


@pytest.mark.slow
def test_the_studys_own_templates_are_watched(tmp_path: Path) -> None:
    for name in ("propias", "otras"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "resumen.md").write_text("Un resumen.\n")
    (tmp_path / "libros.bib").write_text("")
    study = tmp_path / "study.toml"
    settings = '[report]\ntemplates = "{}"\nbibliography = "libros.bib"\n'
    study.write_text(settings.format("propias"))
    messages: list[str] = []
    stop = threading.Event()
    watching = threading.Thread(
        target=preview.watch, args=(study, tmp_path, preview.SiteVersion(), messages.append, stop)
    )

    def assert_runs(change: Callable[[], object], command: str) -> None:
        before = len(messages)
        change()
        # Two messages: the command and its failure, as there are no results.
        assert eventually(lambda: len(messages) >= before + 2)
        assert messages[before] == f"Change detected; running latentes {command} ..."

    watching.start()
    try:
        time.sleep(1)
        templates = tmp_path / "propias"
        assert_runs(lambda: (templates / "resumen.md").write_text("Un resumen propio.\n"), "render")
        assert_runs(lambda: (templates / "nueva.md").write_text("Otro.\n"), "render")
        assert_runs(lambda: (tmp_path / "libros.bib").write_text("@book{a}"), "render")
        broken = (
            settings.format("otras") + 'chapters = ["no-hay"]\n'
        )  # fails before anything is computed
        assert_runs(lambda: study.write_text(broken), "build")
        other = tmp_path / "otras" / "resumen.md"
        assert_runs(lambda: other.write_text("Un resumen propio.\n"), "render")
    finally:
        stop.set()
        watching.join()


@pytest.mark.slow
def test_changing_a_style_reloads_the_page(
    browser: Browser, results_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    for name in ("pipeline", "report", "templates", "site"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(results_folder("small"), tmp_path / "build" / "results")
    shutil.copy(ROOT / "study.toml", tmp_path)
    run = latentes("render", cwd=tmp_path, home=tmp_path)
    assert run.returncode == 0, run.stderr
    server = start(tmp_path, "serve", "--port", "0", home=tmp_path)
    try:
        assert server.stdout is not None
        match = re.search(r"http://\S+", server.stdout.readline())
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
        server.terminate()
        server.wait(60)
