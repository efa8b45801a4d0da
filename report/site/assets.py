"""Copies the site's fonts, styles and scripts; styles and scripts are minified."""

import re
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
    for path in site.glob("*.css"):
        path.write_text(minify_css(path.read_text(encoding="utf-8")) + "\n", encoding="utf-8")


def minify_css(style: str) -> str:
    """Return a style sheet without what browsers do not need; its strings have no `{};:,>~.`."""
    shorter = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    shorter = re.sub(r" ?([{};,>~]) ?", r"\1", shorter)
    shorter = re.sub(r"(?<![\w.])0(?=\.\d)", "", shorter)
    shorter = re.sub(r'="([a-z]+)"\]', r"=\1]", shorter)
    shorter = re.sub(r'url\("([\w./-]+)"\)', r"url(\1)", shorter)
    shorter = shorter.replace(": ", ":").replace(" !important", "!important")
    return shorter.replace("@media (", "@media(").replace(";}", "}").strip()
