"""Figure: how a latent vector is divided into parts, one bar per size."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from pipeline.results.model_schema import Model
from report.figures import style
from report.language import spanish
from report.language.words import Words

SKETCH_HEIGHT = 3.6
"""Height of the sketch in centimetres."""

# Atoms of the sketch: time segment, block within it, lowest bin and number of bins of that block.
_ATOMS = (
    (0, 0, 2, 1), (0, 0, 5, 2), (0, 0, 9, 1), (0, 0, 14, 1), (1, 0, 1, 2), (1, 1, 1, 2),
    (1, 0, 4, 1), (1, 1, 6, 1), (2, 0, 0, 1), (2, 1, 0, 1), (2, 2, 0, 2), (2, 2, 3, 1),
    (3, 3, 0, 2), (3, 4, 0, 1), (3, 0, 0, 1), (4, 7, 0, 1), (4, 8, 0, 1), (4, 6, 0, 1),
)  # fmt: skip
_BINS = 16


def draw(models: Sequence[Model], words: Words, path: Path) -> None:
    """Write the figure: one bar per model, as long as its latent vector, divided into parts.

    If the vector codes block splits and atom positions, a sketch of both is drawn above the bars.
    """
    kinds = {part.name for part in models[0].parts}
    sketch = SKETCH_HEIGHT if {"splits", "places"} <= kinds else 0.0
    row, top, bottom = 0.4, 0.75, 1.2
    height = len(models) * row + top + bottom + sketch
    fig = style.figure(height)
    if sketch:
        _draw_sketch(fig.add_axes((0.1, 1 - (sketch - 0.75) / height, 0.88, 2.35 / height)), words)
    axes = fig.add_axes((0.1, bottom / height, 0.88, len(models) * row / height))
    longest = max(model.size for model in models)
    axes.set_xlim(0, longest)
    axes.set_ylim(len(models), 0)
    names = [part.name for part in models[0].parts]
    colours = dict(zip(names, style.size_colours(len(names) + 1), strict=False))
    for place, model in enumerate(models):
        left = 0
        for part in model.parts:
            axes.barh(
                place + 0.5, part.numbers, 0.62, left, color=colours[part.name],
                edgecolor=style.PAPER, linewidth=0.6,
            )  # fmt: skip
            left += part.numbers
        axes.annotate(
            spanish.integer(model.size), (0, place + 0.5), (-5, 0), textcoords="offset points",
            ha="right", va="center_baseline", annotation_clip=False, weight=600,
        )  # fmt: skip
    axes.legend(
        [Rectangle((0, 0), 1, 1, facecolor=colour) for colour in colours.values()],
        [words.get(f"layout.{name}", name) for name in colours],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=len(colours), frameon=False,
        handlelength=1, handleheight=0.8, columnspacing=1.4, borderaxespad=0.2,
    )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    style.use_spanish_numbers(axes.xaxis)
    style.save(fig, path)


def _draw_sketch(axes: Axes, words: Words) -> None:
    """Draw five time segments, each divided into twice as many blocks as the previous one."""
    axes.set_xlim(0, 5)
    axes.set_ylim(0, _BINS)
    axes.add_patch(Rectangle((0, 0), 5, _BINS, facecolor=style.WASH, edgecolor="none"))
    for segment, block, low, bins in _ATOMS:
        blocks = 2**segment
        high = _BINS / (_BINS / blocks) if blocks < _BINS else _BINS
        axes.add_patch(
            Rectangle(
                (segment + block / blocks, low * high), 1 / blocks, bins * high,
                facecolor=style.ACCENT, edgecolor="none",
            )
        )  # fmt: skip
    for segment in range(5):
        blocks = 2**segment
        for block in range(1, blocks):
            axes.plot((segment + block / blocks,) * 2, (0, _BINS), color=style.FAINT, linewidth=0.5)
        for bin_ in range(1, _BINS // blocks):
            level = bin_ * blocks
            axes.plot((segment, segment + 1), (level, level), color=style.FAINT, linewidth=0.5)
    for edge in range(6):
        axes.plot((edge, edge), (0, _BINS), color=style.INK, linewidth=1.0, clip_on=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(words("figures.time"), labelpad=3)
    axes.set_ylabel(words("figures.frequency"), labelpad=3)
