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
from report.errors import ReportError
from report.paths import PACKAGE, REPORT_SOURCES

RELOAD_SCRIPT = Path(__file__).with_name("reload.js")
POLL_SECONDS = 0.5
"""Interval between scans of the watched files."""

STOP_POLL_SECONDS = 0.1
"""Interval between checks for a request to stop while a command runs."""

KEEPALIVE_SECONDS = 15.0
"""Interval between comments to an idle event stream, which detect closed pages."""

TIMEOUT_SECONDS = 10.0
"""Time after which a connection is closed on which nothing could be read or written."""

RANGE_HEADER = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")
"""A single range, as (first, last) byte; longer numbers, which int() may refuse, are ignored."""

VERSION = re.compile(r"\d{1,18}$")


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
    timeout = TIMEOUT_SECONDS

    def __init__(self, *args: Any, version: SiteVersion, **kwargs: Any) -> None:
        self.version = version
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Serve a file, or the event stream that the reload script listens to."""
        if self.path.partition("?")[0] == "/cambios":
            self._stream_events()
        else:
            super().do_GET()

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Send the headers for the reload script, a page, the requested part of a file, or a whole
        file as the base class does; return the content."""
        path = self.path.partition("?")[0]
        file = Path(self.translate_path(path))
        known = self.version.count  # read before the page is
        status, headers, content = HTTPStatus.OK, {}, None
        try:
            if path == "/recarga.js":
                content = RELOAD_SCRIPT.read_bytes()
                headers["Content-Type"] = "text/javascript"
            elif path.endswith((".html", "/")):
                file = file / "index.html" if file.is_dir() else file
                content = _with_reload(file.read_bytes(), known)
                headers["Content-Type"] = "text/html; charset=utf-8"
            elif (first_and_last := self._range()) and file.is_file():
                status, headers["Content-Range"], content = _read_part(file, *first_and_last)
                headers["Content-Type"] = self.guess_type(str(file))
            else:
                file.stat()
        except (OSError, ValueError):  # not found, or not a possible name
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        if content is None:
            return super().send_head()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def _range(self) -> tuple[str, str] | None:
        """Return first and last byte, one of which may be empty, of a single requested range."""
        match = RANGE_HEADER.match(self.headers.get("Range", ""))
        if self.command != "GET" or not match or not any(match.groups()):
            return None
        return match[1], match[2]

    def end_headers(self) -> None:
        """Disable caching, so that a reload shows the new version."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests."""

    def _stream_events(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        query = self.path.partition("?")[2]
        known = int(query) if VERSION.match(query) else self.version.count
        try:
            while True:
                changed = self.version.wait(known, KEEPALIVE_SECONDS)
                self.wfile.write(b"data: reload\n\n" if changed else b": keepalive\n\n")
                self.wfile.flush()
                known = self.version.count
        except OSError:
            pass  # the page was closed


class PreviewServer(ThreadingHTTPServer):
    """Handles each connection in a thread; browsers may close connections at any time."""

    request_queue_size = 128  # with the default of 5, many connections at once wait for seconds

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print a traceback, as the base class does, unless the browser closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(site: Path, version: SiteVersion, port: int = 0) -> Iterator[str]:
    """Serve a site on localhost within a `with` block; yield its URL.

    Raises:
        ReportError: the port cannot be used.
    """
    handler = functools.partial(PreviewHandler, directory=str(site), version=version)
    try:
        server = PreviewServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not between 0 and 65535"
        raise ReportError(f"port {port}: {reason}; choose another with --port") from None
    with server:
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


def _read_part(file: Path, first: str, last: str) -> tuple[HTTPStatus, str, bytes]:
    """Read the part of a file that a range request asks for.

    Args:
        file: the file.
        first: the first byte; if empty, `last` is the number of bytes at the end of the file.
        last: the last byte; the end of the file if empty.

    Returns:
        The response's status, Content-Range header and content.
    """
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start > end:
            return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"bytes */{size}", b""
        stream.seek(start)
        return (
            HTTPStatus.PARTIAL_CONTENT,
            f"bytes {start}-{end}/{size}",
            stream.read(end - start + 1),
        )


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
