"""Figure: two confusion matrices, genre by cluster or genre by predicted genre."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from report.figures import font_coverage, style
from report.language import spanish
from report.language.words import Words

Counts = Sequence[Sequence[int]]


def draw(
    panels: Sequence[tuple[str, Counts]],
    genres: Sequence[str],
    columns: Sequence[str] | None,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: two matrices of counts side by side, one row per genre.

    Args:
        panels: title and counts of each matrix.
        genres: row names.
        columns: column names, rotated; None if columns are clusters, which are numbered from 1.
    """
    columns = columns and [font_coverage.short_label(name) for name in columns]
    genres = [font_coverage.short_label(name) for name in genres]
    longest = max(map(len, genres))
    # At least half of the axis label, which must also fit when centred under a single column.
    names = min(3.4, max(1.4, 0.35 + 0.155 * longest))
    gap, top = 0.7, 0.75
    wide = (15 - names - gap - 0.1) / 2
    cell = min(0.62, wide / max(len(counts[0]) for _, counts in panels))
    bottom = 1.35 if columns is None else 0.5 + 0.155 * max(map(len, columns)) + 0.55
    height = top + len(genres) * cell + bottom
    fig = style.figure(height)
    for index, (title, counts) in enumerate(panels):
        width = cell * len(counts[0])
        axes = fig.add_axes(
            (
                (names + index * (wide + gap)) / 15,
                bottom / height,
                width / 15,
                len(genres) * cell / height,
            )
        )
        _draw_matrix(axes, counts, cell)
        axes.set_title(title, loc="left", pad=4, weight=600)
        axes.set_yticks([row + 0.5 for row in range(len(genres))], genres if index == 0 else [])
        ticks = [column + 0.5 for column in range(len(counts[0]))]
        if columns is None:
            axes.set_xticks(ticks, [str(column + 1) for column in range(len(counts[0]))])
            axes.set_xlabel(words("figures.cluster"), labelpad=2)
        else:
            axes.set_xticks(ticks, columns, rotation=90)
            axes.set_xlabel(words("figures.answer"), labelpad=3)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    style.save(fig, path)


def _draw_matrix(axes: Axes, counts: Counts, cell: float) -> None:
    largest = max(max(row) for row in counts) or 1
    size = min(8.0, cell * 13.5)
    axes.set_xlim(0, len(counts[0]))
    axes.set_ylim(len(counts), 0)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            axes.add_patch(
                Rectangle(
                    (x, y), 1, 1, facecolor=style.shade(count / largest), edgecolor=style.PAPER,
                    linewidth=0.8,
                )
            )  # fmt: skip
            if count:
                axes.text(
                    x + 0.5, y + 0.5, spanish.integer(count), ha="center", va="center_baseline",
                    size=size, color=style.PAPER if count / largest > 0.55 else style.INK,
                )  # fmt: skip
