"""Numbers, names and lists as Spanish Markdown: the functions and filters of the chapters."""

import re
from collections.abc import Iterable, Sequence, Sized
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from pipeline.results.model_schema import Model
from pipeline.results.schema import Number
from pipeline.results.traced_float import TracedFloat
from pipeline.results.vector_schema import Exploration
from report.errors import ReportError
from report.language import spanish
from report.language.words import Words
from report.prose import provenance
from report.prose.provenance import Provenance
from report.queries.results import Results
from report.statistics.inference import Outcome

SAFE_IN_URL = ":/?#[]@!$&'()*+,;=%~"
NUMBER_SPAN = re.compile(r'\[((?:\\.|[^][\\])*)\]\{\.n numero="[^"]*" paso="[^"]*"\}')
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(text: str) -> Markup:
    """Escape text for Markdown, so that no name becomes markup."""
    return Markup(PUNCTUATION.sub(r"\\\1", _one_line(text)))


def _one_line(text: str) -> str:
    """Collapse whitespace; no-break spaces are kept."""
    return re.sub(r"[ \t\r\n\f\v]+", " ", text)


def code(text: str) -> Markup:
    """Format text as inline code, fenced by more backticks than it contains in a row."""
    fence = "`" * (1 + max(map(len, re.findall("`*", text))))
    space = " " if "`" in text else ""
    return Markup(f"{fence}{space}{_one_line(text)}{space}{fence}")


def link(url: str) -> Markup:
    """Format a URL as a link whose text is the URL."""
    return Markup(f"[{escape(url)}](<{quote(url, safe=SAFE_IN_URL)}>)")


def format_value(value: Any) -> Any:
    """Format the value of a `{{ }}`: strings are escaped, integers grouped.

    Raises:
        ReportError: the value is a float, a bool or None, which need a filter.
    """
    if isinstance(value, Markup | jinja2.Undefined):
        return value
    if isinstance(value, bool | float) or value is None:
        raise ReportError(f"cannot print {value!r}: format it with a filter")
    if isinstance(value, int):
        return escape(spanish.integer(value))
    return escape(str(value))


def strip_provenance(markdown: str) -> str:
    """Remove the names and steps of numbers, for outputs that do not show them."""
    return NUMBER_SPAN.sub(r"\1", markdown)


