"""Where the document's fonts lie."""

from pathlib import Path

FONTS = Path(__file__).parents[2] / "site" / "fonts"
