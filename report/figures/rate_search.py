"""Figure: best validation loss of each trial of the learning-rate search."""

import math
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from pipeline.results.model_schema import Trial, Tuning
from report.figures import style
from report.language.words import Words


def draw(tuning: Tuning, rate: float, words: Words, path: Path) -> None:
    """Write the figure: one marker per trial, hollow if pruned; a line at the `rate` in use.

    A trial without a finite loss is a cross at the top edge.
    """
    fig = style.figure(7.0)
    axes = fig.add_axes((0.1, 0.17, 0.87, 0.72))
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
    complete = [(t.learning_rate, t.best) for t in tuning.whole if t.best is not None]
    best = min(complete, key=lambda pair: pair[1], default=None)
    for trial in tuning.trials:
        _draw_trial(axes, trial, top, best is not None and trial.learning_rate == best[0])
    _label_markers(axes, tuning, best, top, words)
    axes.xaxis.set_major_locator(FixedLocator(_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(words("figures.rate"))
    axes.set_ylabel(words("figures.rmse"))
    axes.xaxis.set_major_formatter(lambda value, _: style.tick_label(value))
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.save(fig, path)


def _draw_trial(axes: Axes, trial: Trial, top: float, best: bool) -> None:
    y, marker = (top, "x") if trial.best is None else (trial.best, "o")
    axes.plot(
        trial.learning_rate, y, marker, markersize=8 if best else 6, clip_on=False, zorder=3,
        color=style.ACCENT if best else style.INK, markeredgewidth=1.1,
        markerfacecolor=style.PAPER if trial.pruned else style.ACCENT if best else style.INK,
    )  # fmt: skip


def _label_markers(
    axes: Axes, tuning: Tuning, best: tuple[float, float] | None, top: float, words: Words
) -> None:
    """Label one marker of each kind."""
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
