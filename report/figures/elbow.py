"""Figure: within-cluster variation against k, a panel per vector of a family."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from pipeline.results.vector_schema import Exploration
from report.figures import style
from report.language.words import Words


def draw(
    pairs: Sequence[tuple[str, Exploration, Exploration]], k: int, words: Words, path: Path
) -> None:
    """Write elbow small multiples with shared axes: one panel per vector, flat and averaged.

    Args:
        pairs: label, flat vector and averaged vector of each panel.
    """
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    panel, top, bottom = 2.5, 0.62, 1.0
    height = rows * (panel + top) + bottom
    fig = style.figure(height)
    width = (0.985 - 0.085 - 0.03 * 2) / 3
    for index, (label, flat, averaged) in enumerate(pairs):
        row, column = divmod(index, columns)
        axes = fig.add_axes(
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
            _label_lines(axes, flat, averaged, words)
    style.save(fig, path)


def _panel(axes: Axes, flat: Exploration, averaged: Exploration, k: int) -> None:
    axes.axvline(k, color=style.FAINT, linewidth=0.8)
    for exploration, colour, line in ((flat, style.INK, "-"), (averaged, style.ACCENT, "--")):
        percent = _percent_left(exploration)
        axes.plot(range(1, len(percent) + 1), percent, line, color=colour)
    axes.set_xlim(1, max(len(flat.variation), 2))
    axes.set_ylim(0, 104)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_locator(MultipleLocator(25))
    style.use_spanish_numbers(axes.xaxis)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _label_lines(axes: Axes, flat: Exploration, averaged: Exploration, words: Words) -> None:
    """Label the two lines inside the first panel, each next to its middle."""
    for exploration, name, colour, side in (
        (flat, "flat", style.INK, -1),
        (averaged, "averaged", style.ACCENT, 1),
    ):
        percent = _percent_left(exploration)
        middle = len(percent) // 2
        axes.annotate(
            words(f"figures.{name}_short"), (middle + 1, percent[middle]), (4, 5 * side),
            textcoords="offset points", va="bottom" if side > 0 else "top", color=colour,
            weight=600,
        )  # fmt: skip


def _percent_left(exploration: Exploration) -> list[float]:
    total = exploration.variation[0] or 1.0
    return [100 * value / total for value in exploration.variation]
