"""Figure: genre classification accuracy of a decision tree on each vector."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.results.schema import Number
from report.figures import style
from report.language.words import Words

AccuracyRow = tuple[str, Number]


def draw(
    groups: Sequence[tuple[str, Sequence[AccuracyRow]]], chance: float, words: Words, path: Path
) -> None:
    """Write the figure: accuracy and its interval per vector, with a line at `chance` level."""
    rows = sum(len(members) for _, members in groups)
    row, title, bottom, top = 0.46, 0.62, 1.1, 0.6
    height = rows * row + len(groups) * title + bottom + top
    fig = style.figure(height)
    axes = fig.add_axes((0.1, bottom / height, 0.88, 1 - (bottom + top) / height))
    axes.set_xlim(0, 100)
    axes.set_ylim(height - bottom - top, 0)
    axes.axvline(100 * chance, color=style.SOFT, linewidth=0.8, dashes=(4, 3), zorder=1)
    axes.annotate(
        words("figures.chance"), (100 * chance, 0), (0, 3), textcoords="offset points",
        ha="center" if chance > 0.15 else "left", va="bottom", color=style.SOFT,
        annotation_clip=False,
    )  # fmt: skip
    y = 0.0
    for index, (name, members) in enumerate(groups):
        axes.text(100, y + title * 0.72, name, weight=600, ha="right", va="baseline")
        y += title
        for label, number in members:
            colour = style.INK if index == 0 else style.ACCENT
            if number.interval is not None:
                low, high = number.interval
                axes.plot((100 * low, 100 * high), (y + row / 2,) * 2, color=colour, linewidth=1)
            axes.plot(
                100 * number.value, y + row / 2, "os^"[index % 3], color=colour, markersize=5,
                clip_on=False,
            )  # fmt: skip
            axes.annotate(
                label, (0, y + row / 2), (-5, 0), textcoords="offset points", ha="right",
                va="center_baseline", annotation_clip=False,
            )  # fmt: skip
            y += row
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("figures.accuracy"), labelpad=2)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.use_spanish_numbers(axes.xaxis)
    style.save(fig, path)
