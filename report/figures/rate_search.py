"""Draws the learning-rate search: the loss that each rate reached."""

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from report.facts import Trial, Tuning
from report.figures import style
from report.prose.words import Words


def draw(tuning: Tuning, rate: float, words: Words, path: Path) -> None:
    """Write the figure: a mark a trial, pruned ones hollow; a line at the `rate` in use.

    A trial without any finite loss stands at the top edge, as a cross.
    """
    made = style.figure(7.0)
    axes = made.add_axes((0.1, 0.17, 0.87, 0.72))
    axes.set_xscale("log")
    rates = [trial.learning_rate for trial in tuning.trials]
    low, high = min(*rates, rate) / 1.25, max(*rates, rate) * 1.25
    axes.set_xlim(low, high)
    losses = [trial.best for trial in tuning.trials if trial.best is not None]
    top = max(losses, default=1.0) * 1.12
    axes.set_ylim(0, top)
    axes.axvline(rate, color=style.SOFT, linewidth=0.8, dashes=(4, 3))
    right = math.log(rate / low) > 0.8 * math.log(high / low)
    axes.annotate(
        words("figures.used"), (rate, 1.0), (-4 if right else 4, 4), va="bottom",
        ha="right" if right else "left", textcoords="offset points", color=style.SOFT,
        xycoords=axes.get_xaxis_transform(),
    )  # fmt: skip
    whole = [(t.learning_rate, t.best) for t in tuning.whole if t.best is not None]
    best = min(whole, key=lambda pair: pair[1], default=None)
    for trial in tuning.trials:
        _mark(axes, trial, top, best is not None and trial.learning_rate == best[0])
    _name(axes, tuning, best, top, words)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(words("figures.rate"))
    axes.set_ylabel(words("figures.rmse"))
    axes.xaxis.set_major_formatter(lambda value, _: style.plain(value))
    style.comma(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.save(made, path)


def _mark(axes: Axes, trial: Trial, top: float, best: bool) -> None:
    y, marker = (top, "x") if trial.best is None else (trial.best, "o")
    axes.plot(
        trial.learning_rate, y, marker, markersize=8 if best else 6, clip_on=False, zorder=3,
        color=style.ACCENT if best else style.INK, markeredgewidth=1.1,
        markerfacecolor=style.PAPER if trial.pruned else style.ACCENT if best else style.INK,
    )  # fmt: skip


def _name(
    axes: Axes, tuning: Tuning, best: tuple[float, float] | None, top: float, words: Words
) -> None:
    """Say at one mark of each kind what it is."""
    if best is not None:
        axes.annotate(
            words("figures.best"), best, (0, -8), textcoords="offset points", ha="center",
            va="top", color=style.ACCENT, weight=600,
        )  # fmt: skip
    low, high = axes.get_xlim()
    for trial in tuning.pruned:
        right = math.log(trial.learning_rate / low) > 0.75 * math.log(high / low)
        axes.annotate(
            words("figures.pruned"),
            (trial.learning_rate, top if trial.best is None else trial.best),
            (-7 if right else 7, 0), textcoords="offset points", va="center_baseline",
            ha="right" if right else "left", color=style.SOFT,
        )  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**n for n in tens for m in (1, 2, 5) if low <= m * 10.0**n <= high]
