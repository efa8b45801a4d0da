"""Figure: clusters of vectors, all families side by side: elbows, and homogeneity against size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

PANEL, LEFT, GAP = 3.55, 1.25, 1.3
"""Width of a panel, of the left margin and between panels, in centimetres."""


@dataclass(frozen=True)
class VariationCurve:
    """Variation left within k clusters, in percent, for k = 1, 2, …; `family` numbers its colour,
    None for the waveform."""

    label: str
    family: int | None
    whole: Sequence[float]
    averaged: Sequence[float]


@dataclass(frozen=True)
class HomogeneityCurve:
    """Homogeneity of a family's clusters by latent size, whole and averaged over time."""

    family: int
    sizes: Sequence[int]
    whole: Sequence[float]
    averaged: Sequence[float]


def draw(
    variations: Sequence[VariationCurve],
    homogeneity: Sequence[HomogeneityCurve],
    references: Mapping[str, float],
    k: int,
    words: Words,
    path: Path,
) -> None:
    """Write the figure: variation of whole and averaged vectors against k, then homogeneity.

    Args:
        homogeneity: a curve per family; none with a single genre, and no third panel.
        references: homogeneity of vectors that have no size, by label.
        k: the number of genres, marked on the first two panels.
    """
    from matplotlib.lines import Line2D

    from report.figures import style

    height = 6.2
    fig = style.figure(height)
    families = 1 + max(curve.family or 0 for curve in variations)

    def panel(index: int) -> "Axes":
        left = LEFT + index * (PANEL + GAP)
        return fig.add_axes((left / 15, 2.1 / height, PANEL / 15, 3.4 / height))

    for index, form in enumerate(("whole", "averaged")):
        axes = panel(index)
        axes.set_title(words(f"figures.{form}_title"), loc="left", pad=5, weight=600)
        axes.axvline(k, color=style.FAINT, linewidth=0.8)
        for curve in variations:
            percent = getattr(curve, form)
            look: dict[str, Any] = {"color": style.SOFT, "linestyle": (0, (1, 1.6))}
            if curve.family is not None:
                look = {"color": style.family_style(curve.family, families)["color"]}
            axes.plot(range(1, len(percent) + 1), percent, **look)
        axes.set_xlim(1, max(2, *(len(curve.whole) for curve in variations)))
        axes.set_ylim(0, 104)
        axes.set_xlabel(words("figures.clusters"), labelpad=2)
        axes.set_ylabel(words("figures.variation") if index == 0 else "", labelpad=3)
        _grid(axes)
    if homogeneity:
        _homogeneity(panel(2), homogeneity, references, families, words)
    handles = [
        Line2D([], [], label=curve.label, **style.family_style(curve.family, families))
        if curve.family is not None
        else Line2D([], [], label=curve.label, color=style.SOFT, linestyle=(0, (1, 1.6)))
        for curve in variations
    ]
    if homogeneity:
        forms: dict[str, dict[str, Any]] = {
            "flat": {"linestyle": "--"}, "averaged": {"linestyle": "-"},
        }  # fmt: skip
        handles += [
            Line2D([], [], color=style.INK, label=words(f"figures.{form}_short"), **look)
            for form, look in forms.items()
        ]
    style.legend_below(fig, handles)
    style.save(fig, path)


def _homogeneity(
    axes: "Axes",
    curves: Sequence[HomogeneityCurve],
    references: Mapping[str, float],
    families: int,
    words: Words,
) -> None:
    from report.figures import style

    axes.set_title(words("figures.homogeneity"), loc="left", pad=5, weight=600)
    for curve in curves:
        look = style.family_style(curve.family, families)
        axes.plot(curve.sizes, curve.averaged, **look, clip_on=False)
        axes.plot(
            curve.sizes, curve.whole, **look | {"linestyle": "--", "markerfacecolor": style.PAPER},
            clip_on=False,
        )  # fmt: skip
    style.size_axis(axes, sorted({size for curve in curves for size in curve.sizes}, reverse=True))
    for label, value in references.items():
        axes.axhline(value, color=style.SOFT, linewidth=0.8, dashes=(4, 3), zorder=1)
        axes.annotate(
            label, (0, value), (3, -2 if value > 0.8 else 2),
            xycoords=("axes fraction", "data"), textcoords="offset points", color=style.SOFT,
            va="top" if value > 0.8 else "bottom", size=7.5,
        )  # fmt: skip
    axes.set_ylim(0, 1)
    axes.set_xlabel(words("figures.count"), labelpad=2)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _grid(axes: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    from report.figures import style

    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_locator(MultipleLocator(25))
    style.use_spanish_numbers(axes.xaxis)
    style.use_spanish_numbers(axes.yaxis)
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
