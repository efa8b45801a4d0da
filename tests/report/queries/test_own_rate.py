"""What is said of new songs that were encoded at their own sampling rate."""

from collections.abc import Callable
from pathlib import Path

import pytest

from report.customization import Customization
from report.language import words
from report.prose import document
from report.prose.markdown_writer import strip_provenance
from report.queries.own_rate import OwnRateQueries
from report.queries.results import Results, read

OWN = "song.{}.own_rate.classic.18376.snr"


@pytest.fixture
def results(results_folder: Callable[[str], Path]) -> Results:
    return read(results_folder("whole"))


def said(results: Results, own: list[float], same: float, similar: float) -> str:
    """The chapter if songs have these SNRs at their own rate, and with the sizes beside it."""
    changed = dict(results.numbers)
    for song, value in zip(("rap", "trap"), own, strict=True):
        for name, snr in (
            (OWN.format(song), value),
            (f"song.{song}.classic.18376.snr", same),
            (f"song.{song}.classic.32151.snr", similar),
        ):
            changed[name] = changed[name].model_copy(update={"value": snr})
    edited = results.model_copy(update={"numbers": changed})
    customization = Customization(report_settings={"chapters": ["nuevas"]})
    text = strip_provenance(document.write(edited, words.read(), customization))
    return " ".join(text.replace("\\", "").replace("\u202f", "").split())


@pytest.mark.parametrize(
    ("own", "same", "similar", "phrases"),
    [
        (
            [12, 13],
            10,
            12.5,
            (
                "aumenta entre 2,0 y 3,0 dB.",
                "remuestreado, la red se le acerca: de −0,5 a +0,5 dB.",
            ),
        ),
        ([12, 12], 10, 11.5, ("aumenta 2,0 dB.", "remuestreado, la red lo supera apenas, 0,5 dB.")),
        ([12, 12.5], 10, 12, ("la red lo iguala o lo supera apenas, 0,5 dB a lo sumo.",)),
        ([12, 12], 10, 12.04, ("remuestreado, la red lo iguala.",)),
        ([10.04, 9.96], 10, 8, ("la SNR no cambia.",)),
        ([12, 13], 10, 8, ("recibe el audio remuestreado, la red lo supera, entre 4,0 y 5,0 dB.",)),
        ([12, 12.1], 10, 12.4, ("no lo supera: queda entre 0,3 y 0,4 dB por debajo.",)),
        (
            [8, 9],
            10,
            12,
            ("disminuye entre 1,0 y 2,0 dB.", "queda entre 3,0 y 4,0 dB por debajo."),
        ),
        (
            [9, 12],
            10,
            10.5,
            ("cambia según la canción: de −1,0 a +2,0", "la diferencia depende de la canción: de"),
        ),
    ],
)
def test_the_cost_of_a_songs_own_rate(
    results: Results, own: list[float], same: float, similar: float, phrases: tuple[str, ...]
) -> None:
    text = said(results, own, same, similar)
    assert "la red que gastaba 18376 números gasta así 36752 en la misma música" in text
    assert "Con un 14 % más de números que el modelo de 32151" in text
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize(
    ("size", "name"),
    [(36752, "same"), (36700, "alike"), (36800, "alike"), (32151, "more"), (40000, "less")],
)
def test_how_many_numbers_are_spent(results: Results, size: int, name: str) -> None:
    models = [
        model.model_copy(update={"size": size}) if model.size == 32151 else model
        for model in results.models
    ]
    queries = OwnRateQueries(results.model_copy(update={"models": models}))
    assert queries.spending.name == name


def test_whether_all_songs_were_encoded_at_their_own_rate(results: Results) -> None:
    assert OwnRateQueries(results).covers_all
    kept = {n: each for n, each in results.numbers.items() if n != OWN.format("rap")}
    assert not OwnRateQueries(results.model_copy(update={"numbers": kept})).covers_all


def test_results_without_such_songs_say_nothing(results: Results) -> None:
    kept = {name: each for name, each in results.numbers.items() if ".own_rate." not in name}
    queries = OwnRateQueries(results.model_copy(update={"numbers": kept}))
    assert queries.model is None
    assert queries.songs == []
