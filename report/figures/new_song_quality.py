"""Figure: new songs beside the distribution of the test clips, by latent size and family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report.language.words import Words

if TYPE_CHECKING:  # listing the figures must not import Matplotlib
    from matplotlib.axes import Axes

LEFT, GAP = 1.3, 1.0


@dataclass(frozen=True)
class SongPanel:
    """A measure of a family by size: `songs` has values by title, `band` the central 95 % and
    the median of the test clips (low, median, high), empty if these are too few."""

    title: str
    measure: str
    sizes: Sequence[int]
    songs: Mapping[str, Sequence[float]]
    band: Sequence[tuple[float, float, float]]


def draw(rows: Sequence[Sequence[SongPanel]], words: Words, path: Path) -> None:
    """Write the figure: a row per measure and a column per family."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    from report.figures import font_coverage, style

    panel_height, row_height = 2.5, 3.1
    height = len(rows) * row_height + 2.6
    width = (15 - LEFT - 0.2 - GAP * (len(rows[0]) - 1)) / len(rows[0])
    fig = style.figure(height)
    titles = list(rows[0][0].songs)
    for row, panels in enumerate(rows):
        limits: list[float] = []
        drawn = []
        for column, panel in enumerate(panels):
            left = LEFT + column * (width + GAP)
            bottom = height - (row + 1) * row_height + 0.1
            axes = fig.add_axes((left / 15, bottom / height, width / 15, panel_height / height))
            if row == 0 and panel.title:
                axes.set_title(panel.title, loc="left", pad=5, weight=600)
            axes.set_ylabel(words(f"figures.{panel.measure}") if column == 0 else "", labelpad=2)
            _panel(axes, panel, titles)
            last = row == len(rows) - 1
            axes.tick_params(labelbottom=last)
            axes.set_xlabel(words("figures.count") if last else "", labelpad=2)
            limits += [value for own in panel.songs.values() for value in own]
            limits += [median for _, median, _ in panel.band]
            drawn.append(axes)
        low, high = min(limits), max(limits)
        for axes in drawn:
            if panels[0].measure == "log_mel" and low > 0:
                style.log_axis(axes)
                axes.set_ylim(low / 1.15, high * 1.15)
            else:
                margin = 0.08 * (high - low) or 1.0
                axes.set_ylim(low - margin, high + margin)
                style.use_spanish_numbers(axes.yaxis)
    handles: list[Line2D | Patch] = [
        Line2D([], [], label=label, **_mark(index))
        for index, label in enumerate(map(font_coverage.short_label, titles))
    ]
    if any(panel.band for panels in rows for panel in panels):
        handles.append(Patch(color=style.WASH, label=words("figures.test_band")))
        handles.append(Line2D([], [], color=style.SOFT, label=words("figures.test_median")))
    style.legend_below(fig, handles)
    style.save(fig, path)


def _panel(axes: "Axes", panel: SongPanel, titles: Sequence[str]) -> None:
    from report.figures import style

    style.size_axis(axes, panel.sizes)
    if panel.band:
        one = len(panel.sizes) == 1  # drawn across the panel
        places = axes.get_xlim() if one else panel.sizes
        lows, medians, highs = zip(*(list(panel.band) * (1 + one)), strict=True)
        axes.fill_between(places, lows, highs, color=style.WASH, linewidth=0, zorder=0)
        axes.plot(places, medians, color=style.SOFT, linewidth=1, zorder=1)
    for index, title in enumerate(titles):
        axes.plot(panel.sizes, panel.songs[title], clip_on=False, **_mark(index))
    axes.grid(axis="y", color=style.FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _mark(song: int) -> dict[str, Any]:
    from report.figures import style

    look = style.genre_marker(song)
    return {"color": look["markeredgecolor"], "linewidth": 0.9, **look}
