"""Write the PDF and the site of a build if they are out of date.

Call path: `cli` → `build.write_pages` → `render.render` → `prose.document` (Markdown), `figures`,
`pdf`, `site.pages`.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.engine.dask.cluster import ClusterError
from pipeline.engine.fsync import flush, flush_one
from pipeline.engine.store import StoreError, exclusive_lock, reporting_limits
from pipeline.errors import StudyError
from pipeline.results.reproducible import to_json
from report import manifest
from report.customization import Customization
from report.errors import ReportError
from report.paths import PACKAGE, PAGES, PIPELINE_SOURCES, READY, REPORT_SOURCES
from report.terminal import format_duration, print_line

LIBRARIES = ("jinja2", "matplotlib", "pypandoc-binary", "typst")
"""Libraries whose version affects the pages."""

STUDY = ".study"
"""File in the output folder with the path of the study that was built there."""


def write_pages(results: Path, out: Path, started: float, customization: Customization) -> None:
    """Write PDF and site of `results` into `out` unless up to date, and print their paths.

    Args:
        results: results folder; copied to `out/results`.
        started: `time.monotonic()` at the start of the command.

    Raises:
        ReportError: there are no results, or as `report.render.render`.
    """
    console = Console(stderr=True)
    if is_up_to_date(_sources_digest(results, out, customization), out):
        print_line(console, "PDF and site are up to date.")
    else:
        print_line(console, "Writing PDF and site ...")
        with exclusive_lock(out), reporting_limits(out):
            for draft in [*out.glob(".results-*"), *out.glob(".render-*")]:  # of killed builds
                shutil.rmtree(draft)
            # Another build may have written the pages while this one waited for the lock.
            sources = _sources_digest(results, out, customization)
            if not is_up_to_date(sources, out):
                replace_pages(results, out, customization, sources)
        print_line(console, f"Done in {format_duration(time.monotonic() - started)} min.")
    print(f"PDF:  {out / 'informe.pdf'}")
    print(f"Site: {out / 'site' / 'index.html'}")


def is_up_to_date(sources: str, out: Path) -> bool:
    """True if PDF, site and results in `out` are as written from sources of this digest."""
    written = manifest.read(out)
    return (
        written is not None
        and written.sources == sources
        and not (out / READY).exists()
        and not any(written.changes(out))
    )


def replace_pages(results: Path, out: Path, customization: Customization, sources: str) -> None:
    """Write PDF and site from the results folder, and copy it to `out/results`.

    The previous output is replaced only when the new one is complete.

    Args:
        sources: digest of what they are made from, for the next `is_up_to_date`.

    Raises:
        ReportError: as `report.render.render`.
    """
    # Imported here because it imports Matplotlib, which an up-to-date build does not need.
    from report.render import render

    known = {}
    if results != out / "results":
        with (
            tempfile.TemporaryDirectory(prefix=".results-", dir=out) as draft,
            ThreadPoolExecutor(1) as pool,
        ):
            copying = pool.submit(_copy_results, results, Path(draft, "new"), out, customization)
            render(results, out, customization)
            copying.result()
            if (out / "results").exists():
                (out / "results").rename(Path(draft, "old"))
            Path(draft, "new").rename(out / "results")
            flush_one(out)
    else:
        render(results, out, customization)
        if last := manifest.read(out):
            # A damaged file of the results stays one until they are copied again.
            known = {name: each for name, each in last.files.items() if name.startswith("results/")}
    manifest.write(out, sources, known)


def _copy_results(results: Path, new: Path, out: Path, customization: Customization) -> None:
    """Copy a results folder to `new`, with the study's `[report]` table."""
    shutil.copytree(results, new)
    content = _read_results(results, out, customization)
    (new / "results.json").write_text(to_json(content), encoding="utf-8")
    flush(new)


@contextmanager
def mention_last_pages(out: Path) -> Iterator[None]:
    """If a build fails, add to its error that the last good PDF and site are unchanged."""
    try:
        yield
    except (StudyError, StoreError, ReportError, ClusterError) as error:
        pages = [out / name for name in PAGES]
        if not all(path.is_file() for path in pages):
            raise
        when = datetime.fromtimestamp(max(path.stat().st_mtime for path in pages))
        raise type(error)(
            f"{error}\nthe PDF and site of {when:%Y-%m-%d %H:%M} in {out} are unchanged"
        ) from None


def remember_study(study: Path, out: Path) -> None:
    """Record which study was built into `out`; does nothing if `out` is read-only."""
    with suppress(OSError):
        (out / STUDY).write_text(str(study.resolve()), encoding="utf-8")


def last_study(out: Path) -> Path | None:
    """Return the study that was built into `out`, if it is recorded and still exists."""
    record = out / STUDY
    study = Path(record.read_text(encoding="utf-8")) if record.is_file() else None
    return study if study is not None and study.is_file() else None


def _read_results(results: Path, out: Path, customization: Customization) -> dict[str, Any]:
    """Return the results.json that belongs into `out/results`.

    That of a step has no `[report]` table, on which no number depends.

    Raises:
        ReportError: it is missing or damaged.
    """
    path = results / "results.json"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if results != out / "results":
            content["study"]["report"] = dict(customization.report_settings)
    except FileNotFoundError:
        raise ReportError(f"{path}: no such file; run latentes build first") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ReportError(f"{path}: cannot be read ({error}); run latentes build again") from None
    return content


def _sources_digest(results: Path, out: Path, customization: Customization) -> str:
    """Return a digest of everything that PDF, site and results are made from.

    Raises:
        ReportError: there are no results.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps(_read_results(results, out, customization)).encode())
    for path in _sources():
        digest.update(f"{path.relative_to(PACKAGE.parent)}\n".encode())
        digest.update(path.read_bytes())
    digest.update(repr(sorted(customization.report_settings.items())).encode())
    for path in customization.files:
        digest.update(f"{path}\n".encode())
        digest.update(path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from PIPELINE_SOURCES
    for folder in REPORT_SOURCES:
        yield from sorted(
            path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
