"""Figure: the layers of a network; the area of each tensor is its number of elements."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from pipeline.results.model_schema import Layer, Model
from report.figures import style
from report.language import spanish
from report.language.words import Words

HEIGHT = 5.3
MAX_TENSOR_HEIGHT = 3.1
"""Height of the longest tensor in centimetres."""
MIN_TENSOR_HEIGHT = 0.16


def draw(model: Model, words: Words, path: Path) -> None:
    """Write the figure: encoder, latent vector and decoder from left to right.

    Blocks are as wide as their channels and as high as their samples, so that area is
    proportional to the number of elements.
    """
    fig = style.figure(HEIGHT)
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 15)
    axes.set_ylim(0, HEIGHT)
    axes.set_axis_off()
    shapes = [(model.layers[0].inputs, model.layers[0].length_in)]
    shapes += [(layer.outputs, layer.length_out) for layer in model.layers]
    latent = len(model.encoder)
    # The labels of a network of few layers need wider gaps.
    gap = min(max(1.25, 6.4 / len(model.layers)), 9.0 / len(model.layers))
    unit = min(0.26, (13.2 - gap * len(model.layers)) / sum(channels for channels, _ in shapes))
    longest = max(length for _, length in shapes)
    total = unit * sum(channels for channels, _ in shapes) + gap * len(model.layers)
    x, middle = (15 - total) / 2, 2.2
    small = min(7.2, 7.2 * gap / 1.25 + 1.2)
    centres = []
    for index, (channels, length) in enumerate(shapes):
        width = unit * channels
        height = max(MIN_TENSOR_HEIGHT, MAX_TENSOR_HEIGHT * length / longest)
        _draw_block(axes, x, middle - height / 2, width, height, channels, index == latent)
        centres.append(x + width / 2)
        _label_shape(axes, x + width / 2, middle - height / 2, channels, length)
        if index < len(model.layers):
            _draw_layer(axes, x + width, gap, middle, model.layers[index], words, small)
        x += width + gap
    _draw_brace(axes, centres[0], centres[latent], words("figures.encoder"))
    _draw_brace(axes, centres[latent], centres[-1], words("figures.decoder"))
    top = middle + max(MIN_TENSOR_HEIGHT, MAX_TENSOR_HEIGHT * shapes[latent][1] / longest) / 2
    axes.text(
        centres[latent], top + 1.02,
        f"{words('figures.latent')}\n{spanish.integer(model.size)} {words('figures.numbers')}",
        ha="center", va="bottom", color=style.ACCENT, weight=600, linespacing=1.25,
    )  # fmt: skip
    axes.plot((centres[latent],) * 2, (top + 0.1, top + 0.92), color=style.ACCENT, linewidth=0.7)
    style.save(fig, path)


def _draw_block(
    axes: Axes, x: float, y: float, width: float, height: float, channels: int, latent: bool
) -> None:
    colour = style.ACCENT if latent else style.size_colours(5)[1]
    axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none"))
    for channel in range(1, channels):
        at = x + width * channel / channels
        axes.plot((at, at), (y, y + height), color=style.WASH, linewidth=0.6)


def _label_shape(axes: Axes, x: float, bottom: float, channels: int, length: int) -> None:
    axes.text(
        x, bottom - 0.14, f"{channels} × {spanish.integer(length)}", ha="center", va="top", size=7.8
    )


def _draw_layer(
    axes: Axes, x: float, gap: float, middle: float, layer: Layer, words: Words, size: float
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            (x + 0.08, middle), (x + gap - 0.08, middle), arrowstyle="-|>", mutation_scale=6,
            linewidth=0.7, color=style.SOFT, shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    lines = [
        f"{words('figures.kernel')} {layer.kernel}",
        f"{words('figures.stride')} {layer.stride}",
    ]
    if layer.padding:
        lines.append(f"{words('figures.padding')} {layer.padding}")
    axes.text(
        x + gap / 2, middle + 0.13, "\n".join(lines), ha="center", va="bottom", size=size,
        color=style.SOFT, linespacing=1.2,
    )  # fmt: skip


def _draw_brace(axes: Axes, left: float, right: float, label: str) -> None:
    y = HEIGHT - 0.6
    axes.plot((left, right), (y, y), color=style.FAINT, linewidth=0.8)
    for x in (left, right):
        axes.plot((x, x), (y, y - 0.12), color=style.FAINT, linewidth=0.8)
    axes.text((left + right) / 2, y + 0.1, label, ha="center", va="bottom", weight=600)
