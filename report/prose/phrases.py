"""Ranges, verdicts, faults and settings as phrases of chapters; the words are in words.toml."""

from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Any

from markupsafe import Markup

from pipeline.results.model_schema import Model
from report.language import spanish
from report.prose.markdown_writer import MarkdownWriter, escape, format_value
from report.queries.used_music import FaultyFile, Reason
from report.queries.used_settings import SettingRow
from report.statistics.inference import Outcome

PLACES = {"snr": 1, "log_mel": 2, "visqol": 1}
"""Decimals of the means that the rule of acceptance bounds."""

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
            "by_label": self.by_label,
            "between": self.between,
            "changes": self.changes,
            "count_range": self.count_range,
            "part_of": self.part_of,
            "on_few_clips": self.on_few_clips,
            "mean_difference": self.mean_difference,
            "difference_range": self.difference_range,
            "steps_by_size": self.steps_by_size,
            "beaten": self.beaten,
            "bounded": self.bounded,
            "unmet_reasons": self.unmet_reasons,
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

    def whole_percent(self, fraction: float) -> str:
        """Format a fraction in whole percent: 12 %."""
        return self.writer.unit(self.writer.decimal(100 * fraction, 0), "%")

    def fraction_range(self, low: float, high: float) -> Markup:
        """Say a range of fractions in whole percent."""
        return self._percentages(self.whole_percent, low, high)

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

    def changes(self, before: float, after: float, places: int) -> Markup:
        """Say how a number changes: pasa de 1,2 a 3,4; sigue en 1,2, if both are written alike."""
        first, last = (self.writer.decimal(value, places) for value in (before, after))
        if spanish.decimal(before, places) == spanish.decimal(after, places):
            return self._fill("stays", value=first)
        return self._fill("changes", before=first, after=last)

    def part_of(self, count: int, total: int, feminine: bool = False) -> Markup:
        """Say how many of several: ninguno de los tres, uno de los tres, los tres; el único or
        ninguno, of one."""
        known, several = (
            spanish.cardinal(each, self.writer.words, feminine) for each in (count, total)
        )
        name = {0: "none_of", 1: "one_of"}.get(count, "some_of")
        if total == 1:
            name = "only_one" if count else "none"
        elif count == total:
            name = "all_of"
        name += "_feminine" if feminine else ""
        return self._fill(name, count=known, total=several)

    def count_range(self, counts: Sequence[int], one: str, many: str) -> Markup:
        """Say a range of counts and their noun: cuatro sonidos, entre dos y cuatro sonidos."""
        low, high = min(counts), max(counts)
        last = self.writer.pluralize(high, one, many)
        if low == high:
            return Markup(last)
        return self._fill("between", low=spanish.cardinal(low, self.writer.words), high=last)

    # Tests --------------------------------------------------------------------------------------

    def on_few_clips(self, outcome: Outcome) -> Markup:
        """Warn, in parentheses, that an outcome rests on few test clips; else say nothing."""
        if outcome.few_clips is None:
            return Markup("")
        noun = self.writer.words("phrases.clip"), self.writer.words("phrases.clips")
        return self._fill("few_clips", clips=self.writer.pluralize(outcome.few_clips, *noun))

    def mean_difference(self, outcome: Outcome) -> Markup:
        """Say a difference without its sign: 1,2 dB [0,9; 1,5] (con solo dos fragmentos …)."""
        return self.writer.absolute_difference(outcome) + self.on_few_clips(outcome)

    def difference_range(self, outcome: Outcome, places: int = 1) -> Markup:
        """Say the range of an outcome's differences without their signs: entre 1,2 y 3,4 dB."""
        low, high = (
            self.writer.decimal(outcome.traced(end), places)
            for end in sorted((abs(outcome.low), abs(outcome.high)))
        )
        text = Markup(self.writer.unit(high, "dB"))
        if low != high:
            text = self._fill("between", low=low, high=text)
        return text + self.on_few_clips(outcome)

    def steps_by_size(self, trend: Outcome) -> Markup:
        """Say to which sizes a measure rises, falls or does neither: sube al pasar a 2 números."""
        groups = {"up_to": trend.holds, "down_to": trend.fails, "same_to": trend.undecided}
        clauses = [
            self._fill(name, sizes=self.writer.listing(reversed(sizes)))
            for name, sizes in groups.items()
            if sizes
        ]
        clauses[0] += Markup(" " + self.writer.words("phrases.numbers"))
        return Markup("; ").join(clauses)

    def beaten(self, wins: Sequence[tuple[str, Sized]], members: Sized) -> Markup:
        """Say which methods networks beat, with how many sizes: a la KLT con todos los tamaños."""
        total = len(members)
        groups: dict[int, list[str]] = {}
        for method, sizes in wins:
            groups.setdefault(len(sizes), []).append(self.writer.words(f"beaten.{method}"))
        if total == 1:
            return self.writer.listing(method for each in groups.values() for method in each)
        return self.writer.listing(
            self._fill(
                "beaten", methods=self.writer.listing(methods),
                sizes=self.writer.at_every_size(members) if count == total
                else self._fill("sizes_of", part=self.part_of(count, total)),
            )
            for count, methods in groups.items()
        )  # fmt: skip

    # The rule of acceptance ---------------------------------------------------------------------

    def bounded(self, model: Model, measure: str) -> str:
        """Format a model's mean, with more decimals if rounding would take it over its bound."""
        rule = self.writer.results.choice
        value = self.writer.number(f"reconstruction.{model.version}.{measure}").v

        def met(value: float) -> bool:
            return measure not in rule.unmet(dict.fromkeys(PLACES, value))

        first = PLACES[measure]
        kept = (n for n in range(first, first + 6) if met(round(float(value), n)) == met(value))
        return self.writer.decimal(value, next(kept, first))

    def unmet_reasons(self, model: Model, measures: Sequence[str]) -> Markup:
        """Say which means of a model are out of bounds: por la SNR (5,9 dB) y por ViSQOL (3,97)."""
        return self.writer.listing(
            self._fill(f"unmet_{measure}", value=self.bounded(model, measure))
            for measure in measures
        )

    # Outcomes -----------------------------------------------------------------------------------

    def by_label(self, outcome: Outcome, section: str, **verbs: str) -> list[Markup]:
        """Say for which labels an outcome is higher, lower or unclear, in the order of the verbs:
        "sube con A y B", "baja con C". The labels are named in that section of words.toml."""
        groups = {"higher": outcome.holds, "lower": outcome.fails, "unclear": outcome.undecided}
        return [
            Markup(f"{verb} ")
            + self.writer.listing(self.writer.words(f"{section}.{label}") for label in groups[name])
            for name, verb in verbs.items()
            if groups[name]
        ]

    def sizes_of(self, sizes: Iterable[int], family: str) -> Markup:
        """List sizes of a family: 9184 y 18 376 números de la familia X."""
        noun = self.writer.words("phrases.numbers") + self.writer.of_family(family)
        return self.writer.listing(sizes) + Markup(" ") + escape(noun)

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
