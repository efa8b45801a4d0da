"""Draws what a latent vector is made of: a sketch of what its parts do, and a bar a size."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from report.figures import style
from report.networks import Model
from report.prose import spanish
from report.prose.words import Words

NARROW = 0.07
"""Share of the longest bar under which a part's count is not written in it."""
SKETCH = 4.6
"""Height of the sketch, in centimetres."""

# Atoms of the sketch: stretch of time, block in it, lowest bin and bins, out of the block's own.
_ATOMS = (
    (0, 0, 2, 1), (0, 0, 5, 2), (0, 0, 9, 1), (0, 0, 14, 1), (1, 0, 1, 2), (1, 1, 1, 2),
    (1, 0, 4, 1), (1, 1, 6, 1), (2, 0, 0, 1), (2, 1, 0, 1), (2, 2, 0, 2), (2, 2, 3, 1),
    (3, 3, 0, 2), (3, 4, 0, 1), (3, 0, 0, 1), (4, 7, 0, 1), (4, 8, 0, 1), (4, 6, 0, 1),
)  # fmt: skip
_BINS = 16


def draw(models: Sequence[Model], words: Words, path: Path) -> None:
    """Write the figure: a bar a model, as long as its latent vector, cut into its parts.

    Parts are named at the first bar; each bar's parts carry their count of numbers. Over the bars
    of a vector that places atoms in divided stretches of time stands a sketch of both.
    """
    kinds = {part.name for part in models[0].parts}
    sketch = SKETCH if {"splits", "places"} <= kinds else 0.0
    row, top, bottom = 0.72, 0.95, 1.2
    height = len(models) * row + top + bottom + sketch
    made = style.figure(height)
    if sketch:
        _sketch(made.add_axes((0.1, 1 - (sketch - 0.75) / height, 0.88, 3.35 / height)), words)
    axes = made.add_axes((0.1, bottom / height, 0.88, len(models) * row / height))
    longest = max(model.size for model in models)
    axes.set_xlim(0, longest)
    axes.set_ylim(len(models), 0)
    names = [part.name for part in models[0].parts]
    colours = dict(zip(names, style.series(len(names) + 1), strict=False))
    for place, model in enumerate(models):
        left = 0
        for part in model.parts:
            axes.barh(
                place + 0.5, part.numbers, 0.62, left, color=colours[part.name],
                edgecolor=style.PAPER, linewidth=0.6,
            )  # fmt: skip
            if part.numbers >= NARROW * longest:
                axes.text(
                    left + part.numbers / 2, place + 0.5, spanish.integer(part.numbers),
                    ha="center", va="center_baseline", color=style.PAPER, size=7.5,
                )  # fmt: skip
            left += part.numbers
        axes.annotate(
            spanish.integer(model.size), (0, place + 0.5), (-5, 0), textcoords="offset points",
            ha="right", va="center_baseline", annotation_clip=False, weight=600,
        )  # fmt: skip
    _name(axes, models[0], colours, longest, words)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    style.comma(axes.xaxis)
    style.save(made, path)


def _sketch(axes: Axes, words: Words) -> None:
    """Five stretches of time, each divided into twice as many blocks as the one before."""
    axes.set_xlim(0, 5)
    axes.set_ylim(0, _BINS)
    axes.add_patch(Rectangle((0, 0), 5, _BINS, facecolor=style.WASH, edgecolor="none"))
    for stretch, block, low, bins in _ATOMS:
        blocks = 2**stretch
        high = _BINS / (_BINS / blocks) if blocks < _BINS else _BINS
        axes.add_patch(
            Rectangle(
                (stretch + block / blocks, low * high), 1 / blocks, bins * high,
                facecolor=style.ACCENT, edgecolor="none",
            )
        )  # fmt: skip
    for stretch in range(5):
        blocks = 2**stretch
        for block in range(1, blocks):
            axes.plot((stretch + block / blocks,) * 2, (0, _BINS), color=style.FAINT, linewidth=0.5)
        for bin_ in range(1, _BINS // blocks):
            level = bin_ * blocks
            axes.plot((stretch, stretch + 1), (level, level), color=style.FAINT, linewidth=0.5)
    for edge in range(6):
        axes.plot((edge, edge), (0, _BINS), color=style.INK, linewidth=1.0, clip_on=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(words("figures.time"), labelpad=3)
    axes.set_ylabel(words("figures.frequency"), labelpad=3)


def _name(axes: Axes, model: Model, colours: dict[str, str], longest: int, words: Words) -> None:
    """Name the parts over the first bar, each over its middle, apart from one another."""
    middles, left = [], 0
    for part in model.parts:
        middles.append((left + part.numbers / 2) / longest)
        left += part.numbers
    width = 0.14
    places = style.apart(middles, width, width / 2, 1 - width / 2)
    for part, middle, place in zip(model.parts, middles, places, strict=True):
        colour = colours[part.name]
        axes.plot(
            (middle * longest, place * longest), (0.19, -0.12), color=colour, linewidth=0.7,
            clip_on=False,
        )  # fmt: skip
        axes.text(
            place * longest, -0.2, words.known(f"layout.{part.name}", part.name), ha="center",
            va="bottom", color=colour, weight=600,
        )  # fmt: skip
