"""Shared figure style: fonts, palette, axes, labels and SVG output.

Figures use the light palette; on dark pages the site replaces each colour with its dark
counterpart (see report/figures/compact_svg.py).
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
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
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    NullLocator,
)

from pipeline.results.schema import Number
from report.figures import font_coverage
from report.language import spanish
from report.paths import FONTS

CM = 1 / 2.54
WIDTH = 15 * CM
"""Text width of the PDF in inches; figures are printed at this size, unscaled."""

MIN_TICK_SPACING = 10
"""Minimum distance between two rotated tick labels, in points."""

LABEL_HEIGHT = 9
"""Distance between the labels of two lines, in points."""

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

# Colours of a count, from 0 to the maximum.
_SHADES = ("#f1f3f2", "#9cc6ca", "#0f6470")
_SHADES_DARK = ("#1d2325", "#2d5f66", "#6cc5cf")
SHADE_LEVELS = 33

# One marker per genre: shapes differ too, for grey printing and colour blindness.
_MARKERS = "os^DvPX*<>"
_COLOURS = (
    "#1f5fa8", "#c4611b", "#2e7d4f", "#b3263a", "#6d4a9e",
    "#7a5230", "#c24d8f", "#62696c", "#8a7d14", "#168a94",
)  # fmt: skip
_COLOURS_DARK = (
    "#7fb2f0", "#f0a060", "#6cc48c", "#f08490", "#b99be6",
    "#c9a07a", "#f09ccc", "#b4bbbe", "#d0c24e", "#5ccdd6",
)  # fmt: skip

# From the largest size to the smallest, ordered by lightness, so the order survives grey printing
# and every kind of colour blindness; the lightest has a contrast of 3:1 against the page.
_SERIES = ("#12233f", "#1c4567", "#1c6a80", "#35897a", "#b5892f")
_SERIES_DARK = ("#f3ecdc", "#a9d3f2", "#63b7c9", "#43977f", "#a0772a")


def size_colours(count: int) -> list[str]:
    """Return `count` colours, from the largest size to the smallest."""
    return _gradient(_SERIES, count)


def shade(fraction: float) -> str:
    """Return the colour of a count given as a fraction (0 to 1) of the largest count."""
    return _gradient(_SHADES, SHADE_LEVELS)[round(fraction * (SHADE_LEVELS - 1))]


def genre_marker(genre: int) -> dict[str, Any]:
    """Return the Matplotlib marker properties of a genre; after ten, markers repeat hollow."""
    colour = _COLOURS[genre % len(_COLOURS)]
    hollow = (genre % len(_MARKERS)) % 2 != genre // len(_MARKERS) % 2
    return {
        "marker": _MARKERS[genre % len(_MARKERS)],
        "markersize": 4.4 if _MARKERS[genre % len(_MARKERS)] == "*" else 3.4,
        "markeredgewidth": 0.7,
        "markeredgecolor": colour,
        "markerfacecolor": "none" if hollow else colour,
    }


def family_style(index: int, count: int) -> dict[str, Any]:
    """Return the Matplotlib line properties of a family, the `index`-th of `count`."""
    return {
        "color": size_colours(count)[index],
        "marker": "osD^v"[index % 5],
        "markersize": 4,
        "linewidth": 1.3,
    }


def tick_label(value: float) -> str:
    """Format a tick value in Spanish, without binary rounding noise."""
    return spanish.plain(float(f"{value:.6g}"))


def setup() -> None:
    """Configure Matplotlib's fonts and colours for this process."""
    # Matplotlib warns that the fallback fonts lack some weights.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    for path in [*sorted(FONTS.glob("*.ttf")), *font_coverage.fallback_fonts()]:
        font_manager.fontManager.addfont(path)
    matplotlib.rcParams.update(
        {
            # The later fonts are fallbacks for missing glyphs.
            "font.family": ["Source Sans 3", "Source Serif 4", "STIX Two Math", "DejaVu Sans"],
            "text.parse_math": False,  # a genre may be named $x$
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
    """Create an empty figure, `WIDTH` wide and `height` centimetres high."""
    fig = Figure(figsize=(WIDTH, height * CM))
    FigureCanvasSVG(fig)
    return fig


def use_spanish_numbers(axis: Axis) -> None:
    """Format an axis's tick labels in Spanish, with the decimals that its tick spacing needs."""

    def format_tick(value: float, _: object) -> str:
        steps = np.diff(axis.get_majorticklocs())
        step = min(steps) if len(steps) else value
        return spanish.decimal(value, spanish.decimal_places(float(f"{step:.6g}")))

    axis.set_major_formatter(FuncFormatter(format_tick))


def size_axis(axes: Axes, sizes: Sequence[int]) -> None:
    """Set up a log x axis with a tick per latent size, labelled where there is room."""
    axes.set_xscale("log")
    axes.set_xlim(min(sizes) / 1.12, max(sizes) * 1.12)
    points = axes.bbox.width * 72 / axes.figure.dpi
    factor = (1.12**2 * max(sizes) / min(sizes)) ** (MIN_TICK_SPACING / points)
    shown = [max(sizes)]
    for size in sorted(sizes, reverse=True):
        if shown[-1] / size >= factor and (size / min(sizes) >= factor or size == min(sizes)):
            shown.append(size)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(FixedLocator(sorted({*sizes} - {*shown})))
    axes.xaxis.set_major_formatter(lambda value, _: spanish.integer(round(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", rotation=90 if len(shown) > 3 else 0)


def span_widely(values: Sequence[float]) -> bool:
    """True if these need a logarithmic axis for the small ones to be told apart."""
    return 0 < 6 * min(values, default=0.0) < max(values, default=0.0)


def log_axis(axes: Axes) -> None:
    """Make the y axis of what is drawn logarithmic, with labels at 1, 2 and 5 of each decade, or
    at 1 if there are more than three."""
    axes.set_yscale("log", nonpositive="mask")
    span = axes.dataLim.y1 / axes.yaxis.get_minpos()
    axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5) if span <= 1000 else (1,)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: tick_label(value))


def dot_rows(axes: Axes, rows: Sequence[tuple[str, Number, Mapping[str, Any]]]) -> None:
    """Draw a labelled row per number, the first on top: a dot on its 95 % interval.

    Args:
        rows: label, number and Matplotlib properties of the dot, among them its `color`.
    """
    for row, (_, number, look) in enumerate(rows):
        if number.interval is not None:
            axes.plot(number.interval, (row, row), color=look["color"], linewidth=1, clip_on=False)
        axes.plot(number.value, row, "o", markersize=4.4, clip_on=False, **look)
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    use_spanish_numbers(axes.xaxis)
    axes.grid(axis="x", color=FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def spread_labels(
    places: Sequence[float], gap: float, low: float = -math.inf, high: float = math.inf
) -> list[float]:
    """Move label positions as little as needed to be at least `gap` apart.

    None is below `low`; none is above `high` if all fit.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[tuple[float, list[int]]] = []  # centre and members of each block
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


def label_line_ends(axes: Axes, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write each line's name, in its colour, to the right of the panel at the line's end.

    Args:
        ends: name, last value and colour of each line; axes limits must already be set.
    """
    inverse, right = axes.transAxes.inverted(), axes.get_xlim()[1]
    gap = LABEL_HEIGHT / (axes.bbox.height * 72 / axes.figure.dpi)
    places = [
        float(inverse.transform(axes.transData.transform((right, value)))[1])
        for _, value, _ in ends
    ]
    for (name, _, colour), place, end in zip(
        ends, spread_labels(places, gap, 0, 0.97), places, strict=True
    ):
        axes.plot(
            (1.0, 1.04), (end, place), transform=axes.transAxes, color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.annotate(
            name, (1.055, place), xycoords="axes fraction", va="center_baseline", color=colour,
            weight=400 if colour == INK else 600,
        )  # fmt: skip


def legend_below(fig: Figure, handles: Sequence[Any]) -> None:
    """Add a legend at the bottom of the figure, of 0.5 cm per five entries, in even rows."""
    rows = math.ceil(len(handles) / 5)
    fig.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.06, 0.0),
        ncols=math.ceil(len(handles) / rows), frameon=False, borderaxespad=0.1,
        handlelength=1.8, handletextpad=0.5, columnspacing=1.6, labelspacing=0.35,
    )  # fmt: skip


def save(fig: Figure, path: Path) -> None:
    """Write the figure to `path` (.svg); the same figure gives the same bytes."""
    buffer = StringIO()
    fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    path.write_text(buffer.getvalue(), encoding="utf-8")


def dark_colours() -> dict[str, str]:
    """Map each colour of the palette to its counterpart on dark pages."""
    pairs = dict(_DARK)
    shades = (_gradient(anchors, SHADE_LEVELS) for anchors in (_SHADES, _SHADES_DARK))
    pairs |= zip(*shades, strict=True)
    pairs |= zip(_COLOURS, _COLOURS_DARK, strict=True)
    for count in range(1, 33):
        pairs |= zip(_gradient(_SERIES, count), _gradient(_SERIES_DARK, count), strict=True)
    return pairs


@cache
def _gradient(anchors: tuple[str, ...], count: int) -> list[str]:
    """Return `count` equally spaced colours along a gradient."""
    colours = [to_rgb(anchor) for anchor in anchors]
    if count == 1:
        return [anchors[len(anchors) // 2]]
    steps = (index * (len(anchors) - 1) / (count - 1) for index in range(count))
    return [to_hex(_interpolate(colours, step)) for step in steps]


def _interpolate(colours: Sequence[Iterable[float]], step: float) -> tuple[float, float, float]:
    low = min(int(step), len(colours) - 2)
    fraction = step - low
    red, green, blue = (
        a + fraction * (b - a) for a, b in zip(colours[low], colours[low + 1], strict=True)
    )
    return red, green, blue
