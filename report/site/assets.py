"""Copies the site's fonts, styles and scripts; styles and scripts are minified."""

import hashlib
import re
import shutil
from functools import partial
from pathlib import Path

from report.page_cache import Kept
from report.paths import ASSETS


def copy(site: Path, kept: Kept) -> None:
    """Create the folder `site` with all assets except the fonts that only the PDF uses.

    `kept` keeps minified scripts, which take half a second.
    """
    code = hashlib.sha256()
    for module in ("minify.py", "script_names.py"):
        code.update(Path(__file__).with_name(module).read_bytes())
    shutil.copytree(ASSETS, site, ignore=shutil.ignore_patterns("*.ttf"))
    for path in site.glob("*.js"):
        script = path.read_text(encoding="utf-8")
        digest = code.copy()
        digest.update(script.encode())
        path.write_bytes(kept.get(digest.hexdigest(), partial(_minified, script)))
    for path in site.glob("*.css"):
        path.write_text(minify_css(path.read_text(encoding="utf-8")) + "\n", encoding="utf-8")


def _minified(script: str) -> bytes:
    from report.site.minify import minify  # slow, and not needed for kept scripts

    return (minify(script) + "\n").encode()


def minify_css(style: str) -> str:
    """Return a style sheet without what browsers do not need; its strings have no `{};:,>~.`."""
    shorter = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    shorter = re.sub(r" ?([{};,>~]) ?", r"\1", shorter)
    shorter = re.sub(r"(?<![\w.])0(?=\.\d)", "", shorter)
    shorter = re.sub(r'="([a-z]+)"\]', r"=\1]", shorter)
    shorter = re.sub(r'url\("([\w./-]+)"\)', r"url(\1)", shorter)
    shorter = shorter.replace(": ", ":").replace(" !important", "!important")
    return shorter.replace("@media (", "@media(").replace(";}", "}").strip()
