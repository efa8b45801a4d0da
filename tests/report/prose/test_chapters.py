"""Chapters 2 to 5 state what the results support, and omit what the study lacks.

Each case edits the results of a sample and checks the rendered text.
"""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from report.errors import ReportError
from report.queries.results import read
from report.render import render
from tests.report.prose.changed_results import Change, Content, Folder, said, setting
from tests.report.sample import Sample, small, write
from tests.report.sample_models import CLASSIC

# Smaller studies --------------------------------------------------------------------------------


def test_small_study_omits_missing_parts(results_folder: Folder) -> None:
    text = said(results_folder("small"))
    for phrase in (
        "tasa de aprendizaje decide",
        "Codificar música nueva",
        "canciones nuevas",
        "TPE",
    ):
        assert phrase not in text
    for phrase in ("El tamaño estudiado no es aceptable", "# Generar música", "| 0 · 0 · 1 |"):
        assert phrase in text


def test_a_single_acceptable_size_is_named(change: Change) -> None:
    def edit(content: Content) -> None:
        content["choice"]["families"][0] |= {"size": 9184, "by_rule": 9184}

    text = change("small", edit)
    assert "El tamaño estudiado, de 9184 números, es aceptable." in text
    assert "Ninguno de los tamaños" not in text


@pytest.mark.parametrize("sample", ["families", "whole"])
def test_the_abstract_is_short(results_folder: Folder, sample: str) -> None:
    abstract = said(results_folder(sample)).partition("::: {.resumen}\n")[2].partition("\n:::")[0]
    prose = abstract.partition("\n")[2]
    assert 50 < len(prose.split()) <= 150


@pytest.mark.slow
def test_family_names_with_underscores_and_digits(tmp_path: Path) -> None:
    sizes = {9184: CLASSIC[9184]}
    sample = replace(small(), families={"mi_red": sizes, "otra_2": sizes})
    made = render(write(tmp_path / "results", sample), tmp_path / "out")
    page = (made.site / "informe.html").read_text(encoding="utf-8")
    assert "Familia mi\\_red" in page or "mi_red" in page


# The learning rate --------------------------------------------------------------------------------


def test_learning_rate_in_use(results_folder: Folder) -> None:
    fixed, found = said(results_folder("whole")), said(results_folder("full"))
    assert "se entrenaron con una tasa fija de 0,02" in fixed
    assert "con una tasa de 0,02, lotes de 20 fragmentos" in fixed
    assert "con esa tasa se entrenaron los modelos" in found
    assert "con una tasa de 0,0154, lotes" in found
    assert "training.learning_rate" not in found


# The smallest acceptable size ---------------------------------------------------------------------


def test_chosen_size_and_reason(results_folder: Folder, change: Change) -> None:
    assert "«a 24 496 suena igual | *pero* ocupa más»" in said(results_folder("full"))

    def edit(content: Content) -> None:
        content["choice"] |= {"log_mel": 3.0, "visqol": 1.0}
        content["choice"]["families"][0] |= {"size": 24496, "by_rule": 24496}
        content["numbers"]["reconstruction.classic.18376.snr"]["value"] = 5.0
        content["numbers"]["reconstruction.classic.32151.snr"]["value"] = 5.5

    text = change("whole", edit)
    assert "El menor tamaño aceptable es, entonces, el de 24496 números" in text
    assert "El que le sigue, de 18376, queda fuera por la SNR (5,0 dB)" in text
    assert "Hay un tamaño mayor que no lo es (32151)" in text


@pytest.mark.parametrize(
    ("reason", "phrase"),
    [
        (None, "El que le sigue, de 18376, queda fuera."),
        ("", "Quien hizo este estudio elige el de 24496 números"),
    ],
)
def test_a_choice_that_the_numbers_do_not_explain(
    change: Change, reason: str | None, phrase: str
) -> None:
    def edit(content: Content) -> None:
        content["choice"] |= {"snr": -99.0, "log_mel": 99.0, "visqol": 1.0}
        content["choice"]["families"][0] |= {"size": 24496, "by_rule": 24496, "reason": reason}

    assert phrase in change("whole", edit)


def test_clips_too_short_for_visqol_are_told(results_folder: Folder, change: Change) -> None:
    def edit(content: Content) -> None:
        content["choice"]["visqol"] = None
        content["numbers"] = {
            name: number for name, number in content["numbers"].items() if "visqol" not in name
        }

    text = change("whole", edit)
    assert "cumplen dos requisitos" in text
    assert "no pueden puntuarse con ViSQOL" in text
    assert "no pueden puntuarse" not in said(results_folder("whole"))


