"""Draws fidelity against count of numbers: what needs no network, and each family of networks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from report.prose.words import Words
from report.results import Number

if TYPE_CHECKING:  # planning a figure must not wait for Matplotlib
    from matplotlib.axes import Axes

MEASURES = ("snr", "log_mel")
DASHES: tuple[tuple[float, ...], ...] = ((1, 1.6), (5, 2), (7, 2, 1.5, 2), (2.5, 1.2))


@dataclass(frozen=True)
class Line:
    """A family's or a method's numbers by measure, from the largest size to the smallest."""

    label: str
    network: bool
    sizes: Sequence[int]
    measured: Mapping[str, Sequence[Number]]


def draw(lines: Sequence[Line], words: Words, path: Path) -> None:
    """Write the figure: SNR at left, log-mel distance at right, a line a method or family.

    Bars are 95 % intervals over clips. Families are whole lines in colour, baselines broken
    ones in ink; each is named at its right end.
    """
    from report.figures import style

    made = style.figure(8.0)
    for left, measure in zip((0.055, 0.56), MEASURES, strict=True):
        axes = made.add_axes((left, 0.24, 0.3, 0.675))
        axes.set_title(words(f"figures.{measure}"), loc="left", pad=5, weight=600)
        _panel(axes, lines, measure, words)
    style.save(made, path)


def _panel(axes: "Axes", lines: Sequence[Line], measure: str, words: Words) -> None:
    from report.figures import style

    sizes = sorted({size for line in lines for size in line.sizes}, reverse=True)
    style.size_axis(axes, sizes)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    ends: list[tuple[str, float, str]] = []
    families = iter(style.series(sum(line.network for line in lines) + 2)[1:])
    dashes = iter(DASHES * 3)
    for line in lines:
        numbers = line.measured[measure]
        colour = next(families) if line.network else style.SOFT
        _line(axes, line.sizes, numbers, colour, () if line.network else next(dashes))
        ends.append((line.label, numbers[0].value, colour if line.network else style.INK))
    if measure != "snr":
        axes.set_ylim(bottom=0)
    style.comma(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    style.name_ends(axes, ends)


def _line(
    axes: "Axes",
    sizes: Sequence[int],
    numbers: Sequence[Number],
    colour: str,
    dashes: tuple[float, ...],
) -> None:
    values = [number.value for number in numbers]
    axes.plot(
        sizes, values, "o", color=colour, markersize=4.2 if not dashes else 3.2, clip_on=False,
        linestyle=(0, dashes) if dashes else "-", linewidth=1.6 if not dashes else 1.1, zorder=3,
    )  # fmt: skip
    for size, number in zip(sizes, numbers, strict=True):
        if number.interval is not None:
            axes.plot((size, size), number.interval, color=colour, linewidth=0.8, clip_on=False)
