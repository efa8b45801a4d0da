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


def shorten(figure: Path) -> None:
    """Write an SVG anew with no more digits in its paths than anyone can see."""
    text = figure.read_text(encoding="utf-8")
    text = re.sub(r'(?<= d=")[^"]+', lambda match: _short(match[0]), text)
    text = re.sub(r'(?<= )([xy]="-?\d+\.\d\d)\d+', r"\1", text)
    figure.write_text(text, encoding="utf-8")


def copy(source: Path, target: Path, dark: dict[str, str]) -> None:
    """Copy an SVG with its bitmaps (spectrograms) as WebP and the colours that it takes on a
    dark page: `dark` maps each colour of the palette to its counterpart."""
    text = source.read_text(encoding="utf-8")
    text = re.sub(r"data:image/png;base64,([^\"]+)", lambda match: _webp(match[1]), text)
    text = re.sub(r"\n\s+", "\n", _once(text))
    head = re.search(r"<svg[^>]*>", text)
    assert head is not None
    target.write_text(
        text[: head.end()] + _in_the_dark(text, dark) + text[head.end() :], encoding="utf-8"
    )


def _in_the_dark(svg: str, dark: dict[str, str]) -> str:
    """Style rules that change the colours an SVG uses where its page is dark."""
    rules = [
        f'[style*="{said}: {light}"]{{{said}:{dark[light]}!important}}'
        for said, light in sorted(set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", svg)))
        if dark.get(light, light) != light
    ]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>" if rules else ""


def _short(path: str) -> str:
    if len(path) > LONG and not re.search("[^MLz0-9.\\s-]", path):
        return _curve(path)
    numbers = re.sub(
        r"-?\d+\.\d+", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), path
    )
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", numbers).strip()


def _curve(path: str) -> str:
    """Lines through many points as steps from one to the next, in tenths of a point."""
    said: list[str] = []
    x = y = 0
    for end, command, *place in re.findall(r"(z)|([ML])\s*(\S+)\s+([^\sz]+)", path):
        if end:
            said.append("z")
            continue
        to_x, to_y = (round(10 * float(number)) for number in place)
        if command == "M":
            said.append(f"M{to_x / 10:g} {to_y / 10:g}l")
        else:
            said.append(f"{(to_x - x) / 10:g} {(to_y - y) / 10:g} ")
        x, y = to_x, to_y
    return re.sub(r"l(?=[Mz])| (?=[-Mz])|(?<![0-9])0(?=\.)", "", "".join(said)).strip()


def _once(svg: str) -> str:
    """Without what the style of each mark says again of its definition's own style."""
    customization = dict(re.findall(r'<path id="([^"]+)" d="[^"]*" style="([^"]*)"', svg))

    def bare(match: re.Match[str]) -> str:
        said = customization.get(match[2], "").split("; ")
        left = "; ".join(each for each in match[3].split("; ") if each not in said)
        return f'{match[1]} style="{left}"/>' if left else f"{match[1]}/>"

    return re.sub(r'(<use xlink:href="#([^"]+)"[^>]*?) style="([^"]*)"/>', bare, svg)


def _webp(png: str) -> str:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        image.save(buffer, "WEBP", quality=QUALITY, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
