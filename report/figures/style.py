"""The house style of every figure: type, ink, palette, and how a figure becomes a file.

Figures are drawn for paper and light pages; on dark pages the site changes each colour of the
palette for its counterpart (see report/site/compact_svg.py).
"""

import logging
import math
from collections.abc import Iterable, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from report.figures import font_coverage
from report.paths import FONTS
from report.prose import spanish

CM = 1 / 2.54
WIDTH = 15 * CM
"""The text's width on paper, in inches: figures are printed at the size they are drawn."""

ROOM = 10
"""Points from one tick's upright label to the next."""

INK = "#1f2528"
SOFT = "#5e686d"
FAINT = "#c9cfd1"
WASH = "#eceeed"
ACCENT = "#0f6470"
PAPER = "#fdfcfa"
_DARK = {
    INK: "#e9e6e0", SOFT: "#a3abae", FAINT: "#454c50", WASH: "#252b2e", ACCENT: "#6cc5cf",
    PAPER: "#14181a",
}  # fmt: skip

# Shades of a count, from none to the most.
_SHADES = ("#f1f3f2", "#9cc6ca", "#0f6470")
_SHADES_DARK = ("#1d2325", "#2d5f66", "#6cc5cf")
LEVELS = 33

# A mark a genre: where colours meet in grey or in an eye, the shape still tells.
_MARKS = "os^DvPX*<>"
_COLOURS = (
    "#1f5fa8", "#c4611b", "#2e7d4f", "#b3263a", "#6d4a9e",
    "#7a5230", "#c24d8f", "#62696c", "#8a7d14", "#168a94",
)  # fmt: skip
_COLOURS_DARK = (
    "#7fb2f0", "#f0a060", "#6cc48c", "#f08490", "#b99be6",
    "#c9a07a", "#f09ccc", "#b4bbbe", "#d0c24e", "#5ccdd6",
)  # fmt: skip

# From many numbers to few. Lightness alone orders them, so grey printing and every kind of
# colour blindness keep the order; the lightest still stands 3:1 off its page.
_SERIES = ("#12233f", "#1c4567", "#1c6a80", "#35897a", "#b5892f")
_SERIES_DARK = ("#f3ecdc", "#a9d3f2", "#63b7c9", "#43977f", "#a0772a")


def series(count: int) -> list[str]:
    """Colours for `count` sizes, from the largest to the smallest."""
    return _along(_SERIES, count)


def shade(share: float) -> str:
    """The colour of a count, as a share of the largest."""
    return _along(_SHADES, LEVELS)[round(share * (LEVELS - 1))]


def mark(genre: int) -> dict[str, Any]:
    """How the clips of a genre are drawn; after ten the marks come back hollow."""
    colour = _COLOURS[genre % len(_COLOURS)]
    hollow = (genre % len(_MARKS)) % 2 != genre // len(_MARKS) % 2
    return {
        "marker": _MARKS[genre % len(_MARKS)],
        "markersize": 4.4 if _MARKS[genre % len(_MARKS)] == "*" else 3.4,
        "markeredgewidth": 0.7,
        "markeredgecolor": colour,
        "markerfacecolor": "none" if hollow else colour,
    }


def plain(value: float) -> str:
    """A tick's number as it stands, without the noise of binary fractions."""
    return spanish.plain(float(f"{value:.6g}"))


def setup() -> None:
    """Make the document's own font and ink matplotlib's, for this process."""
    # It would tell the terminal that the fonts that stand in have other weights.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    for path in [*sorted(FONTS.glob("*.ttf")), *font_coverage.fallback()]:
        font_manager.fontManager.addfont(path)
    matplotlib.rcParams.update(
        {
            # The others stand in for letters that the first lacks.
            "font.family": ["Source Sans 3", "Source Serif 4", "STIX Two Math", "DejaVu Sans"],
            "text.parse_math": False,  # a genre may be called $x$
            "font.size": 8.5,
            "axes.titlesize": 8.5,
            "axes.labelsize": 8.5,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": SOFT,
            "xtick.color": SOFT,
            "ytick.color": SOFT,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.major.size": 3,
            "ytick.major.size": 3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "lines.linewidth": 1.3,
            "lines.solid_capstyle": "round",
            "svg.fonttype": "path",
            "svg.hashsalt": "latentes",
        }
    )


def figure(height: float) -> Figure:
    """An empty figure of the text's width and `height` in centimetres."""
    made = Figure(figsize=(WIDTH, height * CM))
    FigureCanvasSVG(made)
    return made


