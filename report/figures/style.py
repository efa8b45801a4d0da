"""The house style of every figure: type, ink, palette, and how a figure becomes a file.

Figures are drawn once, on paper, and written twice: NAME.svg for light pages and print, and
NAME-dark.svg with each colour of the palette changed for its counterpart on dark pages.
"""

import re
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from report import spanish

FONTS = Path(__file__).parents[2] / "site" / "fonts"
CM = 1 / 2.54
WIDTH = 15 * CM
"""The text's width on paper, in inches: figures are printed at the size they are drawn."""

INK = "#1f2528"
SOFT = "#5e686d"
FAINT = "#c9cfd1"
WASH = "#eceeed"
ACCENT = "#0f6470"
_DARK = {INK: "#e9e6e0", SOFT: "#a3abae", FAINT: "#454c50", WASH: "#252b2e", ACCENT: "#6cc5cf"}

# From many numbers to few. Lightness alone orders them, so grey printing and every kind of
# colour blindness keep the order; the lightest still stands 3:1 off its page.
_SERIES = ("#12233f", "#1c4567", "#1c6a80", "#35897a", "#b5892f")
_SERIES_DARK = ("#f3ecdc", "#a9d3f2", "#63b7c9", "#43977f", "#a0772a")


def series(count: int) -> list[str]:
    """Colours for `count` sizes, from the largest to the smallest."""
    return _along(_SERIES, count)


def setup() -> None:
    """Make the document's own font and ink matplotlib's, for this process."""
    for name in ("Regular", "It", "Semibold"):
        font_manager.fontManager.addfont(FONTS / f"SourceSans3-{name}.ttf")
    matplotlib.rcParams.update(
        {
            "font.family": "Source Sans 3",
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


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Move label positions as little as needed to stand at least `gap` from each other."""
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
    return moved


def save(made: Figure, path: Path) -> None:
    """Write `path` (.svg) and its dark counterpart; the same figure gives the same bytes."""
    buffer = StringIO()
    made.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    light = buffer.getvalue()
    path.write_text(light, encoding="utf-8")
    counterpart = counterparts()
    dark = re.sub(r"#[0-9a-f]{6}\b", lambda m: counterpart.get(m[0], m[0]), light)
    path.with_name(f"{path.stem}-dark.svg").write_text(dark, encoding="utf-8")


def counterparts() -> dict[str, str]:
    pairs = dict(_DARK)
    for count in range(1, 33):
        pairs |= zip(_along(_SERIES, count), _along(_SERIES_DARK, count), strict=True)
    return pairs


def _along(anchors: Sequence[str], count: int) -> list[str]:
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
