"""Figure: reconstruction fidelity against latent size, for baselines and network families."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.results.schema import Number
from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

DASHES: tuple[tuple[float, ...], ...] = ((1, 1.6), (5, 2), (7, 2, 1.5, 2), (2.5, 1.2))
UNTRAINED_DASHES = (3, 1.5)
BASELINE_MARKERS = "xv+^"
ZEROS = {"snr": 0, "log_mel": 0, "visqol": 1}
"""Where the axis of a measure begins with one size, unless a value is below."""
HEIGHT = 7.0
ROW, AROUND = 0.5, 1.4
"""Heights in centimetres: of the figure; with one size, of a row and of what is around them."""
Look = tuple[str, str, tuple[float, ...]]
"""Colour, marker and dashes of a curve."""


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
    untrained; baselines, grey ones, each with its own dashes and marker. With one size there are
    no curves, but a labelled row per method.
    """
    from report.figures import style

    if len({size for curve in curves for size in curve.sizes}) == 1:
        _draw_rows(curves, words, path)
        return
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


def _draw_rows(curves: Sequence[MethodCurve], words: Words, path: Path) -> None:
    """Write the figure for one size: a row per method, the highest SNR on top."""
    from report.figures import style

    measures = list(curves[0].values)
    pairs = zip(curves, _looks(curves), strict=True)
    ranked = sorted(pairs, key=lambda pair: -pair[0].values[measures[0]][0].value)
    fig = style.figure(AROUND + ROW * len(curves))
    for axes, measure in zip(fig.subplots(1, len(measures), sharey=True), measures, strict=True):
        axes.set_title(words(f"figures.{measure}"), loc="left", pad=5, weight=600)
        rows = [
            (curve.label, curve.values[measure][0],
             {"color": colour, "markerfacecolor": _fill(curve, colour)})
            for curve, (colour, *_) in ranked
        ]  # fmt: skip
        style.dot_rows(axes, rows)
        axes.set_xlim(left=min(ZEROS[measure], axes.dataLim.x0))
    fig.tight_layout(pad=0.4, w_pad=2)  # the first margin is as wide as the labels
    style.save(fig, path)


def _looks(curves: Sequence[MethodCurve]) -> Iterator[Look]:
    """Yield the look of each curve; an untrained family is drawn like the one before it, dashed."""
    from report.figures import style

    count = sum(curve.is_network and not curve.untrained for curve in curves)
    families = (style.family_style(index, count) for index in range(count))
    baselines = zip(cycle(DASHES), cycle(BASELINE_MARKERS))
    look: dict[str, Any] = {}
    for curve in curves:
        if curve.is_network:
            look = look if curve.untrained else next(families)
            yield look["color"], look["marker"], UNTRAINED_DASHES if curve.untrained else ()
        else:
            dashes, marker = next(baselines)
            yield style.SOFT, marker, dashes


def _fill(curve: MethodCurve, colour: str) -> str:
    """Return the colour inside a curve's markers: only those of trained networks are full."""
    from report.figures import style

    return colour if curve.is_network and not curve.untrained else style.PAPER


def _panel(axes: "Axes", curves: Sequence[MethodCurve], measure: str, words: Words) -> None:
    from report.figures import style

    sizes = sorted({size for curve in curves for size in curve.sizes}, reverse=True)
    style.size_axis(axes, sizes)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    for curve, look in zip(curves, _looks(curves), strict=True):
        _draw_curve(axes, curve, curve.values[measure], look)
    if measure == "log_mel":
        style.log_axis(axes)
    else:
        if measure == "visqol":
            axes.set_ylim(1, 1 + 1.06 * (axes.get_ylim()[1] - 1))
        style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _draw_curve(axes: "Axes", curve: MethodCurve, numbers: Sequence[Number], look: Look) -> None:
    colour, marker, dashes = look
    axes.plot(
        curve.sizes, [number.value for number in numbers], marker, color=colour,
        markersize=4 if curve.is_network else 3.4, markerfacecolor=_fill(curve, colour),
        clip_on=False,
        linestyle=(0, dashes) if dashes else "-", linewidth=1.1 if dashes else 1.6,
        zorder=3 if curve.is_network else 2, label=curve.label,
    )  # fmt: skip
    for size, number in zip(curve.sizes, numbers, strict=True):
        if number.interval is not None:
            axes.plot((size, size), number.interval, color=colour, linewidth=0.8, clip_on=False)
