"""Panel of a figure: best validation loss of each trial of the learning-rate search."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from pipeline.results.model_schema import Trial, Tuning
from report.figures import style
from report.language.words import Words


def draw_panel(axes: Axes, tuning: Tuning, rate: float, words: Words) -> None:
    """Draw one marker per trial, hollow if pruned, and a line at the `rate` in use.

    A trial without a finite loss is a cross at the top edge.
    """
    axes.set_xscale("log")
    rates = [trial.learning_rate for trial in tuning.trials]
    low, high = min(*rates, rate) / 1.25, max(*rates, rate) * 1.25
    axes.set_xlim(low, high)
    losses = [trial.best for trial in tuning.trials if trial.best is not None]
    top = max(losses, default=1.0) * 1.12
    if style.span_widely(losses):
        style.log_axis(axes)
        axes.set_ylim(min(losses) / 1.25, top)
    else:
        axes.set_ylim(0, top)
        style.use_spanish_numbers(axes.yaxis)
    axes.axvline(rate, color=style.SOFT, linewidth=0.8, dashes=(4, 3))
    complete = [(t.learning_rate, t.best) for t in tuning.whole if t.best is not None]
    best = min(complete, key=lambda pair: pair[1], default=None)
    for trial in tuning.trials:
        _draw_trial(axes, trial, top, best is not None and trial.learning_rate == best[0])
    if best is not None:
        axes.annotate(
            words("figures.best"), best, (0, -8), textcoords="offset points", ha="center",
            va="top", color=style.ACCENT, weight=600,
        )  # fmt: skip
    axes.xaxis.set_major_locator(FixedLocator(_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(words("figures.rate"), labelpad=2)
    axes.xaxis.set_major_formatter(lambda value, _: style.tick_label(value))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _draw_trial(axes: Axes, trial: Trial, top: float, best: bool) -> None:
    y, marker = (top, "x") if trial.best is None else (trial.best, "o")
    axes.plot(
        trial.learning_rate, y, marker, markersize=8 if best else 6, clip_on=False, zorder=3,
        color=style.ACCENT if best else style.INK, markeredgewidth=1.1,
        markerfacecolor=style.PAPER if trial.pruned else style.ACCENT if best else style.INK,
    )  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**n for n in tens for m in (1, 3) if low <= m * 10.0**n <= high]
