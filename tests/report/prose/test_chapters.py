"""Chapters 2 to 5 state what the results support, and omit what the study lacks.

Each case edits the results of a sample and checks the rendered text.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.results.schema import Number
from report.customization import Customization
from report.errors import ReportError
from report.language import words
from report.prose import document
from report.queries.generation import GenerationQueries
from report.queries.results import read
from report.render import render
from report.statistics import inference
from report.statistics.inference import compare, elbow, which
from tests.report.plain_text import plain
from tests.report.sample import Sample, small, write
from tests.report.sample_models import CLASSIC

Folder = Callable[[str], Path]
Content = dict[str, Any]
WORDS = words.read()


def said(folder: Path) -> str:
    """The report's Markdown without provenance, escapes and special spaces."""
    return plain(document.write(read(folder), WORDS, Customization()))


@pytest.fixture
def change(
    results_folder: Folder, tmp_path: Path
) -> Callable[[str, Callable[[Content], None]], str]:
    """Render a sample after editing its results."""

    def after(sample: str, edit: Callable[[Content], None]) -> str:
        folder = tmp_path / "results"
        shutil.copytree(results_folder(sample), folder)
        path = folder / "results.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        before = {name: number["value"] for name, number in content["numbers"].items()}
        edit(content)
        path.write_text(json.dumps(content), encoding="utf-8")
        with np.load(folder / content["per_clip"]) as arrays:
            values = dict(arrays)
        for name, number in content["numbers"].items():
            if name in values and number["value"] != before[name]:
                values[name] = number["value"] + np.linspace(-0.01, 0.01, len(values[name]))
        np.savez(folder / content["per_clip"], **values)
        return said(folder)

    return after


Change = Callable[[str, Callable[[Content], None]], str]


def setting(pattern: str, value: float, interval: list[float] | None = None) -> Any:
    """Return an edit that sets all numbers that match a pattern to one value."""

    def edit(content: Content) -> None:
        found = [name for name in content["numbers"] if re.fullmatch(pattern, name)]
        assert found, pattern
        for name in found:
            content["numbers"][name] |= {"value": value}
            if interval:
                content["numbers"][name] |= {"interval": interval}

    return edit


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


def test_one_genre_omits_classification(change: Change) -> None:
    def edit(content: Content) -> None:
        genre = content["data"]["genres"][0]["name"]
        content["data"]["genres"] = content["data"]["genres"][:1]
        content["generated"] = [g for g in content["generated"] if g["genre"] in (None, genre)]

    text = change("small", edit)
    assert "árbol de decisión" not in text
    assert "homogeneidad" not in text
    assert "Las componentes principales" in text


@pytest.mark.parametrize("sample", ["families", "whole"])
def test_the_abstract_is_short(results_folder: Folder, sample: str) -> None:
    text = document.write(read(results_folder(sample)), WORDS, Customization())
    abstract = text.partition("::: {.resumen}\n")[2].partition("\n:::")[0]
    said = re.sub(r"\[([^\]]*)\]\{\.n [^}]*\}", r"\1", abstract.partition("\n")[2])
    assert 50 < len(said.split()) <= 150


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


# Exploration --------------------------------------------------------------------------------------


def test_singleton_clusters(results_folder: Folder) -> None:
    facts = read(results_folder("whole")).exploration
    assert all(found.scattered for found in facts if found.flat)
    phrase = "En los seis vectores completos, más de la mitad de los grupos tiene un solo fragmento"
    assert phrase in said(results_folder("whole"))


def test_balanced_clusters(results_folder: Folder) -> None:
    text = said(results_folder("small"))
    assert "Los grupos de un solo fragmento son a lo sumo la mitad en todos" in text


STRAIGHT = [20.0 - k for k in range(12)]
BENT = [100.0, *STRAIGHT[1:]]


