"""Figure: reconstruction fidelity against latent size, for baselines and network families."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.results.schema import Number
from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

DASHES: tuple[tuple[float, ...], ...] = ((1, 1.6), (5, 2), (7, 2, 1.5, 2), (2.5, 1.2))
UNTRAINED_DASHES = (3, 1.5)
BASELINE_MARKERS = "xv+^"
HEIGHT = 7.0
"""Height in centimetres."""


@dataclass(frozen=True)
class MethodCurve:
    """Values of a baseline or a network family by measure, largest size first.

    `untrained` marks the family of the curve before, without training.
    """

    label: str
    is_network: bool
    sizes: Sequence[int]
    values: Mapping[str, Sequence[Number]]
    untrained: bool = False


def draw(curves: Sequence[MethodCurve], words: Words, path: Path) -> None:
    """Write the figure: one panel per measure, one curve per method, a legend below.

    Bars are 95 % intervals over clips. Network families have solid coloured curves, dashed if
    untrained; baselines, grey ones, each with its own dashes and marker.
    """
    from report.figures import style

    fig = style.figure(HEIGHT)
    measures = list(curves[0].values)
    width = (0.985 - 0.065 * len(measures)) / len(measures)
    for index, measure in enumerate(measures):
        axes = fig.add_axes((0.05 + index * (width + 0.065), 0.365, width, 0.565))
        axes.set_title(words(f"figures.{measure}"), loc="left", pad=5, weight=600)
        _panel(axes, curves, measure, words)
    handles, labels = axes.get_legend_handles_labels()
    fig.legend(
        handles, labels, loc="lower center", ncols=-(-len(labels) // (1 + (len(labels) > 4))),
        frameon=False, fontsize=8, handlelength=2.6, columnspacing=1.4, bbox_to_anchor=(0.5, -0.02),
    )  # fmt: skip
    style.save(fig, path)


def _panel(axes: "Axes", curves: Sequence[MethodCurve], measure: str, words: Words) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    from report.figures import style

    sizes = sorted({size for curve in curves for size in curve.sizes}, reverse=True)
    style.size_axis(axes, sizes)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    count = sum(curve.is_network and not curve.untrained for curve in curves)
    families = iter([style.family_style(index, count) for index in range(count)])
    baselines = iter(zip(DASHES * len(curves), BASELINE_MARKERS * len(curves), strict=False))
    colour, marker = style.SOFT, "o"
    for curve in curves:
        dashes: tuple[float, ...] = ()
        if curve.untrained:
            dashes = UNTRAINED_DASHES
        elif curve.is_network:
            look = next(families)
            colour, marker = look["color"], look["marker"]
        else:
            dashes, baseline_marker = next(baselines)
        _draw_curve(
            axes, curve, curve.values[measure], colour if curve.is_network else style.SOFT, dashes,
            marker if curve.is_network else baseline_marker,
        )  # fmt: skip
    if measure == "log_mel":
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda value, _: style.tick_label(value))
    else:
        if measure == "visqol":
            axes.set_ylim(1, 1 + 1.06 * (axes.get_ylim()[1] - 1))
        style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _draw_curve(
    axes: "Axes",
    curve: MethodCurve,
    numbers: Sequence[Number],
    colour: str,
    dashes: tuple[float, ...],
    marker: str,
) -> None:
    from report.figures import style

    hollow = style.PAPER if curve.untrained or not curve.is_network else colour
    axes.plot(
        curve.sizes, [number.value for number in numbers], marker, color=colour,
        markersize=4 if curve.is_network else 3.4, markerfacecolor=hollow, clip_on=False,
        linestyle=(0, dashes) if dashes else "-", linewidth=1.1 if dashes else 1.6,
        zorder=3 if curve.is_network else 2, label=curve.label,
    )  # fmt: skip
    for size, number in zip(curve.sizes, numbers, strict=True):
        if number.interval is not None:
            axes.plot((size, size), number.interval, color=colour, linewidth=0.8, clip_on=False)
