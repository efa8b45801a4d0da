"""Figure: spectral flatness of generated sound, and its similarity to its sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from report.figures import style
from report.language.words import Words

MIN_FLATNESS = 1e-6
"""Lower values, e.g. of silence, are drawn at this one."""

MeansByKind = Mapping[str, Sequence[float]]
"""Label of each kind of generated sound to its mean at each latent size."""


def draw(
    sizes: Sequence[int],
    flatness: MeansByKind,
    similarity: MeansByKind,
    noise: float,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: spectral flatness on the left (log scale), similarity on the right.

    Args:
        sizes: latent sizes, largest first.
        flatness, similarity: mean of each kind of generated sound at each size.
        noise: flatness of Gaussian white noise, drawn as a line on the left.
    """
    fig = style.figure(8.0)
    left = fig.add_axes((0.115, 0.235, 0.245, 0.68))
    right = fig.add_axes((0.585, 0.235, 0.245, 0.68))
    left.set_yscale("log")
    flatness = {
        kind: [max(value, MIN_FLATNESS) for value in line] for kind, line in flatness.items()
    }
    values = [value for line in flatness.values() for value in line]
    left.set_ylim(min([*values, noise]) / 1.6, 1.0)
    left.yaxis.set_major_locator(LogLocator(10))
    left.yaxis.set_minor_locator(NullLocator())
    left.yaxis.set_major_formatter(lambda value, _: style.tick_label(value))
    left.axhline(noise, color=style.SOFT, linewidth=0.8, dashes=(4, 3))
    _panel(left, sizes, flatness, words("figures.flatness"), words, noise)
    right.set_ylim(min(0, *(value for line in similarity.values() for value in line)), 1.0)
    style.use_spanish_numbers(right.yaxis)
    _panel(right, sizes, similarity, words("figures.similarity"), words)
    style.save(fig, path)


def _panel(
    axes: Axes,
    sizes: Sequence[int],
    lines: MeansByKind,
    title: str,
    words: Words,
    noise: float | None = None,
) -> None:
    axes.set_title(title, loc="left", pad=6, weight=600)
    style.size_axis(axes, sizes)
    axes.set_xlabel(words("figures.size"), labelpad=2)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    names: list[tuple[str, float, str]] = []
    colours = style.size_colours(len(lines) + 1)
    for index, ((name, values), colour) in enumerate(zip(lines.items(), colours, strict=False)):
        axes.plot(
            sizes, values, "osD^v"[index % 5], linestyle="-", color=colour, markersize=4,
            linewidth=1.1, clip_on=False, zorder=3,
        )  # fmt: skip
        names.append((name, values[0], colour))
    if noise is not None:
        names.append((words("figures.white_noise"), noise, style.SOFT))
    style.label_line_ends(axes, names)
