"""What chapters can call: numbers, words and facts, already written as Spanish Markdown."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from report.errors import ReportError
from report.facts import Exploration
from report.networks import Model
from report.prose import provenance, spanish
from report.prose.inference import Outcome
from report.prose.provenance import Provenance
from report.prose.traced_float import TracedFloat
from report.prose.words import Words
from report.results import Number, Results

URL = ":/?#[]@!$&'()*+,;=%~"
MARKED = re.compile(r'\[((?:\\.|[^][\\])*)\]\{\.n numero="[^"]*" paso="[^"]*"\}')
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> Markup:
    """Text as Markdown that says exactly that text: no name can become markup."""
    return Markup(PUNCTUATION.sub(r"\\\1", _flat(text)))


def _flat(text: str) -> str:
    """Text in one line; no-break spaces stay."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", text)


def code(text: str) -> Markup:
    """A name as a machine reads it, between more backticks than it has in a row."""
    fence = "`" * (1 + max(map(len, re.findall("`*", text))))
    space = " " if "`" in text else ""
    return Markup(f"{fence}{space}{_flat(text)}{space}{fence}")


def link(url: str) -> Markup:
    """An address as a link to itself."""
    return Markup(f"[{escape(url)}](<{quote(url, safe=URL)}>)")


def written(value: Any) -> Any:
    """What a `{{ }}` puts in the text: names escaped, integers grouped, floats refused."""
    if isinstance(value, Markup | jinja2.Undefined):
        return value
    if isinstance(value, bool | float) or value is None:
        raise ReportError(f"{value!r} has no written form here: format it with a filter")
    if isinstance(value, int):
        return escape(spanish.integer(value))
    return escape(str(value))


def untraced(markdown: str) -> str:
    """The same document without the names that its numbers go by, for outputs that show none."""
    return MARKED.sub(r"\1", markdown)