def test_no_acceptable_size(change: Change) -> None:
    def edit(content: Content) -> None:
        content["choice"]["families"][0] |= {"size": None, "by_rule": None}

    assert "no hay un tamaño aceptable" in change("whole", edit)


# The frequency response ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "phrases"),
    [
        (r"55112", ["Las redes son filtros pasabajos", "Con 55112 números no pasa ninguna"]),
        (r"\d+", ["fragmentos de prueba se estimó", "**Ninguna frecuencia pasa.** La salida"]),
    ],
)
def test_networks_that_pass_no_frequency(change: Change, sizes: str, phrases: list[str]) -> None:
    def edit(content: Content) -> None:
        content["numbers"] = {
            name: number
            for name, number in content["numbers"].items()
            if not re.fullmatch(rf"response\.classic\.{sizes}\.cutoff", name)
        }

    text = change("whole", edit)
    assert [phrase for phrase in phrases if phrase not in text] == []


def test_the_first_figure_with_one_size(results_folder: Folder) -> None:
    text = said(results_folder("small"))
    assert "![Gráficos de puntos, con los métodos de mayor a menor SNR: SNR, " in text
    assert "ViSQOL. Una fila por método: " in text
    assert re.search(r"de redes\. La red, con 9184 números: SNR [\d,]+ decibeles\.\]", text)
    assert "fragmentos de prueba con 9184 números, de mayor a menor SNR, de la red y de" in text
    assert "es mejor estar más a la derecha; en distancia log-mel, más a la izquierda." in text


def test_networks_that_answer_to_a_tone_with_other_frequencies(change: Change) -> None:
    text = change("whole", setting(r"response\.classic\.\d+\.alias", 0.6))
    assert (
        "No todas las redes se comportan como un filtro.** Ante un tono, con 55112, 32151," in text
    )
    assert "números, el 60 % de la potencia de la salida está en otras frecuencias" in text
    assert "pasabajos.**" not in text


# New songs ----------------------------------------------------------------------------------------


def test_new_song_table(results_folder: Folder) -> None:
    text = said(results_folder("whole"))
    assert "de archivos de 44100 Hz y 2 canales" in text
    assert "| rap | 3,2 |" in text
    assert "| trap | 6,4, a mano |" in text


def test_damage_and_cancelled_channels_of_a_new_song(change: Change) -> None:
    def edit(content: Content) -> None:
        for song, more in zip(
            (song for song in content["songs"] if song["role"] == "new"),
            ({"damage": [3.25]}, {"damage": [0.5, 7.0, 9.0], "channel": 2}),
            strict=True,
        ):
            song["source"] |= more

    text = change("whole", edit)
    assert "«rap»: el archivo está dañado en 3,25 s, y se lee lo demás." in text
    assert (
        "«trap»: el archivo está dañado en 0,5 s, 7 s y 9 s, y se lee lo demás; "
        "los canales se cancelan entre sí, y se usa solo el canal 2."
    ) in text


def test_nothing_is_said_of_a_sound_new_song(results_folder: Folder) -> None:
    text = said(results_folder("whole"))
    assert "dañado" not in text
    assert "se usa solo el canal" not in text


LOW, HIGH = -99.0, 99.0


@pytest.mark.parametrize(
    ("rap", "trap", "phrase", "concluded"),
    [
        (
            LOW,
            LOW,
            "todas quedan por debajo de su 95 % central",
            "las dos canciones nuevas quedan por debajo",
        ),
        (
            HIGH,
            HIGH,
            "todas quedan por encima de su 95 % central",
            "las dos canciones nuevas quedan por encima",
        ),
        (None, None, "ninguna queda fuera de su 95 % central", "quedan dentro"),
        (LOW, None, "rap queda por debajo de su 95 % central", "nuevas queda por debajo"),
        (
            LOW,
            HIGH,
            "rap queda por debajo de su 95 % central; trap, por encima",
            "una de las dos canciones nuevas queda por debajo y una queda por encima",
        ),
        (None, HIGH, "trap queda por encima de su 95 % central", "nuevas queda por encima"),
    ],
)
def test_new_songs_against_the_test_clips(
    change: Change, rap: float | None, trap: float | None, phrase: str, concluded: str
) -> None:
    """None: the mean of the test clips."""

    def edit(content: Content) -> None:
        numbers = content["numbers"]
        for name in [name for name in numbers if name.startswith("reconstruction.classic.")]:
            if name.endswith(".snr"):
                size, mean = name.split(".")[2], numbers[name]["value"]
                for song, value in (("rap", rap), ("trap", trap)):
                    told = numbers[f"song.{song}.classic.{size}.snr"]
                    told["value"] = mean if value is None else value

    text = change("whole", edit)
    assert phrase in text
    assert f"{concluded} del 95 % central de los fragmentos de prueba." in text


