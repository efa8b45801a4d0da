"""Rows and cells of tables."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from report.language import words
from report.prose.markdown_writer import MarkdownWriter, strip_provenance
from report.prose.table_cells import TableCells
from report.queries.comparison import ComparisonRow
from report.queries.results import read


@pytest.fixture
def table(results_folder: Callable[[str], Path]) -> TableCells:
    return TableCells(MarkdownWriter(read(results_folder("families")), words.read()))


def test_a_row_of_scores(table: TableCells) -> None:
    kad, genre, copying = table.score_cells(
        {"kad": None, "genre": "generation.flow.genre", "copying": "generation.flow.copying"}
    )
    assert kad == "—"
    assert re.match(r"\[\d+\]\{", genre)
    assert re.match(r"\[\d\\,\d\d\]\{", copying)


def test_a_network_is_in_bold(table: TableCells) -> None:
    numbers = ("n.snr", "n.log_mel", "n.visqol")
    assert table.row_method(ComparisonRow(9184, *numbers, method="klt")) == "KLT por bloques"
    row = ComparisonRow(9184, *numbers, family="adaptive")
    assert table.row_method(row) == "**Red adaptativa**"


def test_a_tally(table: TableCells) -> None:
    assert table.tally([3, 1, 0]) == "3 · 1 · 0"
    assert table.tally([]) == "—"


def test_the_versions_of_a_song_at_a_size(table: TableCells) -> None:
    (song,) = table.comparison.new_songs
    model = table.writer.results.models[0]
    cells = table.song_versions(song, model.size)
    assert cells[0] == (
        "![rap\\, 55\u202f112 números de la familia convolucional]"
        "(<audio\\/new\\-1\\-classic\\-55112\\.flac>)"
    )
    assert cells[1:3] == table.song_scores(song, [model])
    assert len(cells) == 6
    few = table.comparison.sizes[-1]
    assert table.song_versions(song, few)[:3] == ["", "", ""], "a family without this size"


def test_differences_at_a_size(table: TableCells) -> None:
    contrasts = table.comparison.contrasts
    size = contrasts[0].sizes[0]
    (first, *others) = (strip_provenance(cell) for cell in table.contrast_cells(size, "snr"))
    assert len(others) == len(contrasts) - 1
    assert re.match(r"\\?[+−]\d+\\,\d ", first)


def test_parts_of_a_latent_vector(table: TableCells) -> None:
    model = table.writer.results.families["adaptive"][0]
    assert table.model_parts(model)[0] == "54 particiones"
    assert len(table.model_parts(model)) == len(model.parts)
