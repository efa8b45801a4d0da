"""Gate: pages load quickly, and the site fits where sites are put."""

from collections.abc import Iterator
from pathlib import Path

from report.checks.problem import Problem

KB, MB = 1000, 1000**2
PAGE = MB
"""What a telephone still shows at once. The embedded study's pages have 150 kB at most; studies of
many sizes and songs have more to say."""
STYLES, SCRIPTS = 20 * KB, 60 * KB
SITE = 1000 * MB
"""What GitHub Pages allows a published site."""
FILE = 100 * MB
"""What GitHub allows a file of a repository."""


def find_problems(out: Path) -> Iterator[Problem]:
    """Pages, styles, scripts, single files and sites that are larger than their bounds."""
    site = out / "site"
    files = [file for file in sorted(site.rglob("*")) if file.is_file()]
    totals = {
        "CSS": (STYLES, [file for file in files if file.suffix == ".css"]),
        "JavaScript": (SCRIPTS, [file for file in site.glob("*.js")]),
        "all files": (SITE, files),
    }
    for what, (bound, some) in totals.items():
        total = sum(file.stat().st_size for file in some)
        if total > bound:
            yield _too_large("site", f"{what} together have", total, bound)
    for file in files:
        size, bound = file.stat().st_size, PAGE if file.suffix == ".html" else FILE
        if size > bound:
            yield _too_large(file.relative_to(out).as_posix(), "has", size, bound)


def _too_large(where: str, what: str, size: int, bound: int) -> Problem:
    return Problem(
        where, f"{what} {size / KB:,.0f} kB, at most {bound / KB:,.0f} are allowed",
        "study fewer models or songs, or split the page",
    )  # fmt: skip
