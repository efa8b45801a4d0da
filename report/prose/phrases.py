"""Ranges, faults and settings as phrases of the chapters; the words are in words.toml."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from report.language import spanish
from report.prose.markdown_writer import MarkdownWriter, escape, format_value
from report.queries.used_music import FaultyFile, Reason
from report.queries.used_settings import SettingRow

MAX_LISTED = 4
"""Stretches or genres beyond which only their number is given."""


class Phrases:
    """Functions that chapters call; their values are Markdown."""

    def __init__(self, writer: MarkdownWriter) -> None:
        self.writer = writer

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions by the name that templates use."""
        return {
            "percent": self.percent,
            "percent_range": self.percent_range,
            "fraction_range": self.fraction_range,
            "between": self.between,
            "absent_genres": self.absent_genres,
            "seconds_list": self.seconds_list,
            "fault_reasons": self.fault_reasons,
            "setting_value": self.setting_value,
        }

    def _fill(self, name: str, **values: object) -> Markup:
        """Return a phrase of words.toml, with its blanks filled with Markdown."""
        return Markup(self.writer.words.fill(f"phrases.{name}", **values))

    # Ranges -------------------------------------------------------------------------------------

    def percent(self, value: float) -> str:
        """Format a percentage with two significant figures: 12 %, 0,034 %."""
        return self.writer.unit(self.writer.significant(value, 2), "%")

    def percent_range(self, values: Sequence[float]) -> Markup:
        """Say a range of percentages: el 12 %, entre el 12 % y el 20 %."""
        return self._percentages(self.percent, min(values), max(values))

    def fraction_range(self, low: float, high: float) -> Markup:
        """Say a range of fractions in whole percent."""
        return self._percentages(
            lambda value: self.writer.unit(self.writer.decimal(value, 0), "%"),
            100 * low, 100 * high,
        )  # fmt: skip

    def _percentages(self, say: Callable[[float], str], low: float, high: float) -> Markup:
        if say(float(low)) == say(float(high)):
            return self._fill("percentage", value=say(high))
        return self._fill("percentages", low=say(low), high=say(high))

    def between(self, places: int, low: float, high: float) -> Markup:
        """Say a range of numbers: 0,21, de 0,21 a 0,28."""
        first, last = (self.writer.decimal(value, places) for value in (low, high))
        if spanish.decimal(low, places) == spanish.decimal(high, places):
            return Markup(last)
        return self._fill("span", low=first, high=last)

    # Music --------------------------------------------------------------------------------------

    def absent_genres(self, names: Sequence[str]) -> Markup:
        """Say of which genres there is no clip."""
        if len(names) > MAX_LISTED:
            total = len(self.writer.results.data.genres)
            return self._fill("absent_many", count=len(names), total=total)
        return self._fill("absent_few", genres=self.writer.listing(map(self.writer.genre, names)))

    def seconds_list(self, starts: Sequence[float]) -> Markup:
        """List times in a file."""
        return self.writer.listing(map(self._seconds, starts))

    def _seconds(self, value: float) -> Markup:
        return escape(spanish.with_unit(spanish.plain(value), "s"))

    def fault_reasons(self, file: FaultyFile) -> Markup:
        """Say everything that is wrong with a file."""
        return Markup("; ").join(map(self._fault, file.reasons))

    def _fault(self, reason: Reason) -> Markup:
        missing = start = Markup("")
        if reason.value is not None:
            seconds = escape(spanish.with_unit(spanish.decimal(reason.value, 2), "s"))
            name = {"too_short": "fault_lasts", "damaged": "fault_lacks"}.get(reason.kind)
            missing = self._fill(name, value=seconds) if name else missing
        if reason.starts:
            start = self._fill("fault_from", start=self._seconds(reason.starts[0]))
        return self._fill(
            f"fault_{reason.kind}", where=self._where(reason.starts), missing=missing, start=start
        )

    def _where(self, starts: Sequence[float]) -> Markup:
        """Say in which stretches of a file something is wrong."""
        if not starts:
            return Markup("")
        if len(starts) > MAX_LISTED:
            return self._fill("where_many", count=len(starts), first=self._seconds(starts[0]))
        name = "where_one" if len(starts) == 1 else "where_few"
        return self._fill(name, starts=self.seconds_list(starts))

    # Settings -----------------------------------------------------------------------------------

    def setting_value(self, row: SettingRow) -> Markup:
        """Format a setting's value for a table."""
        value, words = row.value, self.writer.words
        if isinstance(value, bool):
            return escape(words("setting_values.yes" if value else "setting_values.no"))
        if isinstance(value, str):
            return escape(words.get(f"setting_values.{row.name}.{value}", value))
        if isinstance(value, list | tuple):
            return self.writer.listing(value)
        return Markup(format_value(self.writer.unit(spanish.plain(value), row.unit)))
