"""Reduces the size of Matplotlib's SVG figures without a visible difference."""

import base64
import io
import re
from pathlib import Path

from PIL import Image

MIN_CURVE_LENGTH = 2000
"""Length in characters above which a path is a curve of many points. Its coordinates are rounded
to tenths of a point (1/28 mm on paper)."""

WEBP_QUALITY = 85


def round_paths(figure: Path) -> None:
    """Round the coordinates of an SVG file's paths, in place."""
    text = figure.read_text(encoding="utf-8")
    text = re.sub(r'(?<= d=")[^"]+', lambda match: _round_path(match[0]), text)
    text = re.sub(r'(?<= )([xy]="-?\d+\.\d\d)\d+', r"\1", text)
    figure.write_text(text, encoding="utf-8")


def write_web_copy(source: Path, target: Path, dark: dict[str, str]) -> None:
    """Copy an SVG file for the site, with WebP bitmaps (spectrograms) and a dark colour scheme.

    Args:
        source: the SVG file.
        target: file to write.
        dark: the dark-scheme counterpart of each colour of the palette, as `#rrggbb`.
    """
    text = source.read_text(encoding="utf-8")
    text = re.sub(r"data:image/png;base64,([^\"]+)", lambda match: _webp(match[1]), text)
    text = re.sub(r"\s*\n\s*", "\n", _shorten(_drop_inherited_styles(text)))
    head = re.search(r"<svg[^>]*>", text)
    assert head is not None
    target.write_text(
        text[: head.end()] + _dark_style(text, dark) + text[head.end() :], encoding="utf-8"
    )


def _dark_style(svg: str, dark: dict[str, str]) -> str:
    """Return a `<style>` element that maps the SVG's colours to the dark colour scheme."""
    rules = [
        f'[style*="{attribute}: {light}"]{{{attribute}:{dark[light]}!important}}'
        for attribute, light in sorted(set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", svg)))
        if dark.get(light, light) != light
    ]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>" if rules else ""


def _round_path(path: str) -> str:
    if len(path) > MIN_CURVE_LENGTH and not re.search("[^MLz0-9.\\s-]", path):
        return _relative_path(path)
    numbers = re.sub(
        r"-?\d+\.\d+", lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), path
    )
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", numbers).strip()


def _relative_path(path: str) -> str:
    """Rewrite a polyline with relative coordinates, in tenths of a point."""
    parts: list[str] = []
    x = y = 0
    for end, command, *point in re.findall(r"(z)|([ML])\s*(\S+)\s+([^\sz]+)", path):
        if end:
            parts.append("z")
            continue
        next_x, next_y = (round(10 * float(number)) for number in point)
        if command == "M":
            parts.append(f"M{next_x / 10:g} {next_y / 10:g}l")
        else:
            parts.append(f"{(next_x - x) / 10:g} {(next_y - y) / 10:g} ")
        x, y = next_x, next_y
    return re.sub(r"l(?=[Mz])| (?=[-Mz])|(?<![0-9])0(?=\.)", "", "".join(parts)).strip()


def _drop_inherited_styles(svg: str) -> str:
    """Drop the declarations of each `<use>` that repeat those of the path it refers to."""
    inherited = dict(re.findall(r'<path id="([^"]+)" d="[^"]*" style="([^"]*)"', svg))

    def without_repeats(match: re.Match[str]) -> str:
        repeated = inherited.get(match[2], "").split("; ")
        style = "; ".join(each for each in match[3].split("; ") if each not in repeated)
        return f'{match[1]} style="{style}"/>' if style else f"{match[1]}/>"

    return re.sub(r'(<use xlink:href="#([^"]+)"[^>]*?) style="([^"]*)"/>', without_repeats, svg)


def _shorten(svg: str) -> str:
    """Drop comments and unused ids, shorten the others, and style runs of copies as groups."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL).replace("xlink:href=", "href=")
    used = dict.fromkeys(re.findall(r'(?:href="|url\()#([^")]+)', svg))
    short = {name: f"i{index}" for index, name in enumerate(used)}
    svg = re.sub(
        r' id="([^"]+)"', lambda each: f' id="{short[each[1]]}"' if each[1] in short else "", svg
    )
    svg = re.sub(
        r'((?:href="|url\()#)([^")]+)', lambda each: each[1] + short.get(each[2], each[2]), svg
    )
    svg = re.sub(r"translate\([^)]+\)", lambda each: re.sub(r"(\.\d\d)\d+", r"\1", each[0]), svg)
    svg = re.sub(r'(<use [^>]*)transform="translate\((\S+) 0\)"/>', r'\1x="\2"/>', svg)
    return re.sub(
        r'<use [^>]*( style="[^"]*")/>(?:\s*<use [^>]*\1/>)+',
        lambda each: f"<g{each[1]}>{each[0].replace(each[1], '')}</g>",
        svg,
    )


def _webp(png: str) -> str:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        image.save(buffer, "WEBP", quality=WEBP_QUALITY, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
