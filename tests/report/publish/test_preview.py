"""Preview server: range requests, reload events, watching, and reloading in a real browser."""

import re
import shutil
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from report.publish import preview
from tests.study_builds import eventually, latentes, latentes_in_process, start

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_traceback(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The server must print nothing and end every thread, before settings are restored."""
    threads = threading.active_count()
    yield
    assert eventually(lambda: threading.active_count() <= threads)
    assert capfd.readouterr().err == ""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "sound.mp3").write_bytes(bytes(range(100)))
    (tmp_path / "index.html").write_text(
        "<head><meta content=\"default-src 'none'; script-src 'self'\"></head>", encoding="utf-8"
    )
    with preview.serve(tmp_path, preview.SiteVersion()) as address:
        yield address


def get(address: str, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request(method, f"/{path}", headers=headers)
    return connection.getresponse()


def connect(address: str, sent: bytes) -> socket.socket:
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60)
    connection.sendall(sent)
    return connection


def reset(connection: socket.socket) -> None:
    """Close a connection as a browser does that is killed, or that has unread data."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


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


@pytest.mark.parametrize(
    "range_header",
    [
        "",
        "bytes=0-1,5-6",
        "bytes=-",
        "lines=1-2",
        f"bytes=0-{'9' * 5000}",
        "bytes=1-²",
        "bytes=--1",
    ],
)
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


@pytest.mark.parametrize("path", ["", "index.html", "sound.mp3", "recarga.js", "none", "cambios"])
def test_head_answers_as_get_without_content(address: str, path: str) -> None:
    head = get(address, path, "HEAD", Range="bytes=0-1")
    assert head.read() == b""
    if path == "cambios":  # endless
        return
    whole = get(address, path)
    assert (head.status, head.headers["Content-Type"]) == (
        whole.status,
        whole.headers["Content-Type"],
    )
    if path != "none":
        assert int(head.headers["Content-Length"]) == len(whole.read())


@pytest.mark.parametrize(
    "path",
    [
        "%00", "%00.html", "a%00/", "x" * 300, "x" * 300 + ".html", "x/" * 5000, "%ED%A0%80.mp3",
        "..%2f..%2fetc/passwd", "../../etc/passwd", "./%2e%2e/", "//etc/passwd", "sound.mp3/x",
        "sound.mp3/x.html", "http://127.0.0.1/index.html",
    ],
)  # fmt: skip
def test_impossible_paths_are_not_found(address: str, path: str) -> None:
    expected = 200 if path == "./%2e%2e/" else 404  # the site's own page
    assert get(address, path).status == get(address, path, Range="bytes=0-").status == expected


def test_endless_urls_and_headers_are_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "KEEPALIVE_SECONDS", 0.2)
    assert get(address, "x" * 70_000).status == 414
    assert get(address, "sound.mp3", Range="x" * 70_000).status == 431
    assert get(address, f"cambios?{'9' * 5000}").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /sou",
        b"GET /large.mp3 HTTP/1.1\r\nHost: x\r\n",
        b"GET /large.mp3 HTTP/1.1\r\n\r\n",
        b"GET /large.mp3 HTTP/1.1\r\nRange: bytes=1-\r\n\r\n",
        b"GET /large.html HTTP/1.1\r\n\r\n",
        b"GET /cambios HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n" * 50,
        b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nx",
        b"\0\xff\r\n\r\n",
    ],
)
@pytest.mark.parametrize("close", [socket.socket.close, reset])
def test_aborted_requests_leave_no_traceback(
    tmp_path: Path, sent: bytes, close: Callable[[socket.socket], None]
) -> None:
    (tmp_path / "index.html").write_bytes(bytes(100_000))
    for name in ("large.mp3", "large.html"):
        (tmp_path / name).write_bytes(bytes(20_000_000))
    version = preview.SiteVersion()
    with preview.serve(tmp_path, version) as address:
        threads = threading.active_count()
        for wait in (True, False):
            connection = connect(address, sent)
            if wait and sent.endswith(b"\r\n\r\n"):
                connection.recv(10)
            close(connection)

        def ended() -> bool:
            version.increment()
            return threading.active_count() <= threads

        assert eventually(ended)
        assert get(address, "index.html").status == 200


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /sou", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET /sound.mp3 HTTP/1.1\r\n\r\n"],
    ids=["nothing", "half a line", "half the headers", "keep alive"],
)
def test_idle_connections_are_closed_and_block_no_others(
    tmp_path: Path, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview.PreviewHandler, "timeout", 0.3)
    (tmp_path / "sound.mp3").write_bytes(bytes(100))
    with preview.serve(tmp_path, preview.SiteVersion()) as address:
        idle = [connect(address, sent) for _ in range(20)]
        assert len(get(address, "sound.mp3").read()) == 100
        for connection in idle:
            while connection.recv(1000):
                pass
            connection.close()


def test_connections_that_read_nothing_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview.PreviewHandler, "timeout", 0.3)
    (tmp_path / "large.mp3").write_bytes(bytes(20_000_000))
    with preview.serve(tmp_path, preview.SiteVersion()) as address:
        threads = threading.active_count()
        connection = connect(address, b"GET /large.mp3 HTTP/1.1\r\n\r\n")
        assert eventually(lambda: threading.active_count() > threads)
        assert eventually(lambda: threading.active_count() <= threads)
        connection.close()


@pytest.mark.parametrize("port", ["65536", "-1", "1" * 30, "taken"])
def test_a_bad_port_is_reported_in_one_line_before_anything_is_built(
    tmp_path: Path, port: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        reason = "not between 0 and 65535"
        if port == "taken":
            port, reason = str(other.getsockname()[1]), "Address already in use"
        run = latentes_in_process("serve", "--port", port, cwd=tmp_path)
    assert run.returncode == 1
    assert run.stderr == f"latentes: port {port}: {reason}; choose another with --port\n"
    assert list(tmp_path.iterdir()) == []


def test_a_change_while_a_page_loads_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "KEEPALIVE_SECONDS", 0.2)
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