@pytest.mark.parametrize(
    ("whole", "short", "phrase"),
    [
        (BENT, BENT, "Hay un codo en los seis vectores completos y en los seis promediados."),
        (STRAIGHT, BENT, "No lo hay en los vectores completos y sí en los seis promediados."),
        (BENT, [4.0] * 12, "en los seis vectores completos y en ninguno de los seis promediados."),
        (STRAIGHT, [0.0] * 12, "No lo hay en ningún vector."),
    ],
)
def test_elbow_of_each_curve(
    change: Change, whole: list[float], short: list[float], phrase: str
) -> None:
    def edit(content: Content) -> None:
        for found in content["exploration"]:
            found["variation"] = short if found["vector"].endswith(".averaged") else whole

    assert phrase in change("whole", edit)


def test_elbow_of_a_single_vector(change: Change) -> None:
    def edit(content: Content) -> None:
        for found in content["exploration"]:
            bent = found["vector"] in ("classic.9184", "original.averaged")
            found["variation"] = BENT if bent else STRAIGHT

    text = change("whole", edit)
    assert "en uno de los seis vectores completos y en uno de los seis promediados." in text


def test_tree_accuracy_is_judged_by_its_interval(change: Change) -> None:
    def edit(content: Content) -> None:
        setting(r"tree\.classic\.\d+\.accuracy", 0.4, [0.3, 0.5])(content)
        setting(r"tree\.classic\.9184\.accuracy", 0.4, [0.05, 0.5])(content)
        setting(r"probe\.tree\.classic\.\d+\.averaged\.accuracy", 0.4, [0.05, 0.5])(content)

    text = change("whole", edit)
    assert (
        "Con el vector completo, el árbol supera el azar con cuatro de los cinco tamaños." in text
    )
    assert "Con el promediado, el árbol no supera el azar con ningún vector latente; el" in text


def test_whole_vectors_are_not_judged_on_one_clip(change: Change) -> None:
    def edit(content: Content) -> None:
        for name, number in content["numbers"].items():
            if re.fullmatch(r"tree\..*\.accuracy", name):
                number |= {"value": 1.0, "interval": [0.21, 1.0], "clips": 1}
        content["numbers"]["tree.original.majority"]["value"] = 1.0

    text = change("whole", edit)
    assert "solo con el fragmento de prueba, que no alcanza para distinguirlo del azar." in text
    assert "acierta a lo sumo el 10 % de las veces. Un clasificador" in text
    assert "Aciertos según el tamaño con el vector promediado, por validación cruzada. Las" in text
    assert "aciertos del árbol con el promediado en el tiempo y del discriminante" in text
    assert "Con el vector completo, el árbol" not in text
    assert "Wilson [@wilson1927] y en la validación" not in text


def test_the_first_figure_with_one_size(results_folder: Folder) -> None:
    text = said(results_folder("small"))
    assert "![Gráficos de puntos, con los métodos de mayor a menor SNR: SNR, " in text
    assert "ViSQOL. Una fila por método: " in text
    assert re.search(r"de redes\. La red, con 9184 números: SNR [\d,]+ decibeles\.\]", text)
    assert "fragmentos de prueba con 9184 números, de mayor a menor SNR, de la red y de" in text
    assert "es mejor estar más a la derecha; en distancia log-mel, más a la izquierda." in text


@pytest.mark.parametrize(
    ("interval", "phrases"),
    [
        (
            [0.3, 0.5],
            ["los dos clasificadores superan el azar con todos", "*Se sostiene.* De los"],
        ),
        (
            [0.05, 0.5],
            [
                "ninguno de los dos clasificadores supera el azar con ningún",
                "(sin superar el azar)",
            ],
        ),
    ],
)
def test_linear_classifier_against_chance(
    change: Change, interval: list[float], phrases: list[str]
) -> None:
    text = change("whole", setting(r"probe\.(tree|lda)\.classic\..*\.accuracy", 0.4, interval))
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize(
    ("sizes", "interval", "phrase"),
    [
        (r"\d+", [0.3, 0.5], "{}menos que la mejor de las referencias."),
        (r"\d+", [0.9, 1.0], "{}lo que no se distingue de la mejor de las referencias."),
        ("9184", [0.3, 0.99], "{}menos que la mejor de las referencias, salvo la de 9184 números,"),
    ],
)
def test_every_size_is_compared_with_the_best_reference(
    change: Change, sizes: str, interval: list[float], phrase: str
) -> None:
    def edit(content: Content) -> None:
        setting(r"probe\.lda\.(mfcc|log_mel)\.accuracy", 0.95, [0.91, 0.99])(content)
        setting(r"probe\.lda\.classic\.\d+\.averaged\.accuracy", 0.4, [0.3, 0.5])(content)
        setting(rf"probe\.lda\.classic\.{sizes}\.averaged\.accuracy", 0.4, interval)(content)

    assert phrase.format("Con los vectores latentes acierta el 40 %, ") in change("whole", edit)


