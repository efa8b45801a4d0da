"""The chapter on what the vectors contain states what the results support."""

import re

import pytest

from report.queries.results import read
from tests.report.prose.changed_results import Change, Content, Folder, said, setting

STRAIGHT = [20.0 - k for k in range(12)]
BENT = [100.0, *STRAIGHT[1:]]


def test_one_genre_omits_classification(change: Change) -> None:
    def edit(content: Content) -> None:
        genre = content["data"]["genres"][0]["name"]
        content["data"]["genres"] = content["data"]["genres"][:1]
        content["generated"] = [g for g in content["generated"] if g["genre"] in (None, genre)]

    text = change("small", edit)
    assert "árbol de decisión" not in text
    assert "homogeneidad" not in text
    assert "Las componentes principales" in text


def test_singleton_clusters(results_folder: Folder) -> None:
    facts = read(results_folder("whole")).exploration
    assert all(found.scattered for found in facts if found.flat)
    phrase = "En los seis vectores completos, más de la mitad de los grupos tiene un solo fragmento"
    assert phrase in said(results_folder("whole"))


def test_balanced_clusters(results_folder: Folder) -> None:
    text = said(results_folder("small"))
    assert "Los grupos de un solo fragmento son a lo sumo la mitad en todos" in text


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
