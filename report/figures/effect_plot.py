"""Figure: what each change to the classic network does to SNR and log-mel distance."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from report.figures import style
from report.language.words import Words
from report.queries.experiment_effects import Effect

ROW, TITLE, BOTTOM, TOP = 0.34, 0.38, 1.15, 0.1
"""Heights in cm."""


def draw(groups: Mapping[str, Sequence[Effect]], words: Words, path: Path) -> None:
    """Write the figure: differences in SNR on the left, in log-mel distance on the right."""
    rows = sum(map(len, groups.values()))
    height = rows * ROW + len(groups) * TITLE + BOTTOM + TOP
    fig = style.figure(height)
    for index, measure in enumerate(("snr", "log_mel")):
        axes = fig.add_axes(
            (0.27 + 0.375 * index, BOTTOM / height, 0.35, 1 - (BOTTOM + TOP) / height)
        )
        axes.set_ylim(height - BOTTOM - TOP, 0)
        axes.axvline(0, color=style.SOFT, linewidth=0.8, zorder=1)
        y = 0.0
        for group, members in groups.items():
            if index == 0:
                axes.annotate(
                    words(f"variant_groups.{group}"), (0, y + TITLE * 0.8),
                    xycoords=("axes fraction", "data"), xytext=(-5, 0), weight=600,
                    textcoords="offset points", ha="right", annotation_clip=False,
                )  # fmt: skip
            y += TITLE
            for effect in members:
                outcome = effect.snr if measure == "snr" else effect.log_mel
                middle = y + ROW / 2
                if outcome.has_interval:
                    axes.plot(
                        (outcome.low, outcome.high), (middle, middle), color=style.ACCENT,
                        linewidth=1,
                    )  # fmt: skip
                axes.plot(outcome.value, middle, "o", color=style.ACCENT, markersize=4)
                if index == 0:
                    axes.annotate(
                        words(f"variants.{effect.name}"), (0, middle),
                        xycoords=("axes fraction", "data"), xytext=(-5, 0),
                        textcoords="offset points", ha="right", va="center_baseline",
                        annotation_clip=False,
                    )  # fmt: skip
                y += ROW
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(words(f"figures.{measure}_difference"), labelpad=2)
        axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
        axes.set_axisbelow(True)
        style.use_spanish_numbers(axes.xaxis)
    style.save(fig, path)
