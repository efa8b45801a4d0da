"""Numbers, dates and lists as Spanish writes them."""

import datetime
import math
import re
from collections.abc import Iterable

from report.prose.words import Words
from report.results import Number

THIN = "\u202f"
"""Narrow no-break space, between thousands."""
SPACE = "\u00a0"
"""No-break space, between a number and what it counts."""
MINUS = "−"


def integer(value: int) -> str:
    """An integer with thousands set apart from five figures on: 9184, 18 376, −110 250."""
    figures = str(abs(value))
    if len(figures) > 4:
        figures = f"{abs(value):,}".replace(",", THIN)
    return (MINUS if value < 0 else "") + figures


def decimal(value: float, decimals: int) -> str:
    """A number with a decimal comma and that many decimals: 0,02 or −3,1; never −0."""
    rounded = round(value, decimals)
    whole, _, fraction = f"{abs(rounded):.{decimals}f}".partition(".")
    text = integer(int(whole)) + (f",{fraction}" if fraction else "")
    return (MINUS if rounded < 0 else "") + text


def plain(value: float) -> str:
    """A setting as its author wrote it: 0,02, 40 or 22 050."""
    return decimal(value, places(value))


def places(value: float) -> int:
    """Decimals of a number as it stands: 2 for 0.02, 0 for 40.0."""
    _, _, exponent = (text := repr(float(value))).partition("e")
    fraction = text.partition("e")[0].partition(".")[2].rstrip("0")
    return max(0, len(fraction) - int(exponent or 0))


def decimals(number: Number) -> int:
    """How many decimals a number deserves.

    With an interval, as many as the first significant figure of its half-width, and four figures
    in all at most. An integer has none. Any other number keeps three significant figures, or one
    decimal in seconds and decibels, which have one in any case.
    """
    if number.interval is not None:
        low, high = number.interval
        half = (high - low) / 2
        if half > 0:
            least = 1 if number.unit == "dB" else 0
            return max(least, min(significant(half, 1), significant(number.value, 4)))
    if isinstance(number.value, int):
        return 0
    if number.unit in ("dB", "s"):
        return 1
    return significant(number.value, 3)


def significant(value: float, figures: int) -> int:
    """Decimals that show `value` with that many significant figures (at most ten)."""
    if value == 0:
        return 0
    return min(10, max(0, figures - 1 - math.floor(math.log10(abs(value)))))


def with_unit(text: str, unit: str) -> str:
    """The number and its unit, never parted at the end of a line."""
    return f"{text}{SPACE}{unit}" if unit else text


def interval(low: float, high: float, places: int) -> str:
    """An interval; a semicolon parts its ends, for the comma is the decimal sign."""
    return f"[{decimal(low, places)};{SPACE}{decimal(high, places)}]"


def duration(seconds: float, words: Words) -> str:
    """A duration with two units at most: 4,2 s, 3 min 24 s, 1 h 5 min."""
    h, m, s = (words(f"duration.{unit}") for unit in ("hours", "minutes", "seconds"))
    if seconds < 60 and round(seconds, 1) < 60:
        return with_unit(decimal(seconds, 1), s)
    whole = round(seconds)
    if whole < 3600:
        parts = [(whole // 60, m), (whole % 60, s)]
    else:
        minutes = round(seconds / 60)
        parts = [(minutes // 60, h), (minutes % 60, m)]
    return SPACE.join(with_unit(integer(n), unit) for n, unit in parts if n)


def several(count: int, one: str, many: str, words: Words, feminine: bool = False) -> str:
    """How many there are, in words up to ten: un modelo, cinco modelos, 240 fragmentos."""
    numerals = words.several("numerals")
    if feminine:
        few = words.several("numerals_feminine")
        numerals = few + numerals[len(few) :]
    number = numerals[count] if count < len(numerals) else integer(count)
    return f"{number}{SPACE}{one if count in (0, 1) else many}"


def date(day: datetime.date, words: Words) -> str:
    """A date in words: 22 de noviembre de 2026."""
    month = words.several("months")[day.month - 1]
    return words("date").format(day=day.day, month=month, year=day.year)


def listing(items: Iterable[str], words: Words) -> str:
    """A list in prose: a, b y c; «e» stands for «y» before the sound i."""
    *others, last = items
    if not others:
        return last
    sounds_i = re.match(r"h?[ií](?![aeoáéó])", last, re.IGNORECASE)
    spoken_with_j = last.lower() in words.several("spoken_with_j")
    joint = words("and_before_i") if sounds_i and not spoken_with_j else words("and")
    return f"{', '.join(others)} {joint} {last}"
