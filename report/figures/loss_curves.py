"""Draws the validation loss of a family's models against epochs."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.ticker import LogLocator, NullLocator

from report.figures import style
from report.figures.draw import logarithmic
from report.networks import Model
from report.prose import spanish
from report.prose.words import Words


def draw(models: Sequence[Model], words: Words, path: Path) -> None:
    """Write the figure: a curve a model, its best epoch marked, its size at the curve's end."""
    made = style.figure(6.9)
    axes = made.add_axes((0.085, 0.17, 0.79, 0.8))
    losses = [[epoch.validation_rmse for epoch in model.epochs] for model in models]
    low, high = min(map(min, losses)), max(map(max, losses))
    if logarithmic(list(models)):
        axes.set_yscale("log")
        axes.set_ylim(low / 1.1, high * 1.1)
        axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, high * 1.05)
    last = max(map(len, losses))
    for model, loss, colour in zip(models, losses, style.series(len(models)), strict=True):
        epochs = range(1, len(loss) + 1)
        axes.plot(epochs, loss, color=colour)
        best = loss[model.best_epoch - 1]
        axes.plot(
            model.best_epoch, best, "o", color=colour, markersize=4.6, clip_on=False, zorder=3
        )
    axes.set_xlim(1 if last > 1 else 0.5, max(last, 1.5))
    if last <= 10:
        axes.set_xticks(range(1, last + 1))
    axes.set_xlabel(words("figures.epoch"))
    axes.set_ylabel(words("figures.rmse"))
    style.comma(axes.xaxis)
    style.comma(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((1, loss[-1])))[1]
            for loss in losses]  # fmt: skip
    colours = style.series(len(models))
    for model, end, place, colour in zip(
        models, ends, style.apart(ends, 0.062, 0, 0.98), colours, strict=True
    ):
        axes.plot(
            (1.0, 1.018), (end, place), transform=axes.transAxes, color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.annotate(
            spanish.integer(model.size), (1.024, place), xycoords="axes fraction",
            va="center_baseline", weight=600,
        )  # fmt: skip
    style.save(made, path)
