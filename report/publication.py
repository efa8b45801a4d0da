"""Puts what a build made where the user looks for it, and only when something changed."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from report.errors import ReportError
from report.own import Own
from report.places import HERE, MADE, SHARED, SOURCES

LIBRARIES = ("jinja2", "matplotlib", "pypandoc-binary", "typst")
STAMP = ".rendered"


def up_to_date(results: Path, out: Path, own: Own) -> bool:
    """Whether PDF and site in `out` are what `publish` would write again.

    Raises:
        ReportError: there are no results to publish.
    """
    stamp = _stamp(results, own)
    try:
        built = (out / STAMP).read_text(encoding="utf-8")
    except OSError:
        return False
    return built == stamp and all((out / name).is_file() for name in MADE)


def publish(results: Path, out: Path, own: Own) -> None:
    """Copy the results folder to `out/results` and write PDF and site from it.

    What stood in `out` stays until its successor is whole.

    Raises:
        ReportError: as `report.render.render`.
    """
    # Imported here: saying that all is up to date must not wait for Matplotlib.
    from report.render import render

    stamp = _stamp(results, own)
    (out / STAMP).unlink(missing_ok=True)  # until all of what it stands for is in place
    if results != out / "results":
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".results-", dir=out) as draft:
            shutil.copytree(results, Path(draft, "new"))
            if (out / "results").exists():
                (out / "results").rename(Path(draft, "old"))
            Path(draft, "new").rename(out / "results")
    render(out / "results", out, own)
    (out / STAMP).write_text(stamp, encoding="utf-8")


def _stamp(results: Path, own: Own) -> str:
    """A digest of all that a report is made from."""
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
    digest.update(repr(sorted(own.stated.items())).encode())
    for path in own.files:
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
