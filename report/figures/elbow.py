"""Draws how much variation is left within k clusters: one vector at large, or all in small."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from report.facts import Exploration
from report.figures import style
from report.prose.words import Words


def draw(flat: Exploration, averaged: Exploration, k: int, words: Words, path: Path) -> None:
    """Write the elbow figure of a vector, flat and averaged over time; a line at `k`."""
    made = style.figure(6.6)
    axes = made.add_axes((0.085, 0.19, 0.74, 0.74))
    _panel(axes, flat, averaged, k)
    axes.set_xlabel(words("figures.clusters"))
    axes.set_ylabel(words("figures.variation"))
    axes.annotate(
        f"k = {k}", (k, 100), (4, 2), textcoords="offset points", color=style.SOFT, va="bottom"
    )
    ends = [_share(found)[-1] for found in (flat, averaged)]
    for name, place, colour in zip(
        ("flat", "averaged"), style.apart(ends, 9), (style.INK, style.ACCENT), strict=True
    ):
        axes.annotate(
            words(f"figures.{name}"), (axes.get_xlim()[1], place), (5, 0),
            textcoords="offset points", va="center", color=colour, weight=600,
            annotation_clip=False, linespacing=1.15,
        )  # fmt: skip
    style.save(made, path)


def small(
    pairs: Sequence[tuple[str, Exploration, Exploration]], k: int, words: Words, path: Path
) -> None:
    """Write small multiples with shared axes: a panel a vector, flat and averaged in each.

    `pairs` holds a panel's label, the flat vector and the averaged one.
    """
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    panel, top, bottom = 2.5, 0.62, 1.0
    height = rows * (panel + top) + bottom
    made = style.figure(height)
    width = (0.985 - 0.085 - 0.03 * 2) / 3
    for index, (label, flat, averaged) in enumerate(pairs):
        row, column = divmod(index, columns)
        axes = made.add_axes(
            (
                0.085 + column * (width + 0.03),
                1 - ((row + 1) * (panel + top) - 0.1) / height,
                width,
                panel / height,
            )
        )
        _panel(axes, flat, averaged, k)
        axes.set_title(label, loc="left", pad=3, weight=600)
        below = index + columns >= len(pairs)
        axes.tick_params(labelbottom=below, labelleft=column == 0)
        if below:
            axes.set_xlabel(words("figures.clusters"), labelpad=2)
        if column == 0:
            axes.set_ylabel(words("figures.variation"), labelpad=3)
        if index == 0:
            _name(axes, flat, averaged, words)
    style.save(made, path)


def _panel(axes: Axes, flat: Exploration, averaged: Exploration, k: int) -> None:
    axes.axvline(k, color=style.FAINT, linewidth=0.8)
    for found, colour, line in ((flat, style.INK, "-"), (averaged, style.ACCENT, "--")):
        share = _share(found)
        axes.plot(range(1, len(share) + 1), share, line, color=colour)
    axes.set_xlim(1, max(len(flat.variation), 2))
    axes.set_ylim(0, 104)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_locator(MultipleLocator(25))
    style.comma(axes.xaxis)
    style.comma(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _name(axes: Axes, flat: Exploration, averaged: Exploration, words: Words) -> None:
    """Name the two lines inside the first panel, each beside its middle."""
    for found, name, colour, side in (
        (flat, "flat", style.INK, -1),
        (averaged, "averaged", style.ACCENT, 1),
    ):
        share = _share(found)
        middle = len(share) // 2
        axes.annotate(
            words(f"figures.{name}_short"), (middle + 1, share[middle]), (4, 5 * side),
            textcoords="offset points", va="bottom" if side > 0 else "top", color=colour,
            weight=600,
        )  # fmt: skip


def _share(found: Exploration) -> list[float]:
    whole = found.variation[0] or 1.0
    return [100 * value / whole for value in found.variation]