# Experiments --------------------------------------------------------------------------------------


def test_experiments_on_a_single_clip_are_drawn_but_decide_nothing(tmp_path: Path) -> None:
    alone = Sample(genres=("jazz", "rock"), alone=True, generators=False)
    text = said(write(tmp_path / "results", alone))
    assert "sobre el único fragmento de prueba; la de 9184" in text
    for phrase in ("**Activación.**", "**Huecos.**", "Las dos medidas se contradicen"):
        assert phrase not in text


# Against baselines --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "interval", "phrases"),
    [
        (50.0, [49, 51], ["superan a los tres métodos con todos", "es mayor que la de un filtro"]),
        (
            0.1,
            [0.05, 0.2],
            [
                "quedan por debajo de los tres métodos con todos los tamaños",
                "es menor que la de un filtro",
            ],
        ),
    ],
)
def test_networks_against_baselines(
    change: Change, value: float, interval: list[float], phrases: list[str]
) -> None:
    text = change("whole", setting(r"reconstruction\.classic\.\d+\.snr", value, interval))
    for phrase in phrases:
        assert phrase in text


def test_lower_distance_is_better(change: Change) -> None:
    names = r"reconstruction\.classic\.\d+\.log_mel"
    text = change("whole", setting(names, 0.001, [0.0, 0.002]))
    assert "en distancia log-mel superan a los tres métodos con todos" in text
    assert re.search(r"\| Pasabajos ideal \| [\d ·]+ \| 5 · 0 · 0 \|", text)


@pytest.mark.parametrize(
    ("snr", "log_mel", "phrases"),
    [
        (
            0.5,
            0.75,
            ["sube la SNR con todos los tamaños, 0,50 dB", "baja con todos los tamaños, el 25 %"],
        ),
        (0.0, 1.0, ["no cambia la SNR de manera clara", "log-mel no cambia de manera clara"]),
        (0.0, 0.8, ["no cambia la SNR de manera clara", "baja con todos los tamaños, el 20 %"]),
        (
            -2.0,
            1.25,
            ["baja la SNR con todos los tamaños, 2,00 dB", "sube con todos los tamaños, el 25 %"],
        ),
    ],
)
def test_learning_is_what_training_adds(
    results_folder: Folder, tmp_path: Path, snr: float, log_mel: float, phrases: list[str]
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results_folder("families"), folder)
    text = (folder / "results.json").read_text(encoding="utf-8")
    content = json.loads(text)
    path = folder / content["per_clip"]
    with np.load(path) as arrays:
        values = dict(arrays)
    for name in [name for name in values if name.startswith("untrained.")]:
        trained = name.replace("untrained.", "reconstruction.")
        if name.endswith(".snr"):
            values[trained] = values[name] + snr
        elif name.endswith(".log_mel"):
            values[trained] = values[name] * log_mel
        content["numbers"][trained]["value"] = float(np.nanmean(values[trained]))
    np.savez(path, **values)
    (folder / "results.json").write_text(json.dumps(content), encoding="utf-8")
    text = said(folder)
    for phrase in phrases:
        assert phrase in text
    # The design's worth is that of the untrained model, whatever training does.
    assert text.count("adaptativa supera en SNR al códec hecho a mano con todos") == 2


def test_published_figures_stand_beside_the_same_ratio_only(results_folder: Folder) -> None:
    assert "Music2Latent" in said(results_folder("families"))
    assert "Music2Latent" not in said(results_folder("whole"))


def test_sounds_of_each_size_stand_in_one_table(results_folder: Folder) -> None:
    said_of_two = said(results_folder("families"))
    table = said_of_two.partition("{#tbl-fidelidad .escucha}")[2].partition(":::")[0]
    assert "| Convolucional | 9184 |" in table
    assert table.count("<audio/") == 1 + len(read(results_folder("families")).models)


# Files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["generated", "new_music", "exploration"])
def test_missing_file_is_an_error(results_folder: Folder, tmp_path: Path, key: str) -> None:
    folder = Path(shutil.copytree(results_folder("small"), tmp_path / "results"))
    content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    where = "array" if key == "exploration" else "audio"
    (folder / content[key][0][where]).unlink()
    with pytest.raises(ReportError, match="not in the results folder"):
        read(folder)
