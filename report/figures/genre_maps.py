"""Figure: clips on two planar maps side by side, one marker per genre."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from report.figures import style
from report.figures.principal_components import add_legend
from report.language.words import Words

Points = NDArray[np.float64]


def draw(
    components: Points,
    neighbours: Points,
    genres: Sequence[int],
    names: Sequence[str],
    words: Words,
    path: Path,
) -> None:
    """Write the figure: principal components on the left, t-SNE on the right.

    Args:
        components, neighbours: shape (clips, 2), in units that mean nothing to a reader.
        genres: genre of each clip, as an index into `names`.
    """
    legend = 0.42 * -(-len(names) // 5)
    height, side = 7.4 + legend, 6.3
    fig = style.figure(height)
    titles = words("figures.component_map"), words("figures.tsne_map")
    for index, (title, points) in enumerate(zip(titles, (components, neighbours), strict=True)):
        axes = fig.add_axes(
            ((0.9 + index * (side + 0.9)) / 15, 0.2 / height, side / 15, side / height)
        )
        for genre in range(len(names)):
            chosen = points[np.array(genres) == genre]
            axes.plot(
                chosen[:, 0], chosen[:, 1], linestyle="none", clip_on=False,
                **style.genre_marker(genre),
            )  # fmt: skip
        axes.set_title(title)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.margins(0.06)
    add_legend(fig, names)
    style.save(fig, path)
