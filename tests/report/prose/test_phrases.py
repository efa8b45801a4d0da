"""Ranges, faults and settings as Spanish phrases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.language import words
from report.prose.markdown_writer import MarkdownWriter
from report.prose.phrases import Phrases
from report.queries.results import read
from report.queries.used_music import FaultyFile, Reason
from report.queries.used_settings import SettingRow


@pytest.fixture
def phrases(results_folder: Callable[[str], Path]) -> Phrases:
    return Phrases(MarkdownWriter(read(results_folder("small")), words.read()))


def plain(text: str) -> str:
    return text.replace("\\", "").replace("\u00a0", " ")


def test_a_range_of_equal_ends_is_one_value(phrases: Phrases) -> None:
    assert plain(phrases.percent_range([0.0341, 12.2, 3])) == "entre el 0,034 % y el 12 %"
    assert plain(phrases.percent_range([12.1, 12.2])) == "el 12 %"
    assert plain(phrases.fraction_range(0.301, 0.499)) == "entre el 30 % y el 50 %"
    assert plain(phrases.fraction_range(0.301, 0.304)) == "el 30 %"
    assert plain(phrases.between(2, 0.2, 0.28)) == "de 0,20 a 0,28"
    assert plain(phrases.between(2, 0.201, 0.2)) == "0,20"


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([Reason("too_short", [], 2.31)], "es demasiado corto: dura 2,31 s"),
        ([Reason("too_short", [], None)], "es demasiado corto"),
        ([Reason("silent", [5.0], None)], "está en silencio en el tramo que empieza en 5 s"),
        (
            [Reason("silent", [0.0, 5.0, 12.5], None)],
            "está en silencio en los tramos que empiezan en 0 s, 5 s y 12,5 s",
        ),
        (
            [Reason("silent", [5.0 * k for k in range(9)], None), Reason("outside", [], None)],
            "está en silencio en 9 tramos, el primero en 0 s; "
            "no está en la carpeta de ningún género",
        ),
        (
            [Reason("damaged", [14.9], 0.3)],
            "está dañado a partir de 14,9 s: faltan 0,30 s en total",
        ),
        ([Reason("damaged", [], None)], "está dañado"),
    ],
)
def test_faults_of_a_file(phrases: Phrases, reasons: list[Reason], said: str) -> None:
    assert plain(phrases.fault_reasons(FaultyFile("a.wav", reasons))) == said


def test_absent_genres(phrases: Phrases) -> None:
    assert plain(phrases.absent_genres(["jazz"])) == "no hay ninguno de jazz"
    assert plain(phrases.absent_genres(["rock", "classical"])) == "no hay ninguno de rock y clásica"
    assert plain(phrases.absent_genres(list("abcde"))) == "faltan 5 de los 2"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (True, "", "sí"),
        ("spread", "", "repartido"),
        ([9184, 12], "", "9184 y 12"),
        (5.0, "s", "5 s"),
    ],
)
def test_setting_values(phrases: Phrases, value: object, unit: str, shown: str) -> None:
    row = SettingRow("data.stretch", "data.stretch", value, unit)
    assert plain(phrases.setting_value(row)) == shown