def test_a_model_that_makes_one_vector_of_every_clip(results_folder: Folder) -> None:
    text = said(results_folder("constant"))
    assert "Con 9184 números, todos los vectores son iguales: el modelo da lo mismo" in text
    assert "Las tres primeras explican entre el 65 % y el 72 %" in text


def test_a_filtered_partition_of_few_clips_is_not_told(
    results_folder: Folder, change: Change
) -> None:
    def edit(content: Content) -> None:
        for name, number in content["numbers"].items():
            if name.endswith(".filtered"):
                number["clips"] = 29

    sentence = "frente a particiones al azar de igual tamaño, el porcentaje de aciertos del"
    assert sentence in said(results_folder("small"))
    assert sentence not in change("small", edit)


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


# Generated sound ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "phrases"),
    [
        (0.9, ("Aquí la correlación es alta, 0,90", "siempre alta, 0,90", "da la mezcla de sus")),
        (
            0.2,
            ("la correlación no pasa de 0,20", "Aquí ningún punto se parece", "queda poco de sus"),
        ),
    ],
)
def test_similarity_of_means_and_paths(
    change: Change, value: float, phrases: tuple[str, ...]
) -> None:
    text = change("whole", setting(r"generation\..*\.similarity", value))
    for phrase in phrases:
        assert phrase in text


def test_similarity_of_some(change: Change) -> None:
    def edit(content: Content) -> None:
        setting(r"generation\..*\.path\.4\.similarity", 0.1)(content)
        setting(r"generation\..*\.genre\..*\.similarity", 0.1)(content)

    text = change("whole", edit)
    assert "solo parte del camino se parece a la mezcla de los dos: entre los extremos, la" in text
    assert ", según los fragmentos." in text
    assert "da la mezcla de sus fragmentos solo a veces" in text


@pytest.mark.parametrize(
    ("uniform", "gaussian", "phrases"),
    [
        (0.5, 0.4, ("no se distinguen del ruido blanco filtrado: su planitud no baja del 80",)),
        (0.5, 0.1, ("filtrado y otros sí: su planitud va del 20",)),
        (0.1, 0.1, ("se distinguen del ruido blanco filtrado: su planitud no pasa del 20",)),
    ],
)  # fmt: skip
def test_random_vectors_beside_noise_that_is_filtered_alike(
    change: Change, uniform: float, gaussian: float, phrases: tuple[str, ...]
) -> None:
    def edit(content: Content) -> None:
        setting(r"generation\..*\.uniform\.\d+\.flatness", uniform)(content)
        setting(r"generation\..*\.gaussian\.\d+\.flatness", gaussian)(content)
        setting(r"generation\..*\.noise_flatness", 0.5)(content)

    text = change("whole", edit)
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize(
    ("first", "last", "phrase"),
    [
        (0.9, 0.3, "veces la distancia del fragmento, la correlación con él cae de 0,90 a 0,30"),
        (0.9, 0.85, "pasa de 0,90 a 0,85: la red es casi lineal"),
        (0.9, 0.9, "la correlación con él sigue en 0,90: la red es casi lineal"),
        (0.17, 0.21, "Aquí la correlación ya es baja en el fragmento mismo (0,17): la prueba no"),
    ],
)
def test_holes(change: Change, first: float, last: float, phrase: str) -> None:
    def edit(content: Content) -> None:
        setting(r"generation\..*\.line\.\d\.similarity", first)(content)
        setting(r"generation\..*\.line\.2\.similarity", last)(content)

    assert phrase in change("whole", edit)


