"""The chapter on generated music states what the results support."""

import re
from typing import Any

import pytest

from report.queries.generation import GenerationQueries
from report.queries.results import read
from tests.report.prose.changed_results import Change, Content, Folder, said, setting


@pytest.mark.parametrize(
    ("value", "phrases"),
    [
        (0.9, ("Aquí la correlación es alta, 0,90", "siempre alta, 0,90", "da la mezcla de sus")),
        (
            0.2,
            (
                "la correlación no pasa de 0,20",
                "Aquí ningún punto se parece",
                "no se parece a la mezcla",
            ),
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
         "queda a una distancia KAD de 4,0 de la", "música que pasó por el vocoder, −0,6",
         "El flujo y el proceso gaussiano del que parte, que no tiene red, no se distinguen")),
        (scored("flow", "kad", 0.2, 0.9), ("El flujo no se distingue de la música que pasó",
         "El flujo queda más cerca de la música, en KAD, que el proceso")),
        (scored("flow", "kad", 79, 90), ("La KAD del flujo, 84,5, es menor que la de los "
         "vectores al azar, no se distingue de la del ruido blanco y es mayor que la de las "
         "medias.", "El flujo queda más lejos de la música, en KAD, que el proceso")),
        (scored("flow", "kad", 200, 300), ("más lejos de la música que los vectores decodificados",
         "No puede decirse que el flujo, un modelo hecho para generar, quede")),
        (scored("flow", "kad", -50, 300), ("El flujo no se distingue de los vectores",)),
        (scored("flow", "kad", -9, -8), ("KAD del flujo es menor que la de la música que pasó",)),
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
