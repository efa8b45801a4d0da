"""Check: pages are small enough to load quickly, and the site fits on GitHub Pages."""

from collections.abc import Iterator
from pathlib import Path

from report.checks.problem import Problem

KB, MB = 1000, 1000**2
MAX_PAGE = MB
"""Maximum size of an HTML page, for phones. Pages of the embedded study have at most 150 kB;
those of studies with many sizes and songs are larger."""
MAX_CSS, MAX_JAVASCRIPT = 25 * KB, 90 * KB
MAX_SITE = 1000 * MB
"""Size limit of a GitHub Pages site."""
MAX_FILE = 100 * MB
"""Size limit of a file in a GitHub repository."""


def find_problems(out: Path) -> Iterator[Problem]:
    """Yield pages, styles, scripts, files and sites that exceed their size limit."""
    site = out / "site"
    files = [file for file in sorted(site.rglob("*")) if file.is_file()]
    totals = {
        "CSS": (MAX_CSS, [file for file in files if file.suffix == ".css"]),
        "JavaScript": (MAX_JAVASCRIPT, list(site.glob("*.js"))),
        "all files": (MAX_SITE, files),
    }
    for kind, (limit, members) in totals.items():
        total = sum(file.stat().st_size for file in members)
        if total > limit:
            yield _too_large("site", f"total size of {kind}", total, limit)
    for file in files:
        size, limit = file.stat().st_size, MAX_PAGE if file.suffix == ".html" else MAX_FILE
        if size > limit:
            yield _too_large(file.relative_to(out).as_posix(), "size", size, limit)


def _too_large(where: str, what: str, size: int, limit: int) -> Problem:
    return Problem(
        where,
        f"{what} is {size / KB:,.0f} kB, the limit is {limit / KB:,.0f} kB",
        "study fewer models or songs, or split the page",
    )
