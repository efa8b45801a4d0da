"""Figure: how often classifiers name a clip's genre, against latent size, for every family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.results.schema import Number
from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

LEFT, GAP, RIGHT = 1.15, 0.8, 0.4
"""Widths of the margins and between panels, in centimetres."""

DASHES = ((4, 3), (1, 1.6), (7, 2, 1.5, 2), (9, 2))
"""Of chance and of each reference."""


@dataclass(frozen=True)
class AccuracyPanel:
    """Accuracies of one classifier: `curves` has sizes and numbers by family, `references`
    vectors that have no size; `chance` is a guesser's accuracy, 0 to 1."""

    title: str
    chance: float
    curves: Mapping[str, tuple[Sequence[int], Sequence[Number]]]
    references: Mapping[str, Number]


def draw(panels: Sequence[AccuracyPanel], words: Words, path: Path) -> None:
    """Write the figure: one panel per classifier; bars are 95 % intervals."""
    from matplotlib.lines import Line2D

    from report.figures import style

    height = 6.9
    width = (15 - LEFT - RIGHT + GAP) / len(panels) - GAP
    fig = style.figure(height)
    chance = words("figures.chance")
    levels = [
        {chance: panel.chance} | {name: number.value for name, number in panel.references.items()}
        for panel in panels
    ]
    dashes = dict(zip(dict.fromkeys(name for own in levels for name in own), DASHES, strict=False))
    for index, panel in enumerate(panels):
        left = LEFT + index * (width + GAP)
        axes = fig.add_axes((left / 15, 2.75 / height, width / 15, 3.45 / height))
        axes.set_title(panel.title, loc="left", pad=5, weight=600)
        axes.set_ylabel(words("figures.accuracy") if index == 0 else "", labelpad=2)
        _panel(axes, panel, words)
        for name, value in levels[index].items():
            axes.axhline(
                100 * value, color=style.SOFT, linewidth=0.9, dashes=dashes[name], zorder=1
            )
    families = list(panels[0].curves)
    handles = [
        Line2D([], [], label=family, **style.family_style(index, len(families)))
        for index, family in enumerate(families)
    ]
    handles += [
        Line2D([], [], label=name, color=style.SOFT, linewidth=0.9, linestyle=(0, dash))
        for name, dash in dashes.items()
    ]
    style.legend_below(fig, handles)
    style.save(fig, path)


def _panel(axes: "Axes", panel: AccuracyPanel, words: Words) -> None:
    from report.figures import style

    count = len(panel.curves)
    for index, (sizes, numbers) in enumerate(panel.curves.values()):
        look = style.family_style(index, count)
        places = [size * 1.025 ** (2 * index - count + 1) for size in sizes]  # bars side by side
        axes.plot(places, [100 * number.value for number in numbers], **look, clip_on=False)
        for place, number in zip(places, numbers, strict=True):
            if number.interval is not None:
                low, high = number.interval
                axes.plot((place,) * 2, (100 * low, 100 * high), color=look["color"], linewidth=0.8)
    sizes = sorted({size for own, _ in panel.curves.values() for size in own}, reverse=True)
    style.size_axis(axes, sizes)
    axes.set_ylim(0, 100)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
