"""Draws the sizes of k-means clusters: a bar a vector, cut where one cluster ends."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from report.facts import Exploration
from report.figures import style
from report.prose import spanish
from report.prose.words import Words

ClusterRow = tuple[str, Exploration]


def draw(groups: Sequence[tuple[str, Sequence[ClusterRow]]], words: Words, path: Path) -> None:
    """Write the figure: under the title of each group, a bar a vector, from the largest cluster.

    Clusters of a single clip are drawn in the accent colour and counted at the bar's end.
    """
    rows = sum(len(members) for _, members in groups)
    row, title, bottom = 0.46, 0.62, 1.1
    height = rows * row + len(groups) * title + bottom
    made = style.figure(height)
    axes = made.add_axes((0.1, bottom / height, 0.73, 0.99 - bottom / height))
    clips = sum(groups[0][1][0][1].sizes)
    axes.set_xlim(0, clips)
    axes.set_ylim(height - bottom, 0)
    y = 0.0
    for name, members in groups:
        axes.text(0, y + title * 0.72, name, weight=600, va="baseline")
        y += title
        for label, found in members:
            _bar(axes, found, y + row / 2, row * 0.74, clips)
            axes.annotate(
                label, (0, y + row / 2), (-5, 0), textcoords="offset points", ha="right",
                va="center_baseline", annotation_clip=False,
            )  # fmt: skip
            if found.singletons:
                noun = words("figures.alone_one" if found.singletons == 1 else "figures.alone")
                axes.annotate(
                    f"{found.singletons} {noun}", (clips, y + row / 2), (5, 0),
                    textcoords="offset points", va="center_baseline", color=style.ACCENT,
                    annotation_clip=False,
                )  # fmt: skip
            y += row
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("figures.clips"), labelpad=2)
    style.comma(axes.xaxis)
    style.save(made, path)


def _bar(axes: Axes, found: Exploration, middle: float, height: float, clips: int) -> None:
    left = 0
    for index, size in enumerate(found.sizes):
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
