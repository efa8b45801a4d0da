"""Figures as the site needs them: the same pictures in far fewer bytes."""

import base64
import io
import re
from pathlib import Path

from PIL import Image

LONG = 2000
"""Characters of a path past which it is a curve of many points, whose tenths of a point (a
fortieth of a millimetre on paper) nobody sees."""

QUALITY = 85


def copy(source: Path, target: Path) -> None:
    """Copy an SVG with shorter paths and with its bitmaps (spectrograms) as WebP."""
    target.parent.mkdir(exist_ok=True)
    text = source.read_text(encoding="utf-8")
    text = re.sub(r'(?<= d=")[^"]+', lambda match: _short(match[0]), text)
    text = re.sub(r"data:image/png;base64,([^\"]+)", lambda match: _webp(match[1]), text)
    target.write_text(text, encoding="utf-8")


def _short(path: str) -> str:
    places = 1 if len(path) > LONG else 2
    numbers = re.sub(
        r"-?\d+\.\d+", lambda match: f"{float(match[0]):.{places}f}".rstrip("0").rstrip("."), path
    )
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", numbers).strip()


def _webp(png: str) -> str:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        image.save(buffer, "WEBP", quality=QUALITY, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
