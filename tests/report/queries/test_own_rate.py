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
            ("aumenta: de +2,0 a +3,0 dB", "apenas lo supera o lo iguala: de −0,5 a +0,5 dB"),
        ),
        ([12, 13], 10, 8, ("aumenta: de", "recibe el audio remuestreado, lo supera: de")),
        (
            [8, 9],
            10,
            12,
            ("disminuye: de −2,0 a −1,0 dB", "remuestreado, queda por debajo: de −4,0 a"),
        ),
        (
            [9, 12],
            10,
            10.5,
            ("en unas canciones y no en otras", "lo supera en unas canciones y no en otras"),
        ),
    ],
)
def test_the_cost_of_a_songs_own_rate(
    results: Results, own: list[float], same: float, similar: float, phrases: tuple[str, ...]
) -> None:
    text = said(results, own, same, similar)
    assert "la red que gastaba 18376 números gasta así 36752 en la misma música" in text
    for phrase in phrases:
        assert phrase in text


def test_results_without_such_songs_say_nothing(results: Results) -> None:
    kept = {name: each for name, each in results.numbers.items() if ".own_rate." not in name}
    queries = OwnRateQueries(results.model_copy(update={"numbers": kept}))
    assert queries.model is None
    assert queries.songs == []
