"""Figure: sizes of k-means clusters, one stacked bar per vector."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from pipeline.results.vector_schema import Exploration
from report.figures import style
from report.language import spanish
from report.language.words import Words

ClusterRow = tuple[str, Exploration]


def draw(groups: Sequence[tuple[str, Sequence[ClusterRow]]], words: Words, path: Path) -> None:
    """Write the figure: for each titled group, a stacked bar per vector, largest cluster first.

    Single-clip clusters are drawn in the accent colour and counted at the end of the bar.
    """
    rows = sum(len(members) for _, members in groups)
    row, title, bottom = 0.46, 0.62, 1.1
    height = rows * row + len(groups) * title + bottom
    fig = style.figure(height)
    axes = fig.add_axes((0.1, bottom / height, 0.73, 0.99 - bottom / height))
    clips = sum(groups[0][1][0][1].sizes)
    axes.set_xlim(0, clips)
    axes.set_ylim(height - bottom, 0)
    y = 0.0
    for name, members in groups:
        axes.text(0, y + title * 0.72, name, weight=600, va="baseline")
        y += title
        for label, exploration in members:
            _bar(axes, exploration, y + row / 2, row * 0.74, clips)
            axes.annotate(
                label, (0, y + row / 2), (-5, 0), textcoords="offset points", ha="right",
                va="center_baseline", annotation_clip=False,
            )  # fmt: skip
            if exploration.singletons:
                one = exploration.singletons == 1
                noun = words("figures.alone_one" if one else "figures.alone")
                axes.annotate(
                    f"{exploration.singletons} {noun}", (clips, y + row / 2), (5, 0),
                    textcoords="offset points", va="center_baseline", color=style.ACCENT,
                    annotation_clip=False,
                )  # fmt: skip
            y += row
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("figures.clips"), labelpad=2)
    style.use_spanish_numbers(axes.xaxis)
    style.save(fig, path)


def _bar(axes: Axes, exploration: Exploration, middle: float, height: float, clips: int) -> None:
    left = 0
    for index, size in enumerate(exploration.sizes):
        shade = style.shade(0.34 if index % 2 == 0 else 0.14)
        axes.barh(
            middle, size, height, left, color=style.ACCENT if size == 1 else shade,
            edgecolor=style.PAPER, linewidth=0.15 if size == 1 else 0.6,
        )  # fmt: skip
        if size >= 0.05 * clips:
            axes.text(
                left + size / 2, middle, spanish.integer(size), ha="center", va="center_baseline",
                size=7.5,
            )  # fmt: skip
        left += size