def comma(axis: Axis) -> None:
    """Write an axis' numbers in Spanish, all with the decimals that its steps need."""

    def written(value: float, _: object) -> str:
        steps = np.diff(axis.get_majorticklocs())
        step = min(steps) if len(steps) else value
        return spanish.decimal(value, spanish.places(float(f"{step:.6g}")))

    axis.set_major_formatter(FuncFormatter(written))


def size_axis(axes: Axes, sizes: Sequence[int]) -> None:
    """A logarithmic axis of counts of numbers: a tick each, and its count where there is room."""
    axes.set_xscale("log")
    axes.set_xlim(min(sizes) / 1.12, max(sizes) * 1.12)
    points = axes.bbox.width * 72 / axes.figure.dpi
    factor = (1.12**2 * max(sizes) / min(sizes)) ** (ROOM / points)
    shown = [max(sizes)]
    for size in sorted(sizes, reverse=True):
        if shown[-1] / size >= factor and (size / min(sizes) >= factor or size == min(sizes)):
            shown.append(size)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(FixedLocator(sorted({*sizes} - {*shown})))
    axes.xaxis.set_major_formatter(lambda value, _: spanish.integer(round(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", rotation=90 if len(shown) > 3 else 0)


def apart(
    places: Sequence[float], gap: float, low: float = -math.inf, high: float = math.inf
) -> list[float]:
    """Move label positions as little as needed to stand at least `gap` from each other.

    None stands below `low`, and none above `high` where there is room for all.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[tuple[float, list[int]]] = []  # centre of a block of labels, its members
    for index in order:
        centre, members = places[index], [index]
        while groups and centre - groups[-1][0] < gap * (len(members) + len(groups[-1][1])) / 2:
            other, more = groups.pop()
            total = len(members) + len(more)
            centre = (centre * len(members) + other * len(more)) / total
            members = more + members
        groups.append((centre, members))
    moved = list(places)
    for centre, members in groups:
        for rank, index in enumerate(members):
            moved[index] = centre + gap * (rank - (len(members) - 1) / 2)
    for rank, index in enumerate(order):
        moved[index] = min(moved[index], high - gap * (len(order) - 1 - rank))
    for rank, index in enumerate(order):
        moved[index] = max(moved[index], low + gap * rank)
    return moved


def name_ends(axes: Axes, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write each line's name, in its colour, to the right of the panel where the line ends.

    Args:
        ends: name, last value and colour of each line; the axes' limits must be set.
    """
    inverse, right = axes.transAxes.inverted(), axes.get_xlim()[1]
    places = [
        float(inverse.transform(axes.transData.transform((right, value)))[1])
        for _, value, _ in ends
    ]
    for (name, _, colour), place, end in zip(
        ends, apart(places, 0.07, 0, 0.97), places, strict=True
    ):
        axes.plot(
            (1.0, 1.04), (end, place), transform=axes.transAxes, color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.annotate(
            name, (1.055, place), xycoords="axes fraction", va="center_baseline", color=colour,
            weight=400 if colour == INK else 600,
        )  # fmt: skip


def save(made: Figure, path: Path) -> None:
    """Write `path` (.svg); the same figure gives the same bytes."""
    buffer = StringIO()
    made.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    path.write_text(buffer.getvalue(), encoding="utf-8")


def counterparts() -> dict[str, str]:
    """Each colour of the palette with the one that stands for it on dark pages."""
    pairs = dict(_DARK)
    pairs |= zip(_along(_SHADES, LEVELS), _along(_SHADES_DARK, LEVELS), strict=True)
    pairs |= zip(_COLOURS, _COLOURS_DARK, strict=True)
    for count in range(1, 33):
        pairs |= zip(_along(_SERIES, count), _along(_SERIES_DARK, count), strict=True)
    return pairs


@cache
def _along(anchors: tuple[str, ...], count: int) -> list[str]:
    """`count` colours at equal steps along a path of anchors."""
    colours = [to_rgb(anchor) for anchor in anchors]
    if count == 1:
        return [anchors[len(anchors) // 2]]
    steps = (index * (len(anchors) - 1) / (count - 1) for index in range(count))
    return [to_hex(_between(colours, step)) for step in steps]


def _between(colours: Sequence[Iterable[float]], step: float) -> tuple[float, float, float]:
    low = min(int(step), len(colours) - 2)
    share = step - low
    red, green, blue = (
        a + share * (b - a) for a, b in zip(colours[low], colours[low + 1], strict=True)
    )
    return red, green, blue
