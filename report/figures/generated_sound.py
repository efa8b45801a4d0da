"""Draws what generated sound is like: its flatness, and its likeness to its sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from report.figures import style
from report.prose.words import Words

FLOOR = 1e-6
"""Flatness below this, as of silence, is drawn here."""

Lines = Mapping[str, Sequence[float]]


def draw(
    sizes: Sequence[int],
    flatness: Lines,
    similarity: Lines,
    noise: float,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: spectral flatness at left (log scale), similarity at right.

    Args:
        sizes: latent sizes, from the largest.
        flatness, similarity: the mean of each kind at each size, by the kind's label.
        noise: flatness of Gaussian white noise, a line at left.
    """
    made = style.figure(8.0)
    one = made.add_axes((0.115, 0.235, 0.245, 0.68))
    other = made.add_axes((0.585, 0.235, 0.245, 0.68))
    one.set_yscale("log")
    flatness = {kind: [max(value, FLOOR) for value in line] for kind, line in flatness.items()}
    values = [value for line in flatness.values() for value in line]
    one.set_ylim(min([*values, noise]) / 1.6, 1.0)
    one.yaxis.set_major_locator(LogLocator(10))
    one.yaxis.set_minor_locator(NullLocator())
    one.yaxis.set_major_formatter(lambda value, _: style.plain(value))
    one.axhline(noise, color=style.SOFT, linewidth=0.8, dashes=(4, 3))
    _panel(one, sizes, flatness, words("figures.flatness"), words, noise)
    other.set_ylim(min(0, *(value for line in similarity.values() for value in line)), 1.0)
    style.comma(other.yaxis)
    _panel(other, sizes, similarity, words("figures.similarity"), words)
    style.save(made, path)


def _panel(
    axes: Axes,
    sizes: Sequence[int],
    lines: Lines,
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
    colours = style.series(len(lines) + 1)
    for index, ((name, values), colour) in enumerate(zip(lines.items(), colours, strict=False)):
        axes.plot(
            sizes, values, "osD^v"[index % 5], linestyle="-", color=colour, markersize=4,
            linewidth=1.1, clip_on=False, zorder=3,
        )  # fmt: skip
        names.append((name, values[0], colour))
    if noise is not None:
        names.append((words("figures.white_noise"), noise, style.SOFT))
    style.name_ends(axes, names)
