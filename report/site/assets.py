"""Copies the site's fonts, styles and scripts; scripts are minified."""

import shutil
from pathlib import Path

from report.paths import ASSETS
from report.site.minify import minify


def copy(site: Path) -> None:
    """Create the folder `site` with all assets except the fonts that only the PDF uses."""
    shutil.copytree(ASSETS, site, ignore=shutil.ignore_patterns("*.ttf"))
    for path in site.glob("*.js"):
        script = path.read_text(encoding="utf-8")
        path.write_text(minify(script) + "\n", encoding="utf-8")