def scored(row: str, score: str, low: float, high: float) -> Any:
    return setting(rf"generation\.{row}\.{score}", (low + high) / 2, [low, high])


@pytest.mark.parametrize(
    ("edit", "phrases"),
    [
        (scored("flow", "kad", 3, 5), ("es mayor que la del flujo: de",
         "queda a una distancia KAD de 4,0 de la", "El flujo no llega al techo del vocoder, −0,6",
         "El flujo y el proceso gaussiano del que parte, que no tiene red, no se distinguen")),
        (scored("flow", "kad", 0.2, 0.9), ("El flujo no se distingue del techo",
         "El flujo queda más cerca de la música, en KAD, que el proceso")),
        (scored("flow", "kad", 79, 90), ("La KAD del flujo, 84,5, es menor que la de los "
         "vectores al azar, no se distingue de la del ruido blanco y es mayor que la de las "
         "medias.", "El flujo queda más lejos de la música, en KAD, que el proceso")),
        (scored("flow", "kad", 200, 300), ("más lejos de la música que los vectores decodificados",
         "No puede decirse que el flujo, un modelo hecho para generar, quede")),
        (scored("flow", "kad", -50, 300), ("El flujo no se distingue de los vectores",)),
        (scored("flow", "kad", -9, -8), ("KAD del flujo es menor que la del techo del vocoder",)),
        (scored("flow", "pulse", 0.1, 0.12), ("el flujo queda por debajo del proceso: 0,11",)),
        (scored("flow", "pulse", 0.1, 0.3), ("el flujo no se distingue del proceso: 0,20",)),
        (scored("flow", "copying", 0.6, 0.7), ("más que la música reservada: en parte, los repite "
         "(0,65 y 0,49)",)),
        (scored("flow", "copying", 0.2, 0.3), ("decirse que el flujo copie: se parece a los "
         "fragmentos de entrenamiento menos que la música reservada",)),
        (scored("flow", "copying", 0.4, 0.6), ("su parecido con los fragmentos de entrenamiento "
         "(0,50) no se distingue del de la música reservada (0,49)",)),
        (scored("walk", "copying", 0.4, 0.6), ("no se distingue en esa medida de la música "
         "reservada (0,50)",)),
        (scored("walk", "copying", 0.1, 0.2), ("queda en esa medida por debajo de la música",)),
        (scored("flow", "genre", 0.9, 1), ("solo indica rasgos más típicos",)),
        (scored("vae", "kad", 0.1, 0.2), ("El VAE, con una KAD de 0,2, queda más cerca",)),
        (scored("vae", "kad", 3, 8), ("El VAE, con una KAD de 5,5, no se distingue",)),
        (scored("draws", "kad", 3, 8), ("los gaussianos quedan más cerca de la música",)),
        (scored("draws", "kad", 60, 90), ("los gaussianos no se distinguen del ruido blanco",)),
    ],
)  # fmt: skip
def test_what_the_generators_reach(change: Change, edit: Any, phrases: tuple[str, ...]) -> None:
    text = change("whole", edit)
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize("missing", ["kad|frechet", "genre", "copying", "pulse"])
def test_scores_that_a_small_study_lacks(change: Change, missing: str) -> None:
    pattern = re.compile(rf"generation\.[a-z]+\.({missing})")

    def edit(content: Content) -> None:
        numbers = content["numbers"]
        content["numbers"] = {n: v for n, v in numbers.items() if not pattern.fullmatch(n)}

    text = change("whole", edit)
    assert "- El **flujo** parte de una muestra" in text
    assert "@tbl-puntajes" in text
    if "kad" in missing:
        assert "El VAE, con" not in text
        assert "KAD" not in text[text.index("# Generar música") : text.index("# ¿Cuántos bits?")]
        assert "un modelo hecho para generar" not in text


