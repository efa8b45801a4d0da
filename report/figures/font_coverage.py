"""What the document's fonts can draw: of names in any script, the rest is told by code points."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from pipeline.control_characters import JOINERS, code_points
from report.paths import FONTS

FALLBACK = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")
"""Fonts that come with Matplotlib: Arabic, Hebrew, Armenian, symbols, the commonest emoji."""


LONGEST = 18
"""Letters of a name for which a legend has room; its table of numbers has them all."""


def fallback() -> list[Path]:
    """The files of the fonts that draw what the document's own cannot."""
    import matplotlib  # here: what draws nothing need not wait for it

    return [Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name for name in FALLBACK]


def drawable(text: str) -> str:
    """Text whose characters without a glyph are told by their code points: 東京 is
    (U+6771 U+4EAC), in a PDF and in figures; a browser has fonts of its own."""
    if text.isascii():
        return text
    known = _known()
    lacking = {one for one in text if ord(one) not in known and one not in JOINERS}
    if not lacking:
        return text
    run = re.compile(f"[{re.escape(''.join(sorted(lacking)))}]+")
    return run.sub(lambda match: code_points(match[0]), text)


def label(name: str) -> str:
    """A name as a figure writes it: in one short line, with nothing that cannot be drawn."""
    line = drawable(" ".join(name.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


@cache
def _known() -> frozenset[int]:
    """Code points that some font of the document draws."""
    from matplotlib.ft2font import FT2Font

    files = [*FONTS.glob("*.ttf"), *fallback()]
    found = {point for file in files for point in FT2Font(str(file)).get_charmap()}
    # A private character says nothing to who hears the page, so accessible PDFs refuse it.
    return frozenset({10, *(p for p in found if unicodedata.category(chr(p)) != "Co")})