class MarkdownWriter:
    """Writes numbers with the names they go by, and lists, genres and vectors in words."""

    def __init__(self, results: Results, words: Words) -> None:
        self.results = results
        self.words = words
        self.provenance = Provenance(results)

    # Numbers --------------------------------------------------------------------------------

    def number(self, name: str) -> Number:
        """The number of that dotted name, for sentences that reckon with it."""
        self.provenance.cite(name)
        return self.results.number(name)

    def num(self, name: str) -> Markup:
        """The number of that dotted name with its unit, to the figures it deserves."""
        number = self.number(name)
        return self._cell(number, spanish.decimals(number), unit=True)

    def column(self, pattern: str, models: Sequence[Model]) -> list[Markup]:
        """A table's column: `pattern` has {} for FAMILY.SIZE; all with the median's decimals."""
        return self.cells([number.name for number in self.numbers(pattern, models)])

    def cells(
        self,
        names: Sequence[str | None],
        places: int | None = None,
        scale: float = 1,
        intervals: bool = True,
    ) -> list[Markup]:
        """A table's column, times `scale`; all with `places` decimals, or the median's.

        A dash stands where there is no number.
        """
        numbers = [None if name is None else self.number(name) for name in names]
        if places is None:
            found = sorted(spanish.decimals(number) for number in numbers if number is not None)
            places = found[len(found) // 2]
        return [
            Markup("—")
            if number is None
            else self._cell(number, places, scale=scale, intervals=intervals)
            for number in numbers
        ]

    def numbers(self, pattern: str, models: Sequence[Model]) -> list[Number]:
        """The numbers behind a column, for claims."""
        before, _, after = pattern.rpartition("{}")  # a song's name may hold braces too
        return [self.number(before + model.version + after) for model in models]

    def traced(self, value: float, text: str) -> str:
        """The text of a value, marked with the names of the numbers behind it if it has any."""
        if not isinstance(value, TracedFloat) or not value.names:
            return text
        return self._marked(escape(text), value.names)

    def decimal(self, value: float, places: int) -> str:
        """A value with that many decimals."""
        return self.traced(value, spanish.decimal(value, places))

    def significant(self, value: float, figures: int) -> str:
        """A value with that many significant figures."""
        return self.traced(value, spanish.decimal(value, spanish.significant(value, figures)))

    def between(self, found: Outcome, places: int) -> str:
        """The interval of an outcome, in brackets."""
        return spanish.interval(found.low, found.high, places)

    def apart(self, found: Outcome) -> str:
        """By how much two means differ, without its sign, with its unit and its interval."""
        places = 2 if found.unit != "dB" else 1
        low, high = sorted((abs(found.low), abs(found.high)))
        if found.low < 0 < found.high:
            low, high = found.low, found.high
        unit = self.words(f"units.{found.unit}") if found.unit else ""
        text = spanish.with_unit(spanish.decimal(abs(found.value), places), unit)
        cell = self._marked(escape(text), [number.name for number in found.numbers])
        if not found.bounded:
            return cell
        return cell + Markup(f" {escape(spanish.interval(low, high, places))}")

    def signed(self, found: Outcome | None, places: int) -> Markup:
        """A difference with its sign and interval, for a table; a dash where there is none."""
        if found is None:
            return Markup("—")
        sign = "+" if found.value > 0 else ""
        text = escape(sign + spanish.decimal(found.value, places))
        cell = self._marked(text, [number.name for number in found.numbers])
        if found.bounded:
            cell += Markup(f" [{escape(self.between(found, places))}]{{.intervalo}}")
        return cell

    def unit(self, value: Any, unit: str) -> str:
        """A value with its unit, never parted at the end of a line."""
        if isinstance(value, Markup):
            return Markup(spanish.with_unit(value, escape(unit)))
        return spanish.with_unit(value if isinstance(value, str) else spanish.integer(value), unit)

    def _cell(
        self,
        number: Number,
        places: int,
        unit: bool = False,
        scale: float = 1,
        intervals: bool = True,
    ) -> Markup:
        text = spanish.decimal(number.value * scale, places)
        if unit:
            text = spanish.with_unit(
                text, self.words(f"units.{number.unit}") if number.unit else ""
            )
        cell = self._marked(escape(text), (number.name,))
        if number.interval is not None and not unit and intervals:
            low, high = number.interval
            between = spanish.interval(low * scale, high * scale, places)
            cell += Markup(f" [{escape(between)}]{{.intervalo}}")
        return cell

    def _marked(self, text: Markup, names: Sequence[str]) -> Markup:
        step = self.provenance.cite(*names)
        name = escape(provenance.pattern(names))
        return Markup(f'[{text}]{{.n numero="{name}" paso="{step}"}}')

    # Words ----------------------------------------------------------------------------------

    def genre(self, name: str) -> str:
        """A genre's name in Spanish, or the user's own name for it."""
        return self.words.known(f"genres.{name}", name)

    def family(self, name: str) -> str:
        """A family's name in Spanish, or the user's own."""
        return self.words.known(f"families.{name}", name)

    def listing(self, items: Iterable[Any]) -> Markup:
        """A list in prose: a, b y c."""
        return Markup(spanish.listing([written(item) for item in items], self.words))

    def row(self, values: Iterable[Any], between: str = ", ") -> Markup:
        """Values in a row."""
        return Markup(escape(between).join(written(value) for value in values))

    def refs(self, families: Iterable[str], prefix: str) -> Markup:
        """References to one thing of each family, by number alone."""
        return self.listing(Markup(f"[-@{prefix}-{family}]") for family in families)

    def several(self, count: int, one: str, many: str, feminine: bool = False) -> str:
        """How many there are, in words up to ten."""
        return spanish.several(count, one, many, self.words, feminine)

    def vector(self, found: Exploration) -> str:
        """What a vector is made of, for a table's first column."""
        if found.of in ("original", "log_mel"):
            return self.words(f"vectors.{found.of}")
        return spanish.integer(int(found.of.rpartition(".")[2]))
