"""Rows and cells of the chapters' tables, as Markdown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipeline.results.model_schema import Model
from pipeline.results.schema import Song
from report.prose.markdown_writer import MarkdownWriter, escape
from report.queries.comparison import ComparisonQueries, ComparisonRow
from report.queries.generation import SCORES


class TableCells:
    """Functions that chapters call to fill tables."""

    def __init__(self, writer: MarkdownWriter) -> None:
        self.writer = writer
        self.comparison = ComparisonQueries(writer.results)

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions by the name that templates use."""
        return {
            "score_rows": self.score_rows,
            "score_cells": self.score_cells,
            "row_method": self.row_method,
            "contrast_cells": self.contrast_cells,
            "song_scores": self.song_scores,
            "song_versions": self.song_versions,
            "model_parts": self.model_parts,
            "filtered_cells": self.filtered_cells,
        }

    def score_rows(
        self, rows: Sequence[ComparisonRow]
    ) -> list[tuple[ComparisonRow, tuple[Markup, ...]]]:
        """Pair each row with its cells, one per measure that was taken."""
        columns = [
            self.writer.cells([getattr(row, name) for row in rows])
            for name in self.comparison.measures
        ]
        return list(zip(rows, zip(*columns, strict=True), strict=True))

    def score_cells(self, names: Mapping[str, str | None]) -> list[Markup]:
        """Format a row of the table of scores, as `GenerationQueries.score_names` returns it."""
        return [self.writer.cells([name], *SCORES[score])[0] for score, name in names.items()]

    def row_method(self, row: ComparisonRow) -> Markup:
        """Name the method of a row; a network is in bold."""
        if row.family is None:
            return escape(self.writer.words(f"methods.{row.method}"))
        several = len(self.writer.results.families) > 1
        family = f" {self.writer.family(row.family)}" if several else ""
        return Markup(f"**Red{escape(family)}**")

    def tally(self, counts: Sequence[int]) -> Markup:
        """Format how many are won, drawn and lost: 3 · 1 · 0; a dash if nothing was decided."""
        return self.writer.join_values(counts, " · ") or Markup("—")

    def contrast_cells(self, size: int, measure: str) -> list[Markup]:
        """Format the difference that each contrast makes at one size."""
        return [
            self.writer.signed(
                self.comparison.contrast_at(contrast, size, measure),
                contrast.places + (measure != "snr"),
            )
            for contrast in self.comparison.contrasts
        ]

    def song_scores(self, song: Song, models: Sequence[Model]) -> list[str]:
        """Format the SNR and the log-mel distance of each model's version of a song."""
        return [
            self.writer.decimal(self.writer.number(f"song.{song.name}.{name}").v, places)
            for model in models
            for name, places in ((f"{model.version}.snr", 1), (f"{model.version}.log_mel", 2))
        ]

    def song_versions(self, song: Song, size: int) -> list[Markup | str]:
        """Format, family by family, the sound of a song at one size and its scores; empty for a
        family without that size."""
        cells: list[Markup | str] = []
        for model in self.comparison.models_of_size(size):
            if model is None:
                cells += [Markup("")] * 3
                continue
            title = f"{song.title}, {self.writer.sized(model)}"
            sound = Markup(f"![{escape(title)}](<{escape(song.audio(model.version))}>)")
            cells += [sound, *self.song_scores(song, [model])]
        return cells

    def model_parts(self, model: Model) -> list[Markup]:
        """Say how many numbers each part of a latent vector has: 2 000 posiciones."""
        return [
            self.writer.join_values([part.numbers, self.writer.part(part.name)], " ")
            for part in model.parts
        ]

    def filtered_cells(self, vector: str) -> list[Markup]:
        """Format each classifier's accuracy in the filtered partition and, in parentheses, in
        random ones, in percent."""
        return [
            Markup("{} ({})").format(
                *(
                    self.writer.cell(f"probe.{kind}.{vector}.{part}", 0, 100, False)
                    for part in ("filtered", "shuffled")
                )
            )
            for kind in ("tree", "knn", "lda", "logistic")
        ]
