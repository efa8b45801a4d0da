"""Spanish formatting of numbers, dates and lists."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.results.schema import Number
from report.language import spanish, words

WORDS = words.read()


@pytest.mark.parametrize(
    ("value", "text"),
    [(9184, "9184"), (18376, "18\u202f376"), (-1234567, "−1\u202f234\u202f567"), (0, "0")],
)
def test_integers(value: int, text: str) -> None:
    assert spanish.integer(value) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(9.61, 1, "9,6"), (-0.04, 1, "0,0"), (-3.05, 2, "−3,05"), (12345.678, 1, "12\u202f345,7")],
)
def test_decimals(value: float, places: int, text: str) -> None:
    assert spanish.decimal(value, places) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 8))
def test_decimal_round_trips(value: float, places: int) -> None:
    text = spanish.decimal(value, places)
    back = float(text.replace("\u202f", "").replace(",", ".").replace("−", "-"))
    assert back == pytest.approx(value, abs=0.51 * 10**-places, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "text"), [(0.02, "0,02"), (40.0, "40"), (5.5, "5,5"), (1e-05, "0,00001"), (5, "5")]
)
def test_plain_keeps_the_written_decimals(value: float, text: str) -> None:
    assert spanish.plain(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "interval", "places"),
    [
        (9.61, "dB", (9.02, 10.25), 1),
        (0.0823, "log10", (0.0782, 0.0868), 3),
        (26.2155, "dB", (26.21549, 26.21551), 2),
        (9.61, "dB", None, 1),
        (0.08234, "log10", None, 4),
        (36, "", None, 0),
        (3.2, "dB", (3.2, 3.2), 1),
    ],
)
def test_decimals_follow_the_uncertainty(
    value: float, unit: str, interval: tuple[float, float] | None, places: int
) -> None:
    number = Number(name="n", value=value, unit=unit, step="s", interval=interval)
    assert spanish.decimals_for(number) == places


def test_interval_uses_a_semicolon() -> None:
    assert spanish.interval(-0.5, 10.25, 1) == "[−0,5;\u00a010,2]"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.21, "4,2 s"), (59.97, "1 min"), (204, "3 min 24 s"), (3900, "1 h 5 min"), (7200, "2 h")],
)
def test_durations(seconds: float, text: str) -> None:
    assert spanish.duration(seconds, WORDS).replace("\u00a0", " ") == text


def test_dates() -> None:
    assert spanish.date(datetime.date(2026, 11, 22), WORDS) == "22 de noviembre de 2026"


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (["jazz"], "jazz"),
        (["jazz", "rock"], "jazz y rock"),
        (["blues", "jazz", "rock"], "blues, jazz y rock"),
        (["jazz", "indie"], "jazz e indie"),
        (["jazz", "hip hop"], "jazz y hip hop"),
        (["agua", "hielo"], "agua y hielo"),
        (["madre", "hija"], "madre e hija"),
    ],
)
def test_lists(items: list[str], text: str) -> None:
    assert spanish.listing(items, WORDS) == text


@pytest.mark.parametrize(
    ("count", "feminine", "text"),
    [
        (1, False, "un paso"),
        (1, True, "una paso"),
        (5, True, "cinco pasos"),
        (240, False, "240 pasos"),
    ],
)
def test_counts(count: int, feminine: bool, text: str) -> None:
    said = spanish.pluralize(count, "paso", "pasos", WORDS, feminine)
    assert said == text.replace(" ", "\u00a0")
