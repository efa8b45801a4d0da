"""Reports rendered once for all tests, and a browser to read them with."""

import functools
import os
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from report.render import Rendered, render
from tests.conftest import Shared
from tests.report.browser_pages import QuietHandler
from tests.report.sample import Sample, hostile, small, write
from tests.report.sample_models import ADAPTIVE, CLASSIC

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
]
SAMPLES: dict[str, Sample] = {
    "whole": Sample(),
    "full": Sample(
        synthetic=False,
        faults=True,
        duplicates=True,
        failed=(9184,),
        tuning=True,
        choice={"size": 18376, "reason": "a 24 496 suena igual | *pero* ocupa más"},
        report={
            "title": "El título de alguien",
            "authors": ["Ana Pérez", "Luis Gómez"],
            "date": "2026-03-02",
            "site": "https://ejemplo.org/estudio",
        },
    ),
    "small": small(),
    "hostile": hostile(),
    "families": Sample(
        families={"classic": CLASSIC, "adaptive": ADAPTIVE},
        methods=("lowpass", "klt", "mdct", "codec"),
        new_songs=("rap",),
        epochs=1,
        listeners=("Ana", "Bruno", "Carla", "Diego", "Elsa", ""),
    ),
    "constant": Sample(
        genres=("jazz", "rock"),
        constant=(9184,),
        song="rock.00010",
        song_genre="rock",
        epochs=2,
        generators=False,
    ),
}


@pytest.fixture(scope="session")
def results_folder(shared: Shared) -> Callable[[str], Path]:
    """The results folder of a sample, written on the first call."""
    return lambda name: shared(f"sample-{name}", lambda path: write(path, SAMPLES[name]))


@pytest.fixture(scope="session")
def rendered(shared: Shared, results_folder: Callable[[str], Path]) -> Callable[[str], Rendered]:
    """The PDF and site of a sample, rendered on the first call."""

    def of(name: str) -> Rendered:
        out = shared(f"rendered-{name}", lambda path: render(results_folder(name), path))
        return Rendered(pdf=out / "informe.pdf", site=out / "site")

    return of


@pytest.fixture(scope="session", params=["folder", pytest.param("http", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, rendered: Callable[[str], Rendered]) -> Iterator[str]:
    """Where the pages are: a folder, and (slow) the same under a sub-path of a server."""
    site = rendered("whole").site
    if request.param == "folder":
        yield f"{site.as_uri()}/"
        return
    handler = functools.partial(QuietHandler, directory=str(site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; its absence is a failure where CI says that it must be there."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no Chromium at {CHROMIUM}")
        pytest.skip(f"no Chromium at {CHROMIUM}: pages are not looked at")
    with sync_playwright() as playwright:
        options: dict[str, Any] = {"executable_path": str(CHROMIUM), "args": FLAGS}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
