"""Figure: reconstruction fidelity against latent size, for baselines and network families."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.results.schema import Number
from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

MEASURES = ("snr", "log_mel")
DASHES: tuple[tuple[float, ...], ...] = ((1, 1.6), (5, 2), (7, 2, 1.5, 2), (2.5, 1.2))
UNTRAINED_DASHES = (3, 1.5)


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
    """Write the figure: SNR on the left, log-mel distance on the right, one curve per method.

    Bars are 95 % intervals over clips. Network families have solid coloured curves, dotted if
    untrained, baselines dashed grey ones; each is named at its right end.
    """
    from report.figures import style

    fig = style.figure(8.0)
    for left, measure in zip((0.055, 0.56), MEASURES, strict=True):
        axes = fig.add_axes((left, 0.24, 0.3, 0.675))
        axes.set_title(words(f"figures.{measure}"), loc="left", pad=5, weight=600)
        _panel(axes, curves, measure, words)
    style.save(fig, path)


def _panel(axes: "Axes", curves: Sequence[MethodCurve], measure: str, words: Words) -> None:
    from report.figures import style

    sizes = sorted({size for curve in curves for size in curve.sizes}, reverse=True)
    style.size_axis(axes, sizes)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    ends: list[tuple[str, float, str]] = []
    count = sum(curve.is_network and not curve.untrained for curve in curves)
    families = iter(style.size_colours(count + 2)[1:])
    dashes = iter(DASHES * 3)
    colour = style.SOFT
    for curve in curves:
        numbers = curve.values[measure]
        if not curve.untrained:
            colour = next(families) if curve.is_network else style.SOFT
        dash = UNTRAINED_DASHES if curve.untrained else () if curve.is_network else next(dashes)
        _draw_curve(axes, curve.sizes, numbers, colour, dash)
        ends.append((curve.label, numbers[0].value, colour if curve.is_network else style.INK))
    if measure != "snr":
        axes.set_ylim(bottom=0)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.label_line_ends(axes, ends)


def _draw_curve(
    axes: "Axes",
    sizes: Sequence[int],
    numbers: Sequence[Number],
    colour: str,
    dashes: tuple[float, ...],
) -> None:
    values = [number.value for number in numbers]
    axes.plot(
        sizes, values, "o", color=colour, markersize=4.2 if not dashes else 3.2, clip_on=False,
        linestyle=(0, dashes) if dashes else "-", linewidth=1.6 if not dashes else 1.1, zorder=3,
    )  # fmt: skip
    for size, number in zip(sizes, numbers, strict=True):
        if number.interval is not None:
            axes.plot((size, size), number.interval, color=colour, linewidth=0.8, clip_on=False)