class MarkdownWriter:
    """Formats numbers with their provenance, and lists, genres and vectors in Spanish."""

    def __init__(self, results: Results, words: Words) -> None:
        self.results = results
        self.words = words
        self.provenance = Provenance(results)

    # Numbers --------------------------------------------------------------------------------

    def number(self, name: str) -> Number:
        """Return the number with this dotted name."""
        return self.results.number(name)

    def num(self, name: str) -> Markup:
        """Format a number with its unit, with as many decimals as its precision allows."""
        number = self.number(name)
        return self._cell(number, spanish.decimals_for(number), unit=True)

    def column(self, pattern: str, models: Sequence[Model]) -> list[Markup]:
        """Format a table column of one number per model, all with the median's decimals.

        `{}` in `pattern` is replaced by FAMILY.SIZE.
        """
        return self.cells([number.name for number in self.numbers(pattern, models)])

    def cells(
        self,
        names: Sequence[str | None],
        places: int | None = None,
        scale: float = 1,
        intervals: bool = True,
    ) -> list[Markup]:
        """Format a table column; None becomes a dash.

        Args:
            names: dotted names of the numbers.
            places: decimals of all cells; by default the median of what each would have.
            scale: factor applied to values and intervals.
            intervals: whether to add each number's interval.
        """
        numbers = [None if name is None else self.number(name) for name in names]
        if places is None:
            each = sorted(spanish.decimals_for(number) for number in numbers if number is not None)
            places = each[len(each) // 2]
        return [
            Markup("—")
            if number is None
            else self._cell(number, places, scale=scale, intervals=intervals)
            for number in numbers
        ]

    def rows(
        self, models: Sequence[Model], patterns: Sequence[str]
    ) -> list[tuple[Model, tuple[Markup, ...]]]:
        """Pair each model with its cells of a table that has a column per pattern."""
        columns = [self.column(pattern, models) for pattern in patterns]
        return list(zip(models, zip(*columns, strict=True), strict=True))

    def cell(self, name: str | None, *form: Any) -> Markup:
        """Format one cell of a table; see `cells`."""
        return self.cells([name], *form)[0]

    def numbers(self, pattern: str, models: Sequence[Model]) -> list[Number]:
        """Return one number per model, for claims; see `column`."""
        before, _, after = pattern.rpartition("{}")  # a song's name may contain {} too
        return [self.number(before + model.version + after) for model in models]

    def traced(self, value: float, text: str) -> str:
        """Mark the text of a value with the numbers it derives from, if it is a TracedFloat."""
        if not isinstance(value, TracedFloat) or not value.names:
            return text
        return self._marked(escape(text), value.names)

    def decimal(self, value: float, places: int) -> str:
        """Format a value with `places` decimals."""
        return self.traced(value, spanish.decimal(value, places))

    def significant(self, value: float, figures: int) -> str:
        """Format a value with `figures` significant figures."""
        places = spanish.decimals_for_figures(value, figures)
        return self.traced(value, spanish.decimal(value, places))

    def interval(self, outcome: Outcome, places: int) -> str:
        """Format the interval of an outcome, in brackets."""
        return spanish.interval(outcome.low, outcome.high, places)

    def absolute_difference(self, outcome: Outcome) -> str:
        """Format the absolute value of a difference, with its unit and interval."""
        places = 2 if outcome.unit != "dB" else 1
        low, high = sorted((abs(outcome.low), abs(outcome.high)))
        if outcome.low < 0 < outcome.high:
            low, high = outcome.low, outcome.high
        unit = self.words(f"units.{outcome.unit}") if outcome.unit else ""
        text = spanish.with_unit(spanish.decimal(abs(outcome.value), places), unit)
        cell = self._marked(escape(text), [number.name for number in outcome.numbers])
        if not outcome.has_interval:
            return cell
        return cell + Markup(f" {escape(spanish.interval(low, high, places))}")

    def signed(self, outcome: Outcome | None, places: int) -> Markup:
        """Format a difference with its sign and interval, for a table; None becomes a dash."""
        if outcome is None:
            return Markup("—")
        sign = "+" if outcome.value > 0 else ""
        text = escape(sign + spanish.decimal(outcome.value, places))
        cell = self._marked(text, [number.name for number in outcome.numbers])
        if outcome.has_interval:
            cell += Markup(f" [{escape(self.interval(outcome, places))}]{{.intervalo}}")
        return cell

    def span(self, outcome: Outcome, places: int) -> Markup:
        """Format the smallest and largest difference of an outcome over sizes, with their signs."""
        low, high = (
            ("+" if round(end, places) > 0 else "") + spanish.decimal(end, places)
            for end in (outcome.low, outcome.high)
        )
        text = low if low == high else self.words.fill("phrases.span", low=low, high=high)
        return self._marked(escape(text), [number.name for number in outcome.numbers])

    def unit(self, value: Any, unit: str) -> str:
        """Append a unit after a no-break space."""
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
        step = self.provenance.origin_id(names[0])
        name = escape(provenance.pattern(names))
        return Markup(f'[{text}]{{.n numero="{name}" paso="{step}"}}')

    # Words ----------------------------------------------------------------------------------

    def genre(self, name: str) -> str:
        """Return a genre's Spanish name, or the user's own."""
        return self.words.get(f"genres.{name}", name)

    def family(self, name: str) -> str:
        """Return a family's Spanish name, or the user's own."""
        return self.words.get(f"families.{name}", name)

    def part(self, name: str) -> str:
        """Return the Spanish name of a part of the latent vector, or the user's own."""
        return self.words.get(f"layout.{name}", name)

    def listing(self, items: Iterable[Any]) -> Markup:
        """Join items as in prose: a, b y c."""
        return Markup(spanish.listing([format_value(item) for item in items], self.words))

    def join_values(self, values: Iterable[Any], separator: str = ", ") -> Markup:
        """Format values and join them with a separator, which is Markdown."""
        return Markup(separator).join(format_value(value) for value in values)

    def refs(self, families: Iterable[str], prefix: str) -> Markup:
        """List references to PREFIX-FAMILY, numbers only."""
        return self.listing(Markup(f"[-@{prefix}-{family}]") for family in families)

    def pluralize(self, count: int, one: str, many: str, feminine: bool = False) -> str:
        """Return a count and its noun; counts up to ten are words."""
        return spanish.pluralize(count, one, many, self.words, feminine)

    def of_family(self, family: str) -> str:
        """Return " de la familia X", or nothing if the study has one family."""
        several = len(self.results.families) > 1
        return self.words.fill("phrases.of_family", family=self.family(family)) if several else ""

    def in_family(self, family: str) -> str:
        """Begin a sentence on a family: En la familia X; Aquí, if the study has one."""
        several = len(self.results.families) > 1
        name = "in_family" if several else "in_only_family"
        return self.words.fill(f"phrases.{name}", family=self.family(family))

    def sized(self, model: Model) -> str:
        """Name a model's size: 18 376 números de la familia X."""
        size = spanish.integer(model.size)
        return f"{size} {self.words('phrases.numbers')}{self.of_family(model.family)}"

    def networks(self, family: str) -> str:
        """Name a family's networks: las redes, la red; with their family if there are several."""
        name = self.plural(
            self.results.families[family], *map(self.words, ("phrases.network", "phrases.networks"))
        )
        return name + self.of_family(family)

    def plural(self, counted: Sized | int, one: str, many: str) -> str:
        """Return `one` or `many`, as a count or the length of a list asks."""
        count = counted if isinstance(counted, int) else len(counted)
        return one if count == 1 else many

    def by_size(self, outcome: Outcome, higher: str, lower: str, unclear: str) -> Markup:
        """Say for which sizes an outcome is higher, lower or unclear, each with its verb.

        One verb for all sizes: "crece con todos los tamaños"; several: "crece con 1 y 2 números,
        baja con 3 y no cambia con 4".
        """
        groups = [
            (verb, labels)
            for verb, labels in (
                (higher, outcome.holds), (lower, outcome.fails), (unclear, outcome.undecided),
            )
            if labels
        ]  # fmt: skip
        if len(groups) == 1:
            ((verb, labels),) = groups
            if verb == unclear:
                return Markup(verb)
            return Markup(f"{verb} {self.at_every_size(labels)}")
        phrases = [
            Markup(self.words.fill("phrases.with_sizes", verb=verb, sizes=self.listing(labels)))
            for verb, labels in groups
        ]
        phrases[0] += Markup(" " + self.words("phrases.numbers"))
        return self.listing(phrases)

    def at_every_size(self, sizes: Sized) -> str:
        """Return "con todos los tamaños", or "con el tamaño estudiado" if there is one."""
        return self.words("phrases.every_size" if len(sizes) > 1 else "phrases.only_size")

    def vector_name(self, vector: Exploration | str) -> str:
        """Return a vector's name for a table's first column: a word, or its size."""
        of = vector.removesuffix(".averaged") if isinstance(vector, str) else vector.of
        size = of.rpartition(".")[2]
        return spanish.integer(int(size)) if size.isdigit() else self.words(f"vectors.{of}")

    def vector_family(self, vector: str) -> str:
        """Return the family of a latent vector; a dash for the waveform and references."""
        family = vector.removesuffix(".averaged").rpartition(".")[0]
        return self.family(family) if family else "—"
