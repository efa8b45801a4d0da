"""Ranges, verdicts, faults and settings as Spanish phrases."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.results.schema import Number
from report.language import words
from report.prose.markdown_writer import MarkdownWriter, strip_provenance
from report.prose.phrases import Phrases
from report.queries.results import read
from report.queries.used_music import FaultyFile, Reason
from report.queries.used_settings import SettingRow
from report.statistics.inference import Outcome


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
    assert plain(phrases.whole_percent(0.301)) == "30 %"
    assert plain(phrases.between(2, 0.2, 0.28)) == "de 0,20 a 0,28"
    assert plain(phrases.between(2, 0.201, 0.2)) == "0,20"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.97, "2,97"), (2.9996, "2,9996"), (2.94, "2,9"), (3.0, "3,0"), (3.04, "3,0")],
)
def test_a_mean_is_not_rounded_over_its_bound(
    results_folder: Callable[[str], Path], value: float, text: str
) -> None:
    results = read(results_folder("small"))
    (model,) = results.models
    name = f"reconstruction.{model.version}.visqol"
    assert results.choice.visqol == 3
    numbers = dict(results.numbers)
    numbers[name] = numbers[name].model_copy(update={"value": value})
    edited = results.model_copy(update={"numbers": numbers})
    writer = MarkdownWriter(edited, words.read())
    assert plain(strip_provenance(Phrases(writer).bounded(model, "visqol"))) == text
    reasons = strip_provenance(Phrases(writer).unmet_reasons(model, ["snr", "visqol"]))
    assert plain(reasons).endswith(f" dB) y por ViSQOL ({text})")


def test_labels_are_said_in_the_order_of_the_verbs(phrases: Phrases) -> None:
    outcome = Outcome("mixed", (), holds=("klt", "mdct"), undecided=("lowpass",))
    verbs = {"unclear": "no se distingue de la", "lower": "pierde con", "higher": "supera a la"}
    assert phrases.by_label(outcome, "short", **verbs) == [
        "no se distingue de la pasabajos",
        "supera a la KLT y MDCT",
    ]


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


def test_sizes_of_a_family(phrases: Phrases, results_folder: Callable[[str], Path]) -> None:
    assert plain(phrases.sizes_of((9184, 12), "classic")) == "9184 y 12 números"
    several = Phrases(MarkdownWriter(read(results_folder("families")), words.read()))
    said = plain(several.sizes_of([9184], "adaptive"))
    assert said == "9184 números de la familia adaptativa"


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


def outcome(**fields: Any) -> Outcome:
    return replace(Outcome("some", ()), **fields)


def clips(count: int) -> tuple[Number, ...]:
    return (Number(value=1, unit="dB", step="results", clips=count, name="data.coding_gain.clip"),)


def test_a_range_of_differences_has_no_signs(phrases: Phrases) -> None:
    def say(low: float, high: float, *places: int) -> str:
        return plain(phrases.difference_range(outcome(low=low, high=high), *places))

    assert say(-3.41, -1.2) == "entre 1,2 y 3,4 dB"
    assert say(1.21, 1.24) == "1,2 dB"
    assert say(1.21, 1.24, 2) == "entre 1,21 y 1,24 dB"


def test_a_number_that_does_not_change(phrases: Phrases) -> None:
    assert plain(phrases.changes(1.21, 3.4, 1)) == "pasa de 1,2 a 3,4"
    assert plain(phrases.changes(1.21, 1.24, 1)) == "sigue en 1,2"


def test_range_of_counts(phrases: Phrases) -> None:
    assert plain(phrases.count_range([4], "sonido", "sonidos")) == "cuatro sonidos"
    assert plain(phrases.count_range([2, 4], "sonido", "sonidos")) == "entre dos y cuatro sonidos"


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [(0, 3, "ninguno de los tres"), (1, 3, "uno de los tres"), (2, 12, "dos de los 12"),
     (12, 12, "los 12"), (1, 1, "el único"), (0, 1, "ninguno")],
)  # fmt: skip
def test_how_many_of_several(phrases: Phrases, count: int, total: int, said: str) -> None:
    assert plain(phrases.part_of(count, total)) == said


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [(0, 3, "ninguna de las tres"), (1, 3, "una de las tres"), (2, 3, "dos de las tres"),
     (2, 2, "las dos"), (1, 1, "la única")],
)  # fmt: skip
def test_how_many_of_several_feminine(phrases: Phrases, count: int, total: int, said: str) -> None:
    assert plain(phrases.part_of(count, total, feminine=True)) == said


def test_few_clips_are_told(phrases: Phrases) -> None:
    few = outcome(numbers=clips(2), low=1.0, high=1.0)
    assert plain(phrases.on_few_clips(few)) == " (con solo dos fragmentos de prueba)"
    assert plain(phrases.difference_range(few)).endswith(" dB (con solo dos fragmentos de prueba)")
    assert phrases.on_few_clips(outcome(numbers=clips(20))) == ""


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (((2, 1), (), ()), "sube al pasar a 1 y 2 números"),
        (((), (3,), (2, 1)), "baja al pasar a 3 números; no cambia con claridad al pasar a 1 y 2"),
    ],
)
def test_steps_by_size(phrases: Phrases, groups: tuple[tuple[int, ...], ...], said: str) -> None:
    holds, fails, undecided = groups
    found = outcome(holds=holds, fails=fails, undecided=undecided)
    assert plain(phrases.steps_by_size(found)) == said


def test_methods_beaten(phrases: Phrases) -> None:
    wins = [("lowpass", (3, 2, 1)), ("klt", (2,)), ("codec", (3, 2, 1))]
    assert phrases.beaten(wins, (3, 2, 1)) == (
        "al pasabajos y al códec con todos los tamaños y a la KLT con uno de los tres tamaños"
    )
    assert phrases.beaten([("klt", (2,)), ("mdct", (2,))], (2,)) == "a la KLT y a la MDCT"


def test_cells_of_a_table(phrases: Phrases) -> None:
    writer = phrases.writer
    models = writer.results.models
    patterns = ["reconstruction.{}.snr", "reconstruction.{}.log_mel"]
    for index, (model, cells) in enumerate(writer.rows(models, patterns)):
        assert model is models[index]
        assert cells == tuple(writer.column(pattern, models)[index] for pattern in patterns)
    assert writer.join_values(["a|b", 12345], " | ") == "a\\|b | 12\u202f345"


def test_cells_of_a_row(phrases: Phrases) -> None:
    writer = phrases.writer
    name = "kmeans.log_mel.homogeneity"
    assert writer.cell(name, 2) == writer.cells([name], 2)[0]
    assert writer.cell(None, 2) == "—"
    assert writer.join_values([writer.cell(None, 2), "a|b"], " | ") == "— | a\\|b"
    assert writer.vector_family("classic.9184.averaged") == "convolucional"
    assert writer.vector_family("original.averaged") == writer.vector_family("mfcc") == "—"