def test_scores_without_intervals_decide_nothing(change: Change) -> None:
    def edit(content: Content) -> None:
        for name, number in content["numbers"].items():
            if re.fullmatch(r"generation\.[a-z]+\.\w+", name):
                number.pop("interval", None)

    text = change("whole", edit)
    for phrase in (
        "es mayor que la del flujo",
        "El VAE queda",
        "No puede decirse que el flujo copie",
        "solo indica rasgos más típicos",
        "más cerca de la música",
    ):
        assert phrase not in text


def test_a_study_without_generators(results_folder: Folder) -> None:
    text = said(results_folder("constant"))
    start = text.index("# Generar música")
    chapter = text[start : text.index("\n# ", start)]
    assert "## Por qué un autocodificador genera mal" in chapter
    for phrase in ("flujo", "VAE", "@tbl-puntajes", "semilla", "Modelos que generan"):
        assert phrase not in chapter
    assert "un modelo hecho para generar" not in text


def test_featured_genre_of_the_study(change: Change) -> None:
    def edit(content: Content) -> None:
        content["study"]["report"]["genre"] = "rock"

    assert "punto más intenso de cada uno. Género rock." in change("whole", edit)


def test_default_featured_genre(results_folder: Folder) -> None:
    assert GenerationQueries(read(results_folder("whole"))).featured_genre == "jazz"
    assert GenerationQueries(read(results_folder("small"))).featured_genre == "cumbia"


def test_mixers_begin_with_the_means_most_similar_to_mixes(results_folder: Folder) -> None:
    generation = GenerationQueries(read(results_folder("whole")))
    lowest = [generation.mixing(model).low for model in generation.mixers]
    assert lowest == sorted(lowest, reverse=True) != []


def test_few_generated_sounds_are_told(change: Change) -> None:
    def edit(content: Content) -> None:
        for name, number in content["numbers"].items():
            if re.fullmatch(r"generation\.[a-z]+\.\w+", name):
                number["clips"] = 2 if ".real." in name else 4

    text = change("whole", edit)
    assert "entre dos y cuatro sonidos por fila" in text
    assert "Con a lo sumo cuatro sonidos por fila, el orden" in text


def test_means_of_a_network_that_reconstructs_nothing(change: Change) -> None:
    def edit(content: Content) -> None:
        setting(r"generation\..*\.similarity", 0.1)(content)
        setting(r"reconstruction\..*\.snr", -1)(content)

    assert "la red tampoco reconstruye los fragmentos sueltos" in change("whole", edit)


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


# The claims themselves ----------------------------------------------------------------------------


def number(*values: float) -> Number:
    mean = sum(values) / len(values)
    return Number(name="n", value=mean, unit="", step="s", values=values)


def test_compare_sorts_labels() -> None:
    ours = [number(3, 4, 5), number(0, 1, 2), number(1, 2, 3)]
    theirs = [number(2, 3, 4.1), number(2, 3, 4.1), number(3, 2, 1)]
    outcome = compare(ours, theirs, ["a", "b", "c"])
    assert (outcome.name, outcome.holds, outcome.fails, outcome.undecided) == (
        "mixed", ("a",), ("b",), ("c",),
    )  # fmt: skip
    assert compare(ours[:1], theirs[:1], ["a"]).name == "higher"
    assert compare(ours[:1], theirs[:1], ["a"], least=2).name == "unclear"
    bare = ours[0].model_copy(update={"values": None})
    assert compare([bare], theirs[:1], ["a"]).name == "unknown"


def test_which_outcomes() -> None:
    numbers = [number(0, 2)] * 2
    assert which(numbers, "ab", [True, True]).name == "all"
    assert which(numbers, "ab", [True, False]).holds == ("a",)
    assert which(numbers, "ab", [False, False]).name == "none"


def test_elbow_outcomes() -> None:
    assert elbow([10, 9, 8, 7, 6]).name == "straight"
    corner = elbow([100, 50, 10, 9, 8, 7])
    assert (corner.name, corner.holds) == ("bent", (3,))
    assert corner.value > inference.MIN_ELBOW_DEPTH
    assert elbow([4.0]).name == "flat"
    assert elbow([0.0, 0.0, 0.0]).name == "flat"


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
