"""Paths of templates, assets and outputs, in a checkout and in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent
"""The `report` package."""


def _folder(in_wheel: str, in_checkout: str) -> Path:
    """Return a data folder: inside this package in a wheel, next to it in a checkout.

    pyproject.toml maps one to the other.
    """
    inside = PACKAGE / in_wheel
    return inside if inside.is_dir() else PACKAGE.parent / in_checkout


TEMPLATES = _folder("templates", "templates")
"""Spanish prose and page markup."""

ASSETS = _folder("assets", "site")
"""The site's styles, scripts and fonts; `report/site` is already a package."""

FONTS = ASSETS / "fonts"
"""Fonts of the PDF, the site and the figures."""

PIPELINE_SOURCES = tuple(
    PACKAGE.parent / "pipeline" / name
    for name in ("control_characters.py", "results/reproducible.py", "slug.py")
)
"""Modules of `pipeline` that affect figures, media and pages."""

REPORT_SOURCES = (PACKAGE, TEMPLATES, ASSETS, PACKAGE.parent / "pipeline" / "results")
"""Folders that PDF and site are made from, in addition to the results."""

PAGES = ("informe.pdf", "site/index.html")
"""The PDF and the site's first page, relative to the output folder."""

OUTPUTS = (*PAGES, "results/results.json")
"""Files that exist after a complete build, relative to the output folder."""

READY = ".ready"
"""Folder of a complete PDF and site that are about to be moved into place."""

PDFS = ("informe.pdf", "site/informe.pdf")
"""The PDF and its copy in the site, relative to the output folder."""
