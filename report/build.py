"""Results become the PDF and the site in the output folder, only when something changed."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.store import StoreError, exclusive_lock, reporting_full_disk
from pipeline.errors import StudyError
from report.customization import Customization
from report.errors import ReportError
from report.paths import HERE, MADE, PAGES, SHARED, SOURCES
from report.terminal import clock, say

LIBRARIES = ("jinja2", "matplotlib", "pypandoc-binary", "typst")
STAMP = ".rendered"


def write_pages(results: Path, out: Path, began: float, customization: Customization) -> None:
    """Write PDF and site of `results` into `out` unless they are up to date, and print where.

    Args:
        began: `time.monotonic()` at the start of the command.

    Raises:
        ReportError: there are no results, or as `report.render.render`.
    """
    console = Console(stderr=True)
    if is_up_to_date(results, out, customization):
        say(console, "PDF and site are up to date.")
    else:
        say(console, "Writing PDF and site ...")
        with exclusive_lock(out), reporting_full_disk(out):
            for left in [*out.glob(".results-*"), *out.glob(".render-*")]:  # by killed builds
                shutil.rmtree(left)
            # Another build may have written them while this one waited for the lock.
            if not is_up_to_date(results, out, customization):
                replace_pages(results, out, customization)
        say(console, f"Done in {clock(time.monotonic() - began)} min.")
    print(f"PDF:  {out / 'informe.pdf'}")
    print(f"Site: {out / 'site' / 'index.html'}")


def is_up_to_date(results: Path, out: Path, customization: Customization) -> bool:
    """Whether PDF and site in `out` are what `replace_pages` would write again.

    Raises:
        ReportError: there are no results.
    """
    stamp = _stamp(results, customization)
    try:
        built = (out / STAMP).read_text(encoding="utf-8")
    except OSError:
        return False
    return built == stamp and all((out / name).is_file() for name in MADE)


def replace_pages(results: Path, out: Path, customization: Customization) -> None:
    """Copy the results folder to `out/results` and write PDF and site from it.

    What was in `out` stays until its successor is complete.

    Raises:
        ReportError: as `report.render.render`.
    """
    # Imported here: reporting that all is up to date must not wait for Matplotlib.
    from report.render import render

    stamp = _stamp(results, customization)
    (out / STAMP).unlink(missing_ok=True)  # until everything it covers is in place
    if results != out / "results":
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".results-", dir=out) as draft:
            shutil.copytree(results, Path(draft, "new"))
            if (out / "results").exists():
                (out / "results").rename(Path(draft, "old"))
            Path(draft, "new").rename(out / "results")
    render(out / "results", out, customization)
    (out / STAMP).write_text(stamp, encoding="utf-8")


@contextmanager
def mention_last_pages(out: Path) -> Iterator[None]:
    """If a build fails, add to its error that the last good PDF and site are still there."""
    try:
        yield
    except (StudyError, StoreError, ReportError, ClusterError) as error:
        made = [out / name for name in PAGES]
        if not all(path.is_file() for path in made):
            raise
        when = datetime.fromtimestamp(max(path.stat().st_mtime for path in made))
        raise type(error)(
            f"{error}\nPDF and site of {when:%Y-%m-%d %H:%M} stand as they were in {out}"
        ) from None


def _stamp(results: Path, customization: Customization) -> str:
    """A digest of everything the pages are made from."""
    digest = hashlib.sha256()
    try:
        digest.update((results / "results.json").read_bytes())
    except OSError:
        raise ReportError(
            f"{results / 'results.json'}: no results there; run latentes build first"
        ) from None
    for path in _sources():
        digest.update(f"{path.relative_to(HERE.parent)}\n".encode())
        digest.update(path.read_bytes())
    digest.update(repr(sorted(customization.stated.items())).encode())
    for path in customization.files:
        digest.update(f"{path}\n".encode())
        digest.update(path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from SHARED
    for folder in SOURCES:
        yield from sorted(
            path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
