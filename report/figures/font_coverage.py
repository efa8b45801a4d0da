"""Font coverage of PDF and figures: characters without a glyph become their code points."""

import re
import unicodedata
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from pipeline.control_characters import JOINERS, code_points
from report.paths import FONTS

FALLBACK = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")
"""Fonts bundled with Matplotlib: Arabic, Hebrew, Armenian, symbols and common emoji."""

COVERED = re.compile(r"[\x00-\x7f\xa0-\u02e9\u2010-\u2064\u2190-\u23ff\u25a0-\u25ff]*")
"""Text that the document's fonts cover; asking them imports Matplotlib, which is slow."""

MAX_LABEL_LENGTH = 18
"""Longer names are shortened in figures; CSV tables have them in full."""


def fallback_fonts() -> list[Path]:
    """Return the font files for glyphs that the document's own fonts lack."""
    folder = distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")
    return [Path(str(folder)) / name for name in FALLBACK]


def drawable(text: str) -> str:
    """Replace characters without a glyph by their code points: 東京 becomes (U+6771 U+4EAC).

    For the PDF and for figures; browsers have their own fallback fonts.
    """
    if COVERED.fullmatch(text):
        return text
    covered = _covered_code_points()
    missing = {char for char in text if ord(char) not in covered and char not in JOINERS}
    if not missing:
        return text
    run = re.compile(f"[{re.escape(''.join(sorted(missing)))}]+")
    return run.sub(lambda match: code_points(match[0]), text)


def short_label(name: str) -> str:
    """Return a name as one short line for a figure, without missing glyphs."""
    line = drawable(" ".join(name.split()))
    return line if len(line) <= MAX_LABEL_LENGTH else f"{line[: MAX_LABEL_LENGTH - 1]}…"


@cache
def _covered_code_points() -> frozenset[int]:
    """Return the code points that at least one font of the document has a glyph for."""
    from matplotlib.ft2font import FT2Font

    files = [*FONTS.glob("*.ttf"), *fallback_fonts()]
    points = {point for file in files for point in FT2Font(str(file)).get_charmap()}
    # PDF/UA forbids private-use characters, which a screen reader cannot read aloud.
    return frozenset({10, *(p for p in points if unicodedata.category(chr(p)) != "Co")})
