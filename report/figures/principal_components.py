"""Figure: clips on their first three principal components, one marker per genre."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from report.figures import font_coverage, style
from report.language.words import Words
from report.queries.embedding import Cloud

COMPONENT_PAIRS = ((0, 1), (0, 2), (1, 2))
LINEAR_WIDTH = 0.02
"""Half-width of the nearly linear region of an asinh axis."""


def draw(
    cloud: Cloud,
    genres: Sequence[int],
    names: Sequence[str],
    limits: Sequence[float],
    stretch: bool,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: three scatter plots, one per pair of components.

    Args:
        cloud: shape (clips, 3).
        genres: genre of each clip, as an index into `names`.
        limits: axis limit of each component; its axis runs from -limit to limit.
        stretch: use asinh axes, which magnify the region around 0.
    """
    height, side = 5.25 + 0.42 * -(-len(names) // 5), 3.72
    fig = style.figure(height)
    for index, (one, other) in enumerate(COMPONENT_PAIRS):
        axes = fig.add_axes(
            ((1.3 + index * (side + 1.2)) / 15, 1.15 / height, side / 15, side / height)
        )
        set_up_axes(axes, limits[one], limits[other], stretch)
        for genre in range(len(names)):
            chosen = cloud[np.array(genres) == genre]
            axes.plot(
                chosen[:, one], chosen[:, other], linestyle="none", clip_on=False,
                **style.genre_marker(genre),
            )  # fmt: skip
        axes.set_xlabel(f"{words('figures.component')} {one + 1}", labelpad=2)
        axes.set_ylabel(f"{words('figures.component')} {other + 1}", labelpad=0)
    add_legend(fig, names)
    style.save(fig, path)


def set_up_axes(axes: Axes, wide: float, high: float, stretch: bool) -> None:
    """Centre both axes on 0, up to `wide` and `high`, with asinh scales if stretched."""
    for axis, set_scale, limit in (
        (axes.xaxis, axes.set_xscale, wide), (axes.yaxis, axes.set_yscale, high),
    ):  # fmt: skip
        if stretch:
            set_scale("asinh", linear_width=LINEAR_WIDTH)
            tens = [value for value in (0.1, 1.0, 10.0) if value <= limit]
            axis.set_major_locator(FixedLocator([-t for t in tens[::-1]] + [0, *tens]))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: style.tick_label(value))
        else:
            axis.set_major_locator(MaxNLocator(5, steps=(1, 2, 5, 10)))
            style.use_spanish_numbers(axis)
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-high, high)
    axes.axhline(0, color=style.FAINT, linewidth=0.5, zorder=0)
    axes.axvline(0, color=style.FAINT, linewidth=0.5, zorder=0)


def add_legend(fig: Figure, names: Sequence[str]) -> None:
    """Add a legend of genres above the axes."""
    marks = [
        Line2D([], [], linestyle="none", label=label, **style.genre_marker(genre))
        for genre, label in enumerate(map(font_coverage.short_label, names))
    ]
    fig.legend(
        handles=marks, loc="upper left", bbox_to_anchor=(0.07, 1.0), ncols=5, frameon=False,
        borderaxespad=0.1, handletextpad=0.1, columnspacing=1.6, labelspacing=0.35,
    )  # fmt: skip
