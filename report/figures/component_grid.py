"""Figure: clips of each genre on planar maps, one row per family and one column per map."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from report.language.words import Words

LEFT, RIGHT, GAP, ROW = 1.25, 0.5, 0.85, 4.15
"""Margins, horizontal gap and row height, in centimetres."""

LIMIT_MARGIN = 1.08


@dataclass(frozen=True)
class ComponentPanel:
    """Points of shape (clips, 2) under a title, and the genre of each; `stretch` asks for asinh
    axes, and `scaled` is false for a map whose axes mean nothing."""

    title: str
    points: NDArray[np.float64]
    genres: Sequence[int]
    stretch: bool
    scaled: bool


def draw(
    rows: Sequence[tuple[str, Sequence[ComponentPanel]]],
    names: Sequence[str],
    words: Words,
    path: Path,
) -> None:
    """Write the figure: a row of panels, each with its own axes, per family or reference.

    Args:
        rows: label and panels of each row.
        names: genres, in the order of `ComponentPanel.genres`.
    """
    # Listing the figures must not import Matplotlib.
    from report.figures import style
    from report.figures.principal_components import add_legend, set_up_axes

    legend = 0.5 + 0.42 * -(-len(names) // 5)
    height = legend + len(rows) * ROW + 0.15
    fig = style.figure(height)
    columns = max(len(panels) for _, panels in rows)
    side = (15 - LEFT - RIGHT - GAP * (columns - 1)) / columns
    for row, (label, panels) in enumerate(rows):
        bottom = height - legend - (row + 1) * ROW + 0.55
        for column, panel in enumerate(panels):
            left = LEFT + column * (side + GAP)
            axes = fig.add_axes((left / 15, bottom / height, side / 15, (ROW - 0.8) / height))
            axes.set_title(panel.title if row == 0 else "", loc="left", pad=3)
            if panel.scaled:
                far = np.abs(panel.points).max(axis=0, initial=0) * LIMIT_MARGIN
                limits = [float(value) or 1.0 for value in far]
                set_up_axes(axes, limits[0], limits[1], panel.stretch)
            else:
                axes.set_xticks([])
                axes.set_yticks([])
                axes.margins(0.06)
            for genre in range(len(names)):
                chosen = panel.points[np.array(panel.genres) == genre]
                axes.plot(
                    chosen[:, 0], chosen[:, 1], linestyle="none", clip_on=False,
                    **style.genre_marker(genre),
                )  # fmt: skip
        fig.text(
            0.012, (bottom + (ROW - 0.8) / 2) / height, label, rotation=90, va="center", weight=600,
        )  # fmt: skip
    add_legend(fig, names)
    style.save(fig, path)
