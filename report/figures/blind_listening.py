"""Figure: what listeners tell from the original in ABX tests, and how they rate versions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from report.language.words import Words
from report.queries.listening import AbxPoints, RatedVersion

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

ROW, BOTTOM, TOP = 0.52, 2.35, 0.75
"""Heights in cm."""

SCALE = 20
"""Width of the five grades of the MUSHRA scale."""


def draw(
    points: Sequence[AbxPoints], rated: Sequence[RatedVersion], words: Words, path: Path
) -> None:
    """Write the figure: shares of correct answers on the left, mean scores on the right.

    Bars are 95 % intervals. Hollow marks are sizes visited by staircases; their area grows with
    the number of trials. A test without answers has no panel.
    """
    from report.figures import style

    height = max(6.8, len(rated) * ROW + BOTTOM + TOP)
    bottom, top = BOTTOM / height, 1 - (BOTTOM + TOP) / height
    fig = style.figure(height)
    if points:
        axes = fig.add_axes((0.07, bottom, 0.36 if rated else 0.9, top))
        _abx(axes, points, words)
        style.legend_below(fig, axes.get_legend_handles_labels()[0])
    if rated:
        left = 0.72 if points else 0.3
        axes = fig.add_axes((left, bottom, 0.97 - left, top))
        _scores(axes, rated, words)
    style.save(fig, path)


def _abx(axes: "Axes", points: Sequence[AbxPoints], words: Words) -> None:
    from report.figures import style

    fixed = {size for each in points for size, _ in each.fixed}
    sizes = sorted(fixed | {size for each in points for size, *_ in each.adaptive})
    style.size_axis(axes, sizes)
    axes.set_title(words("listening.abx_title"), loc="left", pad=5, weight=600)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    axes.axhline(50, color=style.SOFT, linewidth=0.8, linestyle=(0, (1, 1.6)), zorder=1)
    for index, each in enumerate(points):
        look = style.family_style(index, len(points))
        colour, marker = look["color"], look["marker"]
        axes.plot(
            [size for size, _ in each.fixed], [100 * number.value for _, number in each.fixed],
            marker, color=colour, markersize=4.4, zorder=3, label=each.label,
            clip_on=False,
        )  # fmt: skip
        for size, number in each.fixed:
            if number.interval is not None:
                ends = [100 * end for end in number.interval]
                axes.plot((size, size), ends, color=colour, linewidth=0.8, clip_on=False)
        for size, share, trials in each.adaptive:
            axes.plot(
                size, 100 * share, marker, color=colour, markerfacecolor="none", zorder=2,
                markersize=min(6, 1 + 0.7 * trials**0.5), markeredgewidth=0.8, clip_on=False,
            )  # fmt: skip
        if each.curve is not None:
            low, high = axes.get_xlim()
            line = np.geomspace(low, high, 60)
            slope = (np.log2(line) - each.curve.centre) / each.curve.width
            shares = 1 / (1 + np.exp(np.clip(slope, -50, 50)))
            shares = each.curve.guess + (1 - each.curve.guess - each.curve.lapse) * shares
            axes.plot(line, 100 * shares, color=colour, linewidth=1.1)
    axes.set_ylim(0, 100)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _scores(axes: "Axes", rated: Sequence[RatedVersion], words: Words) -> None:
    from report.figures import style

    axes.set_title(words("listening.mushra_title"), loc="left", pad=5, weight=600)
    style.dot_rows(axes, [(each.label, each.score, {"color": style.ACCENT}) for each in rated])
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, SCALE))
    axes.set_xlabel(words("listening.scale"), labelpad=2)
