"""Numbers, dates and lists formatted by the rules of written Spanish."""

import datetime
import math
import re
from collections.abc import Iterable

from pipeline.results.schema import Number
from report.language.words import Words

THIN = "\u202f"
"""Narrow no-break space, the thousands separator."""
SPACE = "\u00a0"
"""No-break space, between a number and its unit."""
MINUS = "−"


def integer(value: int) -> str:
    """Format an integer, grouped by thousands from five digits on: 9184, 18 376, −110 250."""
    digits = str(abs(value))
    if len(digits) > 4:
        digits = f"{abs(value):,}".replace(",", THIN)
    return (MINUS if value < 0 else "") + digits


def decimal(value: float, decimals: int) -> str:
    """Format a number with a decimal comma: 0,02 or −3,1; never −0."""
    rounded = round(value, decimals)
    whole, _, fraction = f"{abs(rounded):.{decimals}f}".partition(".")
    text = integer(int(whole)) + (f",{fraction}" if fraction else "")
    return (MINUS if rounded < 0 else "") + text


def plain(value: float) -> str:
    """Format a setting with the decimals its author wrote: 0,02, 40 or 22 050."""
    return decimal(value, decimal_places(value))


def decimal_places(value: float) -> int:
    """Return the number of decimals in the shortest form of a number: 2 for 0.02, 0 for 40.0."""
    _, _, exponent = (text := repr(float(value))).partition("e")
    fraction = text.partition("e")[0].partition(".")[2].rstrip("0")
    return max(0, len(fraction) - int(exponent or 0))


def decimals_for(number: Number) -> int:
    """Return how many decimals to show of a measured number.

    With an interval: up to the first significant figure of its half-width, and at most four
    significant figures in all. Integers have none. Other numbers keep three significant figures;
    seconds and decibels without an interval, one decimal. Decibels always have at least one.
    """
    if number.interval is not None:
        low, high = number.interval
        half = (high - low) / 2
        if half > 0:
            minimum = 1 if number.unit == "dB" else 0
            by_width = decimals_for_figures(half, 1)
            return max(minimum, min(by_width, decimals_for_figures(number.value, 4)))
    if isinstance(number.value, int):
        return 0
    if number.unit in ("dB", "s"):
        return 1
    return decimals_for_figures(number.value, 3)


def decimals_for_figures(value: float, figures: int) -> int:
    """Return how many decimals show `value` with `figures` significant figures (at most ten)."""
    if value == 0:
        return 0
    return min(10, max(0, figures - 1 - math.floor(math.log10(abs(value)))))


def with_unit(text: str, unit: str) -> str:
    """Append a unit after a no-break space."""
    return f"{text}{SPACE}{unit}" if unit else text


def interval(low: float, high: float, places: int) -> str:
    """Format an interval, with a semicolon because the comma is the decimal sign."""
    return f"[{decimal(low, places)};{SPACE}{decimal(high, places)}]"


def duration(seconds: float, words: Words) -> str:
    """Format a duration with at most two units: 4,2 s, 3 min 24 s, 1 h 5 min."""
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


def pluralize(count: int, one: str, many: str, words: Words, feminine: bool = False) -> str:
    """Return a count and its noun, in words up to ten: un modelo, cinco modelos, 240 fragmentos."""
    return f"{cardinal(count, words, feminine)}{SPACE}{one if count in (0, 1) else many}"


def cardinal(count: int, words: Words, feminine: bool = False) -> str:
    """Return a count, in words up to ten, before a noun: un, dos, 11."""
    numerals = words.word_list("numerals")
    if feminine:
        different = words.word_list("numerals_feminine")
        numerals = different + numerals[len(different) :]
    return numerals[count] if count < len(numerals) else integer(count)


def date(day: datetime.date, words: Words) -> str:
    """Format a date in words: 22 de noviembre de 2026."""
    month = words.word_list("months")[day.month - 1]
    return words.fill("date", day=day.day, month=month, year=day.year)


def listing(items: Iterable[str], words: Words) -> str:
    """Join items as in prose: a, b y c; «y» becomes «e» before the sound i."""
    *others, last = items
    if not others:
        return last
    sounds_i = re.match(r"h?[ií](?![aeoáéó])", last, re.IGNORECASE)
    spoken_with_j = last.lower() in words.word_list("spoken_with_j")
    conjunction = words("and_before_i") if sounds_i and not spoken_with_j else words("and")
    return f"{', '.join(others)} {conjunction} {last}"
