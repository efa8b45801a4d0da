"""Figure: fidelity against the rate of the file, for our coder and other codecs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from report.language import spanish
from report.language.words import Words
from report.queries.rates import RateCurve

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

DASHES: tuple[tuple[float, ...], ...] = ((5, 2), (1, 1.6), (7, 2, 1.5, 2))
TICKS = (3, 6, 12, 24, 48)


def draw(curves: Sequence[RateCurve], words: Words, path: Path) -> None:
    """Write the figure: one panel per measure, one curve per codec; bars are 95 % intervals.

    Ours is solid and coloured, the others are dashed and grey.
    """
    from report.figures import style

    fig = style.figure(7.0)
    measures = list(curves[0].values)
    for index, measure in enumerate(measures):
        axes = fig.add_axes((0.05 + index / 3, 0.17, 0.195, 0.72))
        axes.set_title(words(f"figures.{measure}"), loc="left", pad=5, weight=600)
        _panel(axes, curves, measure, words)
    style.save(fig, path)


def _panel(axes: "Axes", curves: Sequence[RateCurve], measure: str, words: Words) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    from report.figures import style

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(TICKS))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: spanish.integer(round(rate))))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(words("figures.kbps"), labelpad=2)
    dashes = iter(DASHES)
    ends: list[tuple[str, float, str]] = []
    for curve in curves:
        points = [
            (rate, number)
            for rate, number in zip(curve.rates, curve.values[measure], strict=True)
            if number is not None
        ]
        colour = style.ACCENT if curve.ours else style.SOFT
        dash = () if curve.ours else next(dashes)
        if not points:
            continue
        axes.plot(
            [rate for rate, _ in points], [number.value for _, number in points], "o",
            color=colour, markersize=4.2 if curve.ours else 3.2, clip_on=False,
            linestyle="-" if curve.ours else (0, dash),
            linewidth=1.6 if curve.ours else 1.1, zorder=3,
        )  # fmt: skip
        for rate, number in points:
            if number.interval is not None:
                axes.plot((rate, rate), number.interval, color=colour, linewidth=0.8)
        ends.append((curve.label, points[-1][1].value, style.ACCENT if curve.ours else style.INK))
    if measure == "log_mel":
        style.log_axis(axes)
    else:
        style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.label_line_ends(axes, ends)
