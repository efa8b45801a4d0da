"""Figure: validation loss of the models of a family against epochs."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.ticker import LogLocator, NullLocator

from pipeline.results.model_schema import Model
from report.figures import style
from report.figures.catalogue import uses_log_axis
from report.language import spanish
from report.language.words import Words


def draw(models: Sequence[Model], words: Words, path: Path) -> None:
    """Write the figure: one curve per model, its best epoch marked and its size at the end."""
    fig = style.figure(6.9)
    axes = fig.add_axes((0.085, 0.17, 0.79, 0.8))
    losses = [[epoch.validation_rmse for epoch in model.epochs] for model in models]
    low, high = min(map(min, losses)), max(map(max, losses))
    if uses_log_axis(models):
        axes.set_yscale("log")
        axes.set_ylim(low / 1.1, high * 1.1)
        axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, high * 1.05)
    last = max(map(len, losses))
    for model, loss, colour in zip(models, losses, style.size_colours(len(models)), strict=True):
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
    style.use_spanish_numbers(axes.xaxis)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((1, loss[-1])))[1]
            for loss in losses]  # fmt: skip
    colours = style.size_colours(len(models))
    for model, end, place, colour in zip(
        models, ends, style.spread_labels(ends, 0.062, 0, 0.98), colours, strict=True
    ):
        axes.plot(
            (1.0, 1.018), (end, place), transform=axes.transAxes, color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.annotate(
            spanish.integer(model.size), (1.024, place), xycoords="axes fraction",
            va="center_baseline", weight=600,
        )  # fmt: skip
    style.save(fig, path)
