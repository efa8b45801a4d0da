"""Figure: frequencies that the networks of a family let through, and what becomes of a tone."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from report.language import spanish
from report.language.words import Words
from report.queries.passband import ResponseCurve

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

FLOOR = -60
"""dB below which the output to a tone is not drawn."""


def draw(curves: Sequence[ResponseCurve], pair: Sequence[int], words: Words, path: Path) -> None:
    """Write the figure: transfer against frequency on the left, tones of two sizes on the right.

    Args:
        curves: largest size first.
        pair: sizes of the panels on the right, one or two.
    """
    from report.figures import style

    fig = style.figure(6.6)
    colours = dict(zip([c.size for c in curves], style.size_colours(len(curves)), strict=True))
    axes = fig.add_axes((0.07, 0.17, 0.45, 0.6))
    _transfer(axes, curves, colours, words)
    height = 0.6 / len(pair) - (0.05 if len(pair) > 1 else 0)
    for index, size in enumerate(pair):
        (curve,) = (c for c in curves if c.size == size)
        bottom = 0.17 + (len(pair) - 1 - index) * (height + 0.1)
        panel = fig.add_axes((0.62, bottom, 0.355, height))
        _tone(panel, curve, colours[size], words)
        if index == len(pair) - 1:
            panel.set_xlabel(words("figures.kilohertz"), labelpad=2)
        else:
            panel.set_xticklabels([])
    title = words("figures.tone").format(hertz=spanish.plain(curves[0].tone))
    fig.text(0.62, 0.95, title, weight=600, va="baseline")
    fig.text(0.07, 0.95, words("figures.transfer"), weight=600, va="baseline")
    style.save(fig, path)


def _transfer(
    axes: "Axes", curves: Sequence[ResponseCurve], colours: dict[int, str], words: Words
) -> None:
    from report.figures import style

    nyquist = float(curves[0].frequencies[-1])
    right = min(nyquist, 1.3 * max(curve.limit for curve in curves))
    drawn = [curve.transfer[1:][curve.frequencies[1:] <= right] for curve in curves]
    top = max(1.2, *(1.1 * float(levels.max(initial=0)) for levels in drawn))
    axes.set_xlim(0, right / 1000)
    axes.set_ylim(0, top)
    for curve in curves:
        colour = colours[curve.size]
        axes.plot(curve.frequencies[1:] / 1000, curve.transfer[1:], color=colour, linewidth=1.2)
        axes.axvline(curve.limit / 1000, color=colour, linewidth=0.8, dashes=(1, 2), zorder=1)
    limits = [curve.limit / right for curve in curves]
    places = style.spread_labels(limits, 0.06, 0.0, 1.0)
    for curve, limit, place in zip(curves, limits, places, strict=True):
        colour = colours[curve.size]
        axes.plot(
            (limit, place), (1.0, 1.04), transform=axes.transAxes, color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.annotate(
            spanish.integer(curve.size), (place, 1.055), xycoords="axes fraction", rotation=90,
            ha="center", va="bottom", color=colour, fontsize=7.5,
        )  # fmt: skip
    axes.set_xlabel(words("figures.kilohertz"), labelpad=2)
    style.use_spanish_numbers(axes.xaxis)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _tone(axes: "Axes", curve: ResponseCurve, colour: str, words: Words) -> None:
    from report.figures import style

    levels = 10 * np.log10(np.maximum(curve.tone_bands, 10 ** (FLOOR / 10)))
    nyquist = float(curve.frequencies[-1]) / 1000
    centres = (np.arange(len(levels)) + 0.5) / len(levels) * nyquist
    shown = levels > FLOOR
    axes.vlines(centres[shown], FLOOR, levels[shown], colors=colour, linewidth=0.9)
    axes.set_xlim(0, nyquist)
    axes.set_ylim(FLOOR, 6)
    axes.set_yticks([-60, -40, -20, 0])
    axes.annotate(
        f"{spanish.integer(curve.size)} {words('figures.numbers')}", (1, 1),
        xycoords="axes fraction", ha="right", va="top", color=colour, weight=600,
    )  # fmt: skip
    axes.set_ylabel("dB", labelpad=1)
    style.use_spanish_numbers(axes.xaxis)
    style.use_spanish_numbers(axes.yaxis)
