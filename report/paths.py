"""Where templates and assets lie: beside the packages in a checkout, inside this one in a wheel."""

from pathlib import Path

HERE = Path(__file__).parent
"""This package: its code, its Lua filters."""


def _folder(inside: str, beside: str) -> Path:
    """The folder as a wheel holds it (see pyproject.toml), or else as a checkout does."""
    return HERE / inside if (HERE / inside).is_dir() else HERE.parent / beside


TEMPLATES = _folder("templates", "templates")
"""All Spanish prose and page markup."""

ASSETS = _folder("assets", "site")
"""The site's own style, scripts and fonts; the package `report.site` is in the way of its name."""

FONTS = ASSETS / "fonts"
"""The document's fonts."""

SHARED = tuple(
    HERE.parent / "pipeline" / name
    for name in ("control_characters.py", "results/reproducible.py", "slug.py")
)
"""Code of the other package that decides what pages say: how names are written, times left out."""

PAGES = ("informe.pdf", "site/index.html")
"""What a build leaves for its reader, under the output folder."""

MADE = (*PAGES, "results/results.json")
"""What a build that came to its end leaves."""

PDFS = ("informe.pdf", "site/informe.pdf")
"""The report and its copy that goes out with the site."""

SOURCES = (HERE, TEMPLATES, ASSETS)
"""All that a report is made from besides results."""
