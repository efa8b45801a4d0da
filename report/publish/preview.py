"""Preview server: serves the site, rebuilds it when a source changes and reloads open pages."""

import functools
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import StudyError
from pipeline.settings.load import load_study
from report.customization import Customization
from report.paths import PACKAGE, REPORT_SOURCES

RELOAD_SCRIPT = Path(__file__).with_name("reload.js")
POLL_SECONDS = 0.5
"""Interval between scans of the watched files."""

STOP_POLL_SECONDS = 0.1
"""Interval between checks for a request to stop while a command runs."""

KEEPALIVE_SECONDS = 15.0
"""Interval between comments to an idle event stream, which detect closed pages."""

RANGE_HEADER = re.compile(r"bytes=(\d*)-(\d*)$")


class SiteVersion:
    """Counter of site rewrites that pages can wait on."""

    def __init__(self) -> None:
        self.count = 0
        self._condition = threading.Condition()

    def increment(self) -> None:
        """Record a rewrite and wake all waiting pages."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, known: int, seconds: float) -> bool:
        """Wait until the counter differs from `known`; return False after `seconds`."""
        with self._condition:
            return self._condition.wait_for(lambda: self.count != known, seconds)


class PreviewHandler(SimpleHTTPRequestHandler):
    """Serves files with single-range requests (RFC 9110) and pages with a reload script."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, version: SiteVersion, **kwargs: Any) -> None:
        self.version = version
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Serve a file, the reload script, or the event stream it listens to."""
        path = self.path.partition("?")[0]
        if path == "/cambios":
            self._stream_events()
        elif path == "/recarga.js":
            self._send(RELOAD_SCRIPT.read_bytes(), "text/javascript")
        elif path.endswith((".html", "/")):
            file = Path(self.translate_path(path))
            file = file / "index.html" if file.is_dir() else file
            if file.is_file():
                known = self.version.count  # read before the page is
                self._send(_with_reload(file.read_bytes(), known), "text/html; charset=utf-8")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)
        else:
            super().do_GET()

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Answer a range request with that part; anything else as the base class does."""
        path = Path(self.translate_path(self.path))
        match = RANGE_HEADER.match(self.headers.get("Range", ""))
        if not (path.is_file() and match and any(match.groups())):
            return super().send_head()
        size = path.stat().st_size
        first, last = match.groups()
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        with path.open("rb") as file:
            file.seek(start)
            part = file.read(end - start + 1)
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        return BytesIO(part)

    def end_headers(self) -> None:
        """Disable caching, so that a reload shows the new version."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests."""

    def _send(self, body: bytes, content_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream_events(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        query = self.path.partition("?")[2]
        known = int(query) if query.isdecimal() else self.version.count
        try:
            while True:
                changed = self.version.wait(known, KEEPALIVE_SECONDS)
                self.wfile.write(b"data: reload\n\n" if changed else b": keepalive\n\n")
                self.wfile.flush()
                known = self.version.count
        except OSError:
            pass  # the page was closed


@contextmanager
def serve(site: Path, version: SiteVersion, port: int = 0) -> Iterator[str]:
    """Serve a site on localhost within a `with` block; yield its URL."""
    handler = functools.partial(PreviewHandler, directory=str(site), version=version)
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def watch(
    study: Path,
    out: Path,
    version: SiteVersion,
    say: Callable[[str], None],
    stop: threading.Event,
) -> None:
    """Rewrite the site whenever one of its sources changes, until `stop` is set.

    A change of the study runs `latentes build`. A change of a template, style, script or Python
    file, or of the study's own templates, bibliography or logo, runs `latentes render`. Both run
    in a subprocess, which imports the changed code. A failure is reported and the last site stays.

    Args:
        study: the study's settings.
        out: the output folder.
        version: incremented after every rewrite.
        say: prints a message.
        stop: ends watching, and the command that is running.
    """
    sources = [*REPORT_SOURCES, *_customization_paths(study)]
    last = {"build": _modification_times([study]), "render": _modification_times(sources)}
    while not stop.wait(POLL_SECONDS):
        now = {"build": _modification_times([study]), "render": _modification_times(sources)}
        changed = [name for name in now if now[name] != last[name]]
        if not changed:
            continue
        if "build" in changed:
            sources = [*REPORT_SOURCES, *_customization_paths(study)]
            now["render"] = _modification_times(sources)
        last = now
        command = [sys.executable, "-m", "report", changed[0]]
        command += [str(study)] if changed[0] == "build" else []
        say(f"Change detected; running latentes {changed[0]} ...")
        status, errors = _run([*command, "--out", str(out)], stop)
        if status == 0:
            version.increment()
            say("Done; open pages reload.")
        elif not stop.is_set():
            messages = [line for line in errors.splitlines() if line.startswith("latentes: ")]
            say("\n".join(messages) or errors.strip() or f"latentes {changed[0]} failed.")


def _customization_paths(study: Path) -> list[Path]:
    """Return the study's own report files and folders; empty while its settings are invalid."""
    try:
        customization = Customization.from_study(load_study(study))
    except (StudyError, OSError):
        return []
    return [
        path
        for path in (customization.templates, customization.bibliography, customization.logo)
        if path is not None
    ]


def _run(command: list[str], stop: threading.Event) -> tuple[int, str]:
    """Run a command until it ends or `stop` is set; return its exit status and stderr."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as stderr,
        subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        ) as process,
    ):
        while process.poll() is None:
            if stop.wait(STOP_POLL_SECONDS):
                process.terminate()
                break
        process.wait()
        stderr.seek(0)
        return process.returncode, stderr.read()


def _with_reload(page: bytes, known: int) -> bytes:
    """Add the reload script to a page and allow its connection in the page's policy.

    The script's URL contains the version of the page, so that a change while it loads is noticed.
    """
    page = page.replace(b"default-src 'none';", b"default-src 'none'; connect-src 'self';", 1)
    script = b'<script src="/recarga.js?%d" defer></script>\n</head>' % known
    return page.replace(b"</head>", script, 1)


def _modification_times(paths: Iterable[Path]) -> dict[Path, int]:
    """Return the modification time in nanoseconds of each file among or under some paths."""
    files = [
        file
        for path in paths
        for file in ([path] if path.is_file() else path.rglob("*"))
        if "__pycache__" not in file.parts
    ]
    times = {}
    for file in files:
        try:
            if file.is_file():
                times[file] = file.stat().st_mtime_ns
        except OSError:
            pass  # an editor's temporary file
    return times
