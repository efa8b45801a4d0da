"""Previews the site: players can seek, and pages load anew when something they show changes."""

import functools
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import StudyError
from pipeline.settings.load import read
from report.customization import Customization
from report.paths import HERE, SOURCES

RELOAD = Path(__file__).with_name("reload.js")
INTERVAL = 0.5
"""Seconds between two looks at the files."""

LOOK = 0.1
"""Seconds between two looks at a build under way."""

PING = 15.0
"""Seconds after which a silent page is asked whether it is still there."""

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class Changes:
    """How often the site was written anew; pages wait for the next time."""

    def __init__(self) -> None:
        self.count = 0
        self._condition = threading.Condition()

    def tell(self) -> None:
        """The site was written anew."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, known: int, seconds: float) -> bool:
        """Wait until there are others than `known`; False where `seconds` pass before."""
        with self._condition:
            return self._condition.wait_for(lambda: self.count != known, seconds)


class Handler(SimpleHTTPRequestHandler):
    """Files of the site with Range (RFC 9110, one range), pages with a script that reloads."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, changes: Changes, **more: Any) -> None:
        self.changes = changes
        super().__init__(*args, **more)

    def do_GET(self) -> None:
        """A file, the script that reloads, or the events it listens to."""
        path = self.path.partition("?")[0]
        if path == "/cambios":
            self._events()
        elif path == "/recarga.js":
            self._send(RELOAD.read_bytes(), "text/javascript")
        elif path.endswith((".html", "/")):
            file = Path(self.translate_path(path))
            file = file / "index.html" if file.is_dir() else file
            if file.is_file():
                known = self.changes.count  # of this page, read before it
                self._send(_with_reload(file.read_bytes(), known), "text/html; charset=utf-8")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)
        else:
            super().do_GET()

    def send_head(self) -> BytesIO | BinaryIO | None:
        """As the base class; a Range that can be served is answered with that part alone."""
        path = Path(self.translate_path(self.path))
        match = RANGE.match(self.headers.get("Range", ""))
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
        """Nothing is to be kept: the next look must see the next version."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for what is rebuilt."""

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        stated = self.path.partition("?")[2]
        known = int(stated) if stated.isdecimal() else self.changes.count
        try:
            while True:
                changed = self.changes.wait(known, PING)
                self.wfile.write(b"data: again\n\n" if changed else b": still here\n\n")
                self.wfile.flush()
                known = self.changes.count
        except OSError:
            pass  # the page is gone


@contextmanager
def serving(site: Path, changes: Changes, port: int = 0) -> Iterator[str]:
    """Serve a site on this machine alone, until the block ends; gives its address."""
    handler = functools.partial(Handler, directory=str(site), changes=changes)
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def watch(
    study: Path, out: Path, changes: Changes, say: Callable[[str], None], stop: threading.Event
) -> None:
    """Write the site anew whenever what it is made of changes, until `stop` is set.

    A changed study is built, a changed template, style or program renders, and so does what the
    study brings of these; both in a process of their own, so that code is read anew. What fails is
    told, and the last site stays.
    """
    sources = [*SOURCES, *_brought(study)]
    seen = {"build": _state([study]), "render": _state(sources)}
    while not stop.wait(INTERVAL):
        now = {"build": _state([study]), "render": _state(sources)}
        changed = [name for name in now if now[name] != seen[name]]
        if not changed:
            continue
        if "build" in changed:
            sources = [*SOURCES, *_brought(study)]
            now["render"] = _state(sources)
        seen = now
        command = [sys.executable, "-m", "report", changed[0]]
        command += [str(study)] if changed[0] == "build" else []
        say(f"Something changed: latentes {changed[0]} ...")
        status, said = _run([*command, "--out", str(out)], stop)
        if status == 0:
            changes.tell()
            say("Done; open pages load anew.")
        elif not stop.is_set():
            told = [line for line in said.splitlines() if line.startswith("latentes: ")]
            say("\n".join(told) or said.strip() or "It failed.")


def _brought(study: Path) -> list[Path]:
    """The files and folders that a study brings to its report; none while it cannot be read."""
    try:
        customization = Customization.of(read(study))
    except (StudyError, OSError):
        return []
    return [
        path
        for path in (customization.templates, customization.bibliography, customization.logo)
        if path is not None
    ]


def _run(command: list[str], stop: threading.Event) -> tuple[int, str]:
    """Run a command to its end, or until `stop` is set; its status and what it said."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": str(HERE.parent)},
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as running,
    ):
        while running.poll() is None:
            if stop.wait(LOOK):
                running.terminate()
                break
        running.wait()
        said.seek(0)
        return running.returncode, said.read()


def _with_reload(page: bytes, known: int) -> bytes:
    """A page that may hear of changes: its policy and its scripts, widened by just that.

    It states which change it has seen, so that it hears of one that comes while it loads.
    """
    page = page.replace(b"default-src 'none';", b"default-src 'none'; connect-src 'self';", 1)
    script = b'<script src="/recarga.js?%d" defer></script>\n</head>' % known
    return page.replace(b"</head>", script, 1)


def _state(places: Iterator[Path] | tuple[Path, ...] | list[Path]) -> dict[Path, int]:
    """When each file under some places was last written."""
    files = [
        file
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*"))
        if "__pycache__" not in file.parts
    ]
    found = {}
    for file in files:
        try:
            if file.is_file():
                found[file] = file.stat().st_mtime_ns
        except OSError:
            pass  # an editor's file that is gone again
    return found
