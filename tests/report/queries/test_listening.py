"""What is said of listeners follows from their answers, and nothing is said of too few."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.results.listening_schema import AbxFamily, AbxSize, Preference
from pipeline.results.schema import Number
from report.language import words
from report.queries.listening import ListeningQueries, version_label
from report.queries.results import Results, read


@pytest.fixture(scope="module")
def results(results_folder: Callable[[str], Path]) -> Results:
    return read(results_folder("families"))


def with_numbers(
    results: Results, family: AbxFamily, numbers: dict[str, tuple[float, float, float]]
) -> ListeningQueries:
    assert results.listening is not None
    more = {
        name: Number(name=name, value=value, unit="", step="listening", interval=(low, high))
        for name, (value, low, high) in numbers.items()
    }
    listening = results.listening.model_copy(update={"abx": [family]})
    update = {"numbers": results.numbers | more, "listening": listening}
    return ListeningQueries(results.model_copy(update=update))


def trials(size: int, count: int, power: float = 0.9) -> AbxSize:
    return AbxSize(
        size=size, trials=count, correct=0, listeners=1, told_apart=0, power=power,
        adaptive_trials=0, adaptive_correct=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("p", "outcome"),
    [((0.01, 0.02), "all"), ((0.01, 0.5), "some"), ((0.3, 0.05), "none")],
)
def test_sizes_are_told_apart_by_their_p(
    results: Results, p: tuple[float, float], outcome: str
) -> None:
    family = AbxFamily(
        family="classic", sizes=[trials(9184, 40), trials(18376, 35), trials(24496, 5)], curve=None
    )
    numbers = {
        f"listening.abx.classic.{size}.{what}": (value, 0.0, 1.0)
        for size, value in zip((9184, 18376), p, strict=True)
        for what in ("p", "proportion")
    }
    queries = with_numbers(results, family, numbers)
    found = queries.told_apart(family)
    assert found.name == outcome
    assert {*found.holds, *found.fails} == {9184, 18376}
    least = queries.least_power
    assert (least is None) == (outcome == "all")
    assert least is None or least.trials in (35, 40)


def test_few_trials_and_few_listeners_give_no_verdict(results: Results) -> None:
    family = AbxFamily(family="classic", sizes=[trials(9184, 29)], curve=None)
    queries = with_numbers(results, family, {})
    assert queries.told_apart(family).name == "few"
    assert queries.threshold("nobody").name == "unknown"
    assert results.listening is not None
    nobody = results.listening.model_copy(update={"ratings": []})
    bare = ListeningQueries(results.model_copy(update={"listening": nobody}))
    assert (bare.good("classic").name, bare.raters) == ("few", 0)


@pytest.mark.parametrize(
    ("interval", "agreement", "preference"),
    [((0.6, 0.9), "agrees", "first"), ((-0.2, 0.9), "unclear", "unclear"),
     ((-0.9, -0.1), "opposes", "second")],
)  # fmt: skip
def test_intervals_decide(
    results: Results, interval: tuple[float, float], agreement: str, preference: str
) -> None:
    name = "listening.preference.coding.latente.mp3.share"
    numbers = {"listening.agreement.snr": (0.5, *interval), name: (0.5, *interval)}
    queries = with_numbers(results, AbxFamily(family="x", sizes=[], curve=None), numbers)
    agreed = queries.agreement("snr")
    assert agreed is not None
    assert agreed.name == agreement
    pair = Preference(kind="coding", a="latente", b="mp3", won=3, lost=1, ties=2)
    assert queries.preferred(pair).name == preference
    heard = queries.heard.model_copy(update={"preferences": [pair]})
    queries = ListeningQueries(queries.results.model_copy(update={"listening": heard}))
    swapped = Preference(kind="coding", a="mp3", b="latente", won=1, lost=3, ties=2)
    decided = {"first": [pair], "second": [swapped], "unclear": []}[preference]
    assert queries.decided == decided
    assert queries.undecided == ([] if decided else [pair])


def test_versions_have_spanish_names() -> None:
    spanish = words.read()
    assert version_label("original", spanish) == "Original, escondido"
    assert version_label("anchor.3500", spanish) == "Pasabajos de 3,5 kHz"
    assert version_label("coding.opus.16", spanish) == "Opus, 16 kbit/s"
    assert version_label("adaptive.18376", spanish) == "adaptativa, 18\u202f376"


def test_a_study_without_answers_says_so(results: Results) -> None:
    bare = ListeningQueries(results.model_copy(update={"listening": None}))
    with pytest.raises(ValueError, match="no answers of listeners"):
        _ = bare.heard
