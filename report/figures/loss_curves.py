"""Figure: validation loss against epochs, a panel per family, and the learning-rate search."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from pipeline.results.model_schema import Model, Tuning
from report.figures import style
from report.figures.rate_search import draw_panel
from report.language import spanish
from report.language.words import Words

PANEL, TOP, BOTTOM = 3.9, 0.75, 1.25
"""Heights in cm."""
COLUMNS = 3


def draw(
    groups: Sequence[tuple[str, Sequence[Model]]],
    tuning: Tuning | None,
    rate: float,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: in each family's panel a curve per model, its best epoch marked and its
    size at the end; in the last panel, the search of the learning rate `rate`, if there was one.
    """
    count = len(groups) + (tuning is not None)
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    height = rows * (PANEL + TOP + BOTTOM)
    fig = style.figure(height)
    width = 1 / columns
    for index in range(count):
        row, column = divmod(index, columns)
        is_search = index == len(groups)
        top = 1 - (row * (PANEL + TOP + BOTTOM) + TOP) / height
        left = column * width + 0.07
        axes = fig.add_axes(
            (
                left,
                top - PANEL / height,
                width * (0.94 if columns == 1 else 1) - (0.08 if is_search else 0.15),
                PANEL / height,
            )
        )
        if is_search and tuning is not None:
            title = words("figures.search")
            draw_panel(axes, tuning, rate, words)
        else:
            name, models = groups[index]
            title = words.fill("figures.family", family=name)
            if name in (words("figures.network"), words("figures.networks")):
                title = name.capitalize()
            _draw_losses(axes, models, words)
        axes.set_title(title, loc="left", pad=6, weight=600)
    style.save(fig, path)


def _draw_losses(axes: Axes, models: Sequence[Model], words: Words) -> None:
    losses = [[epoch.validation_rmse for epoch in model.epochs] for model in models]
    low, high = min(map(min, losses)), max(map(max, losses))
    last = max(map(len, losses))
    colours = style.size_colours(len(models))
    for model, loss, colour in zip(models, losses, colours, strict=True):
        axes.plot(range(1, len(loss) + 1), loss, color=colour, linewidth=1.1)
        best = loss[model.best_epoch - 1]
        axes.plot(model.best_epoch, best, "o", color=colour, markersize=4, clip_on=False, zorder=3)
    if style.span_widely((low, high)):
        style.log_axis(axes)
        axes.set_ylim(low / 1.1, high * 1.1)
    else:
        axes.set_ylim(0, high * 1.05)
        axes.yaxis.set_major_formatter(lambda value, _: style.tick_label(value))
    axes.set_xlim(1 if last > 1 else 0.5, max(last, 1.5))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True) if last > 1 else FixedLocator([1]))
    axes.set_xlabel(words("figures.epoch"), labelpad=2)
    style.use_spanish_numbers(axes.xaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    ends = [
        (spanish.integer(model.size), loss[-1], colour)
        for model, loss, colour in zip(models, losses, colours, strict=True)
    ]
    style.label_line_ends(axes, ends)
